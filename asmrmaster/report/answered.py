"""What is said of a file above its findings: answers, a headline, moments and who judged them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from asmrmaster.presets import Group
from asmrmaster.report.plain import Data

Grade = Literal["bad", "close", "hint", "unknown", "fix"]
"""How heavily a finding that does not pass weighs."""
AnswerState = Literal["not_fine", "look", "not_known", "fix", "fine"]
ResultState = Literal["stop", "unknown", "close", "finish", "waiting", "meets"]
"""What a file amounts to, the heaviest first."""
Opinion = Literal["welcome", "unsure", "unwelcome"]

NAME_CHARACTERS, NOTE_CHARACTERS = 200, 500


class Judgement(Data):
    """What a person who listened says of a moment. No entry replaces another.

    at_s: the moment. gently, as_it_is: how often it was played here, each way; zero of both says
    that it was not played here.
    """

    who: Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS)]
    when: Annotated[str, Field(max_length=40, description="date, ISO 8601")]
    at_s: Annotated[float, Field(ge=0)]
    answer: Opinion
    note: Annotated[str, Field(max_length=NOTE_CHARACTERS)] = ""
    gently: Annotated[int, Field(ge=0)] = 0
    as_it_is: Annotated[int, Field(ge=0)] = 0


class Place(Data):
    """A stretch to be listened to.

    at_s: the time that is named. criteria: what does not pass here; none at a quieter place.
    sudden: whether a sound is new or louder than all before. rise_lu: how far it stands above what
    was just before, None where that cannot be told. sentence: what it is, in words.
    """

    start_s: float
    end_s: float
    at_s: float
    criteria: tuple[str, ...] = ()
    sudden: bool = False
    rise_lu: float | None = None
    sentence: str = ""


class Answer(Data):
    """What the findings of a question amount to.

    sentence: in full. brief: beside the question's title. criteria: their findings, the heaviest
    first. close: whether a level is missed by no more than its close margin.
    """

    question: Group
    state: AnswerState
    sentence: str
    brief: str
    criteria: tuple[str, ...]
    close: bool = False


class ChangedLimit(Data):
    """One thing in which a profile differs from the shipped one.

    old, new: as they are printed. direction: empty where it is neither.
    """

    criterion: str
    title: str
    old: str
    new: str
    direction: Literal["looser", "stricter", ""] = ""


class Headline(Data):
    """The sentence on top, and the one below it."""

    state: ResultState
    text: str
    second_line: str


class Answered(Data):
    """All that is derived from findings and judgements."""

    state: ResultState
    headline: str
    second_line: str
    answers: tuple[Answer, ...]
    moments: tuple[Place, ...]
    quieter: tuple[Place, ...]

    def answer(self, question: Group) -> Answer:
        """The answer to a question."""
        return next(one for one in self.answers if one.question == question)

    @property
    def places(self) -> tuple[Place, ...]:
        """All that is offered to be judged: what was found, then the quieter ones."""
        return (*self.moments, *self.quieter)
