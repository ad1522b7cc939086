"""Re-entry: how slowly sound comes back after a long quiet."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.meters.base import HOP_S, Event, Measurement, Quantity, Reading
from asmrmaster.meters.loudness import S_HOPS

Levels = NDArray[np.floating]

QUIET_S = 10.0
QUIET_LU, BACK_LU = -20.0, -3.0


class Reentry(Reading):
    """What happens after 10 s or more with short-term loudness 20 LU below programme loudness."""

    needs = ("k_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "min_reentry_s", "s", "fastest return after quiet",
            "After 10 s or more with short-term loudness more than 20 LU below programme loudness, "
            "the shortest time momentary loudness takes from 20 to 3 LU below it. Where there is "
            "no such quiet, or nothing comes back from it, there is no value.",
            "asmrmaster, on EBU Tech 3341 (2023)",
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The value, and an event for each return."""
        name = cls.quantities[0].name
        programme = measured.values["integrated_lufs"]
        if programme is None:
            return Measurement({name: None})
        short_term = measured.curves["short_term_lufs"].values
        momentary = measured.curves["momentary_lufs"].values
        events = [
            Event(name, leaves * HOP_S, back * HOP_S, (back - leaves) * HOP_S)
            for leaves, back in find_returns(short_term, momentary, programme)
        ]
        least = min((event.size for event in events), default=None)
        return Measurement({name: least}, events=tuple(events))


def find_returns(
    short_term_lufs: Levels, momentary_lufs: Levels, programme_lufs: float
) -> list[tuple[int, int]]:
    """Hops where momentary loudness leaves a long quiet and where it is back, for each return.

    Both levels by hop, as in ``meters.loudness``. Quiet counts from the first whole window.
    """
    quiet = short_term_lufs < programme_lufs + QUIET_LU
    quiet[: S_HOPS - 1] = False
    turns = np.flatnonzero(np.diff(quiet, prepend=False))
    nothing = np.full(len(turns) % 2, len(quiet))  # a last quiet has no end
    runs = np.append(turns, nothing).reshape(-1, 2)
    followers = np.append(runs[1:, 0], len(quiet))
    full = momentary_lufs >= programme_lufs + BACK_LU
    returns = []
    for (start, end), following in zip(runs, followers, strict=False):
        back = int(full[end:following].argmax()) if end < following else 0
        if (end - start) * HOP_S < QUIET_S or not full[end : end + back + 1].any():
            continue
        low = np.flatnonzero(momentary_lufs[start : end + 1] < programme_lufs + QUIET_LU)
        returns.append((int(start + low[-1]), int(end + back)))
    return returns
