"""What a stage is: one thing done to the sound, a stream in and a stream out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from asmrmaster.streams.audio import Audio

F = TypeVar("F", bound=np.floating[Any])


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

    What a stage does is its ``stream``: it wraps sound in another one of the same rate, channels
    and frames. State lives in the generator's local variables, look-ahead is reading on, the tail
    is written after the loop; so every pass starts fresh and an impulse stays at its frame. The
    result does not depend on how the sound was cut into blocks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    name: ClassVar[str]
    title: ClassVar[str]
    done: ClassVar[str] = "shaped"
    """What it has done, to go on with where: "clicks removed in two places"."""

    @property
    def idle(self) -> bool:
        """Whether this stage is known to leave every sound as it is."""
        return False

    @abstractmethod
    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound after this stage; edits are told to ``log`` while the stream is pulled."""

    @overload
    def __call__(self, sound: Audio, log: EditLog = no_log, /) -> Audio: ...

    @overload
    def __call__(
        self, sound: NDArray[F], sample_rate: float, log: EditLog = no_log
    ) -> NDArray[F]: ...

    def __call__(self, sound: Any, sample_rate: Any = None, log: EditLog = no_log) -> Any:
        """The sound after this stage: of an array another array, of a stream another stream.

        Parameters
        ----------
        sound : numpy.ndarray or Audio
            Samples in floating point, full scale ±1.0, of shape (frames,), (frames, channels) or
            (channels, frames); so a stage stands beside the effects of other libraries.
        sample_rate : float
            In Hz; of an array alone, a stream knows its own.
        log : callable, optional
            Is given each ``Edit`` this stage makes.

        Returns
        -------
        numpy.ndarray or Audio
            As long, in the same layout and precision. What was given is not written into.

        Raises
        ------
        WrongTypeError, ParameterError
            A TypeError and a ValueError, for what is no sound; before anything is changed.

        Examples
        --------
        >>> import numpy as np
        >>> from asmrmaster import Limiter
        >>> x = np.zeros((2, 48_000), dtype=np.float32)
        >>> x[:, 1_000] = 1.0
        >>> y = Limiter(ceiling_dbtp=-6.0)(x, 48_000)
        >>> y.shape, y.dtype, bool(abs(y).max() < 10 ** (-6 / 20))
        ((2, 48000), dtype('float32'), True)
        """
        if isinstance(sound, Audio):
            return self.stream(sound, log if sample_rate is None else sample_rate)
        from asmrmaster.audio.arrays import recognised  # only here: streams do without

        given = recognised(sound, sample_rate)
        return given.restored(self.stream(given.audio, log).to_array())
