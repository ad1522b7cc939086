"""Where channels belong: the order of a WAV, and layouts that loudness is defined for.

Sound comes as its count of channels alone, in WAV order; what is heard of it takes the usual layout
of that count. Where a file says otherwise, or does not say, the reader is told.

Source: WAVEFORMATEXTENSIBLE, dwChannelMask; BS.1770-5 Annex 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from asmrmaster.dsp.level import USUAL_LAYOUTS

WAVE_ORDER = (
    "FL", "FR", "FC", "LFE", "BL", "BR", "FLC", "FRC", "BC", "SL", "SR", "TC", "TFL", "TFC",
    "TFR", "TBL", "TBC", "TBR",
)  # fmt: skip
"""Names of speakers, the lowest bit of the mask first."""


def speakers_of(mask: int) -> tuple[str, ...]:
    """Names of the speakers in a mask."""
    return tuple(name for bit, name in enumerate(WAVE_ORDER) if mask >> bit & 1)


def layout_notes(channels: int, speakers: Sequence[str]) -> tuple[str, ...]:
    """A plain sentence where loudness is measured for another layout than the file's.

    speakers: names in WAV order; fewer than ``channels`` where the file does not say.
    """
    usual = USUAL_LAYOUTS.get(channels, "")
    sides = "" if "S" in usual else usual.replace("BL BR", "SL SR")  # the same surrounds
    if channels < 3 or not usual or " ".join(speakers) in (usual, sides):
        return ()
    if len(speakers) == channels and set(speakers) <= set(WAVE_ORDER):
        said = f"Its channels are {' '.join(speakers)}"
    else:
        said = f"It does not say where its {channels} channels belong"
    return (f"{said}; loudness is measured as for {usual}.",)
