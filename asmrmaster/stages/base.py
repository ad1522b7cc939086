"""What a stage is: one thing done to the sound, a stream in and a stream out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from asmrmaster.streams.audio import Audio


@dataclass(frozen=True)
class Edit:
    """A logged change: which stage did what, where, how much and why.

    start_s, end_s: seconds. channel: 0-based, None for all. amount_db: level change, negative is
    quieter. reason: plain words. evidence: what was measured that led to it, name → number.
    first_frame: where it starts, for stages whose edits can be left out one by one.
    """

    stage: str
    start_s: float
    end_s: float
    amount_db: float
    reason: str
    channel: int | None = None
    evidence: tuple[tuple[str, float], ...] = ()
    first_frame: int | None = None

    @property
    def id(self) -> str:
        """Name of this edit that another pass over the same take gives it again.

        Stage, channel counted from 1 (0 for all) and first frame: ``declick-1-0483021``. Empty
        where the stage gives no first frame.
        """
        if self.first_frame is None:
            return ""
        return edit_id(self.stage, self.channel, self.first_frame)


def edit_id(stage: str, channel: int | None, first_frame: int) -> str:
    """The name of an edit, see ``Edit.id``."""
    return f"{stage}-{0 if channel is None else channel + 1}-{first_frame:07d}"


EditLog = Callable[[Edit], None]


def no_log(edit: Edit) -> None:
    """Forget an edit."""


class Stage(BaseModel):
    """Frozen parameters with range, unit (in the name) and help in one place, the field.

    Calling a stage wraps a stream in another one of the same rate, channels and frames. State
    lives in the generator's local variables, look-ahead is reading on, the tail is written after
    the loop; so every pass starts fresh and an impulse stays at its frame. The result does not
    depend on how the sound was cut into blocks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: ClassVar[str]
    title: ClassVar[str]

    @property
    def idle(self) -> bool:
        """Whether this stage is known to leave every sound as it is."""
        return False

    @abstractmethod
    def __call__(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound after this stage; edits are told to ``log`` while the stream is pulled."""
