"""From findings and judgements to answers and a state: pure, and always derived when read.

A state is over the formal verdict and never against it: only what fails gives ``stop``, ``close``
or ``finish``, only what is not known gives ``unknown`` or ``waiting``. docs/verdict.md has the
rules with their reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asmrmaster.presets import GROUPS, Group
from asmrmaster.presets.words import words
from asmrmaster.report.answered import (
    Answer,
    Answered,
    AnswerState,
    Grade,
    Judgement,
    Place,
    ResultState,
)
from asmrmaster.report.facts import Declared, Finding, MeasurementData, ReviewPoint, Verdict
from asmrmaster.report.grading import (
    ANSWERS,
    heaviest,
    of_group,
    only_the_sudden_sound,
    placed,
)
from asmrmaster.report.headline import finish_sentence, headline, second_line, sudden_sentence
from asmrmaster.report.moments import moments, of_place, quieter, settled
from asmrmaster.report.sentences import (
    at_times,
    capital,
    counted,
    listed,
    plain,
    tag,
    titles,
)

PEOPLE: tuple[Group, ...] = ("content", "heard")
"""Questions that only people answer; what is not known of the others was not measured."""
MOST_SENTENCES = 2

Graded = list[tuple[Finding, Grade | None]]


@dataclass(frozen=True)
class Known:
    """All that answers are derived from. order: the questions as the profile orders them."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    measured: MeasurementData
    review: tuple[ReviewPoint, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    declared: Declared | None = None
    order: tuple[Group, ...] = GROUPS


def answered(known: Known) -> Answered:
    """State, headline, answers and moments."""
    findings = tuple(placed(finding) for finding in known.findings)
    found = moments(findings, known.measured.curves.get("momentary_lufs"))
    offered = quieter(known.review, found, most_offered(findings))
    graded = {group: of_group(findings, group) for group in known.order}
    answers = tuple(
        _answer(group, graded, known, found, (*found, *offered)) for group in known.order
    )
    state = _state(known, findings, graded, answers)
    return Answered(
        state=state,
        headline=headline(state, answers, graded, found),
        second_line=second_line(
            state, graded, found, known.measured, listening(known, (*found, *offered))
        ),
        answers=answers,
        moments=found,
        quieter=offered,
    )


def most_offered(findings: Sequence[Finding]) -> int:
    """How many places the profile wants to be heard."""
    wanted = [f.limit.min for f in findings if f.criterion == "O9" and f.limit.min is not None]
    return round(max(wanted, default=5.0))


def _state(
    known: Known,
    findings: Sequence[Finding],
    graded: Mapping[Group, Graded],
    answers: Sequence[Answer],
) -> ResultState:
    state = _by_grades(graded, answers)
    if state in ("meets", "waiting", "finish", "close") and any(f.beyond for f in findings):
        return "unknown"
    if known.verdict == "does not meet" and state in ("meets", "waiting"):
        return "stop"  # a failure that no question holds is one all the same
    if known.verdict == "not assessed" and state == "meets":
        return "unknown"
    return state


def _by_grades(graded: Mapping[Group, Graded], answers: Sequence[Answer]) -> ResultState:
    grades = {group: {g for _, g in found} for group, found in graded.items()}
    if any(one.state == "not_fine" for one in answers):
        return "stop"
    if any("unknown" in g for group, g in grades.items() if group not in PEOPLE):
        return "unknown"
    if any("close" in g for g in grades.values()):
        return "close"
    if any("fix" in g for g in grades.values()):
        return "finish"
    return "waiting" if any("unknown" in g for g in grades.values()) else "meets"


def _answer(
    group: Group,
    graded: Mapping[Group, Graded],
    known: Known,
    found: Sequence[Place],
    places: Sequence[Place],
) -> Answer:
    own = graded[group]
    grade = heaviest(own)
    state: AnswerState = "fine" if grade is None else ANSWERS[grade]
    sentence, brief = "", ""
    if group == "heard":
        state, sentence, brief = _heard(known, own, state, places)
    elif group == "content":
        state, sentence, brief = _content(known, own, state)
    elif group == "level" and only_the_sudden_sound(own, found, _sudden_wrong(graded)):
        times = at_times(event.start_s for event in own[0][0].events)
        state, sentence = "look", f"Only the sudden sound {times}."
        brief = f"Only {times}."
    elif group == "sudden" and grade in ("bad", "close", "hint"):
        sentence = sudden_sentence(own, found)
        brief = _brief_sudden(sentence, own, found)
    elif state == "fine":
        sentence, brief = _fine(group, known), "Fine."
    elif group == "finish" and grade == "fix":
        sentence = brief = finish_sentence(own)
    else:
        sentence, brief = _wrong(own, grade, known.measured)
    return Answer(
        question=group,
        state=state,
        sentence=sentence,
        brief=brief or sentence,
        criteria=tuple(f.criterion for f, _ in own),
        close=any(g == "close" for _, g in own),
    )


def _sudden_wrong(graded: Mapping[Group, Graded]) -> bool:
    return any(g in ("bad", "close") for _, g in graded["sudden"])


def _brief_sudden(sentence: str, own: Graded, found: Sequence[Place]) -> str:
    sudden = [place.at_s for place in found if place.sudden]
    if own[0][1] == "bad" and sudden and any(f.criterion in ("O1a", "O1b") for f, g in own if g):
        return f"{capital(at_times(sudden))}."
    return sentence


def _fine(group: Group, known: Known) -> str:
    return words().groups[group].fine if known.findings else ""


def _wrong(own: Graded, grade: Grade | None, measured: MeasurementData) -> tuple[str, str]:
    """The sentences of the heaviest findings in full, and in brief."""
    worst = [f for f, g in own if g == grade]
    if grade == "hint":
        named = titles(worst) if len(worst) > 1 else plain(worst[0], measured)
        return named, named
    if grade == "unknown":
        said = list(dict.fromkeys(plain(f, measured) for f in worst))
        return said[0], said[0]
    said = [plain(f, measured) for f in worst[:MOST_SENTENCES]]
    return " ".join(said), said[0]


def _content(known: Known, own: Graded, state: AnswerState) -> tuple[AnswerState, str, str]:
    tags = known.declared.tags if known.declared else None
    core = [one for one in tags or () if one in _MISOPHONIA]
    wrong = [f for f, g in own if g in ("bad", "close", "fix")]
    said = [plain(f, known.measured, core if f.criterion == "C2" else tags) for f in wrong]
    if state == "not_fine" or (said and tags is not None):
        return state, " ".join(said), said[0]
    if tags is None:
        text = "Nothing declared."
        return "not_known", " ".join([*said, text]), text
    text = f"Declared: {listed([tag(one) for one in tags]) or 'none of the listed sounds'}."
    if state == "not_known":
        missing = "How listeners are told beforehand is not declared."
        return state, f"{text} {missing}", "Forewarning not declared."
    return state, text, text


_MISOPHONIA = frozenset({"mouth", "eating", "breathing", "throat", "tapping-clicking"})


def _heard(
    known: Known, own: Graded, state: AnswerState, places: Sequence[Place]
) -> tuple[AnswerState, str, str]:
    said = listening(known, places)
    if any(g == "bad" for _, g in own) or said.unwelcome:
        brief = f"{capital(counted(said.unwelcome or 1))} unwelcome."
        return "not_fine", said.sentence or brief, brief
    if said.complete:
        return "fine", said.sentence, "None unwelcome."
    return "not_known", said.sentence, said.brief


@dataclass(frozen=True)
class Listening:
    """Who listened, in a sentence; how many moments were judged unwelcome; whether all that is
    offered is settled."""

    sentence: str
    brief: str
    unwelcome: int = 0
    complete: bool = False


def listening(known: Known, places: Sequence[Place]) -> Listening:
    """What people who listened made of it."""
    if not known.judgements:
        return _confirmed(known)
    unwelcome: dict[str, int] = {}
    for place in places:
        for who in {j.who for j in of_place(place, known.judgements) if j.answer == "unwelcome"}:
            unwelcome[who] = unwelcome.get(who, 0) + 1
    stray = [
        j
        for j in known.judgements
        if j.answer == "unwelcome" and not any(j in of_place(p, known.judgements) for p in places)
    ]
    for who in {j.who for j in stray}:
        unwelcome[who] = unwelcome.get(who, 0) + sum(j.who == who for j in stray)
    who = listed(list(dict.fromkeys(j.who for j in known.judgements)))
    if unwelcome:
        parts = [f"{name} found {counted(n)} unwelcome" for name, n in unwelcome.items()]
        moments_ = sum(
            any(j.answer == "unwelcome" for j in of_place(p, known.judgements)) for p in places
        )
        return Listening(f"{listed(parts)}.", "", max(moments_, len(stray) > 0), False)
    done = sum(settled(place, known.judgements) for place in places)
    if places and done == len(places):
        return Listening(f"{who} listened to all moments; none unwelcome.", "", 0, True)
    share = f"{capital(counted(done))} of {counted(len(places))} moments settled."
    return Listening(f"{who} listened; {share[:1].lower()}{share[1:]}", share, 0, False)


def _confirmed(known: Known) -> Listening:
    """Of a file somebody signed for as a whole, or by its declarations."""
    by = known.declared.reviewed_by if known.declared else ""
    passed = any(f.criterion == "O9" and f.state == "pass" for f in known.findings)
    if by and passed:
        return Listening(f"{by} listened to all moments; none unwelcome.", "", 0, True)
    if by:
        return Listening(f"{by} listened to some moments.", "Some moments.", 0, False)
    return Listening("Nobody has listened yet.", "Nobody yet.", 0, False)
