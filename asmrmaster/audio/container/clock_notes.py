"""What is said of sound that was laid on its clock, and what cannot be brought into step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from asmrmaster.audio.container.clock import (
    MAX_GAP_S,
    MAX_OVERLAP_S,
    Layout,
)
from asmrmaster.errors import InputError

MOST_ERROR_S = 0.001
"""A film's sound may be off its clock by this."""
MOST_DRIFT_PPM = 5_000.0
"""More than any clock: half a second in a hundred."""
_SAID_PPM = 5.0


def check_layout(layout: Layout, path: Path) -> None:
    """InputError where stamps jump so far that two recordings were joined."""
    for places, most_s, what in (
        (layout.filled, MAX_GAP_S, "jump ahead"),
        (layout.trimmed, MAX_OVERLAP_S, "run back"),
    ):
        for at_s, seconds in places:
            if seconds > most_s:
                raise InputError(
                    f"its time stamps {what} by {seconds:.2f} s at {at_s:.2f} s",
                    subject=path,
                    hint="Two recordings were joined, or one was damaged: export it again",
                )


def layout_remarks(layout: Layout) -> Iterator[str]:
    """Plain sentences on what was filled, left out and resampled."""
    if layout.filled:
        yield (
            f"{_total(layout.filled)} of sound are missing {_places(layout.filled)};"
            " silence stands there."
        )
    if layout.trimmed:
        yield (
            f"Its time stamps run back {_places(layout.trimmed)}; the"
            f" {_total(layout.trimmed)} of sound that overlap were left out."
        )
    if abs(layout.drift_ppm) > _SAID_PPM:
        way = "slower" if layout.drift_ppm > 0 else "faster"
        yield (
            f"By its time stamps its sound runs up to {abs(layout.drift_ppm):.0f} ppm {way} than"
            " its sampling rate: it was resampled to keep their time."
        )


def out_of_step(layout: Layout) -> str:
    """Why sound cannot be brought into step with a film, in a sentence; empty where it can."""
    if layout.error_s > MOST_ERROR_S:
        return f"Time stamps of its sound are off by up to {1000 * layout.error_s:.1f} ms."
    if abs(layout.drift_ppm) > MOST_DRIFT_PPM:
        return f"Its sound drifts by {abs(layout.drift_ppm):.0f} ppm, more than a clock does."
    return ""


def _total(places: tuple[tuple[float, float], ...]) -> str:
    return f"{sum(seconds for _, seconds in places):.2f} s"


def _places(places: tuple[tuple[float, float], ...]) -> str:
    if len(places) == 1:
        return f"at {places[0][0]:.2f} s"
    return f"in {len(places)} places, first at {places[0][0]:.2f} s"
