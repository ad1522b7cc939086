"""Moments that come in crowds, told as stretches of time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asmrmaster.meters.base import Event

JOIN_S = 1.0
"""Moments less than this apart are one event: a listener looks at both or at none."""


class Stretches:
    """Joins moments, told in the order of time, into events at least ``JOIN_S`` apart."""

    def __init__(self, quantity: str, channel: int | None = None) -> None:
        self._quantity, self._channel = quantity, channel
        self._events: list[Event] = []

    def extend(
        self, start_s: NDArray[np.float64], end_s: NDArray[np.float64], size: NDArray[np.float64]
    ) -> None:
        """The next moments, arrays of one shape; the sizes of joined moments are added."""
        if not start_s.size:
            return
        apart = start_s[1:] - end_s[:-1] >= JOIN_S
        first = np.append(0, np.flatnonzero(apart) + 1)
        last = np.append(first[1:], len(start_s)) - 1
        sizes = np.add.reduceat(size, first)
        for start, end, total in zip(start_s[first], end_s[last], sizes, strict=True):
            self._add(Event(self._quantity, float(start), float(end), float(total), self._channel))

    def _add(self, event: Event) -> None:
        if self._events and event.start_s - self._events[-1].end_s < JOIN_S:
            before = self._events.pop()
            size = before.size + event.size
            event = Event(event.quantity, before.start_s, event.end_s, size, event.channel)
        self._events.append(event)

    @property
    def events(self) -> tuple[Event, ...]:
        """What was told so far."""
        return tuple(self._events)
