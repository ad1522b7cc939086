"""What lies before a programme: digital silence, or room tone that was recorded before it began.

Nobody gets used to silence, and room tone that the creator did not mean is no history either: what
follows is the beginning, and not a moment that is new against it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.floating[Any]]

SILENT_LUFS = -85.0
"""Below this lies digital silence, also of 16 bits with dither (RMS -93 dBFS)."""
LEAST_S = 5.0
"""A shorter lead-in is the breath before a programme."""
BELOW_LU = 30.0
"""Room tone lies this far below the programme all the time."""
_FULL_LU = 15.0
"""From this far below its own loudness on a programme has begun, …"""
_LASTING_S, _LASTING_SHARE = 30.0, 0.5
"""… if it stays there for most of what follows: a slam in a quiet bed begins no programme."""
_ONSET_S = 0.1
"""By so much, or less, it began earlier; room tone is cut at a whole second."""
_RISE_S = 2.0
"""A programme may rise from its room tone for so long."""


class LeadIn(NamedTuple):
    """seconds: where the programme begins. level_lufs: of the loudest moment before it, None for
    digital silence."""

    seconds: float
    level_lufs: float | None


def first_sound(momentary_lufs: Levels) -> int:
    """The first point that is not silent, of levels of shape (points,); all of them if none is."""
    loud = momentary_lufs > SILENT_LUFS
    return int(loud.argmax()) if loud.any() else len(loud)


def lead_in(momentary_lufs: Levels, programme_lufs: float, step_s: float) -> LeadIn | None:
    """What lies before the programme; None where it begins at once, or rises from quiet sound.

    momentary_lufs: loudness of the 0.4 s that end at each point, shape (points,), every ``step_s``.
    """
    if not len(momentary_lufs):
        return None
    silent = first_sound(momentary_lufs)
    begun = momentary_lufs > programme_lufs - _FULL_LU
    first = int(begun.argmax())
    lasting = begun[first : first + round(_LASTING_S / step_s)]
    before = momentary_lufs[: max(0, first - round(_RISE_S / step_s))]
    if (
        first * step_s >= LEAST_S
        and len(before)
        and lasting.mean() >= _LASTING_SHARE
        and float(before.max()) < programme_lufs - BELOW_LU
    ):
        if before.max() <= SILENT_LUFS:
            return LeadIn(silent * step_s, None)
        begin_s = float(int(first * step_s - _ONSET_S))
        return LeadIn(begin_s, float(before[: int(begin_s / step_s)].max()))
    if LEAST_S <= silent * step_s < len(momentary_lufs) * step_s:
        return LeadIn(silent * step_s, None)
    return None
