"""What a meter is, and what it gives: values, curves and events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import HOP_S as HOP_S
from asmrmaster.streams.audio import Block


@dataclass(frozen=True)
class Quantity:
    """A named number: ``name`` ends in its unit (``integrated_lufs``).

    title: a few plain words. definition: one sentence. source: standard and clause, or the paper.
    decimals: how many make sense in print. assumes: the quantity this one rests on without having
    measured it, whose value is printed beside it. flag: 1 is printed as yes and 0 as no.
    bound_unless: a quantity and its value; where that has another, this is only a lower bound.
    """

    name: str
    unit: str
    title: str
    definition: str
    source: str
    decimals: int = 1
    assumes: str = ""
    flag: bool = False
    bound_unless: tuple[str, float] | None = None

    @property
    def is_level(self) -> bool:
        """Whether it rises by as many dB as the whole file is made louder by."""
        return self.unit in ("LUFS", "dBFS", "dBFS(A)", "dBTP")


@dataclass(frozen=True)
class Event:
    """A moment with a size: what quantity it belongs to, where it is and how large.

    start_s, end_s: seconds from the start of the file. channel: 0-based, None for all.
    size: in the unit of the quantity.
    """

    quantity: str
    start_s: float
    end_s: float
    size: float
    channel: int | None = None


@dataclass(frozen=True)
class Curve:
    """Numbers over time: point k stands for [start_s + k·hop_s, start_s + (k+1)·hop_s).

    values: shape (points,) or (points, columns); linear energy where the name says energy.
    """

    values: NDArray[np.floating[Any]]
    hop_s: float
    unit: str
    start_s: float = 0.0


@dataclass(frozen=True)
class Measurement:
    """What was measured. A value is None where it cannot be measured; never NaN or infinite."""

    values: Mapping[str, float | None] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    @staticmethod
    def merge(parts: Iterable[Measurement]) -> Measurement:
        """One measurement out of several that share no name."""
        values: dict[str, float | None] = {}
        curves: dict[str, Curve] = {}
        events: list[Event] = []
        for part in parts:
            values.update(part.values)
            curves.update(part.curves)
            events.extend(part.events)
        return Measurement(values, curves, tuple(events))


class Meter(ABC):
    """Hears samples: blocks in, one measurement out.

    Push, because many meters share one pass. The result may not depend on how the sound was cut
    into blocks. A meter never writes into a block.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = ()
    """The values this meter returns: exactly these, always."""
    raw: ClassVar[bool] = False
    """Whether it gets NaN and infinity as they come, in double precision; the others get 0 in
    their place."""
    double: ClassVar[bool] = False
    """Whether it needs double precision; the others get single where the sound fits into it."""

    def __init__(self, rate: int, channels: int) -> None:
        self.rate = rate
        self.channels = channels

    @abstractmethod
    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""

    @abstractmethod
    def result(self) -> Measurement:
        """What was measured so far. May be called once, after the last block."""


class Reading(ABC):
    """Reads what meters measured: values and events worked out from curves, without samples.

    The same reading judges a written file and forecasts a planned one (a gain is applied to the
    energy curves and they are read again), so screening and planning cannot disagree.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = ()
    needs: ClassVar[tuple[str, ...]] = ()
    """Names of the curves it reads."""

    @classmethod
    @abstractmethod
    def read(cls, measured: Measurement) -> Measurement:
        """Values for exactly ``quantities``, from curves and from values that were read earlier."""
