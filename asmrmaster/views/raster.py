"""Pictures of levels as small PNG images, and the gauge of a finding."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from dataclasses import dataclass

from asmrmaster.report import Finding, Report
from asmrmaster.report.overviews import Picture
from asmrmaster.views.scales import Scale

INK = (44, 111, 122)
"""The colour levels are drawn in; how much of it covers the page says how loud."""
QUIETEST_LU, LOUDEST_LU = -45.0, 3.0
"""Levels relative to programme loudness that are drawn as nothing, and as full ink."""
SHADES = 64


@dataclass(frozen=True)
class Shades:
    """A picture drawn: its title, its rows from top to bottom, the image as a data address."""

    title: str
    rows: tuple[str, ...]
    image: str
    summary: str


def bands(report: Report) -> list[Shades]:
    """How loud each band is over time, in the take and in the master, each to its own programme."""
    parts = [("Take as it came", report.before), ("Master", report.after)]
    if report.before is None:
        parts = [("Measured", report.after)]
    drawn = []
    for title, measured in parts:
        picture = measured.pictures.get("bands") if measured else None
        programme = measured.values.get("integrated_lufs") if measured else None
        if picture is None or programme is None or not picture.values or not picture.values[0]:
            continue
        rows = tuple(reversed(picture.rows))  # high bands on top, as in a score
        image = "data:image/png;base64," + b64encode(_png(picture, programme)).decode("ascii")
        drawn.append(Shades(title, rows, image, f"{title}: {_loudest(picture)}"))
    return drawn


def _loudest(picture: Picture) -> str:
    """Which bands are the loudest and the quietest on average, in words."""
    means = {
        row: sum(known) / len(known)
        for row, levels in zip(picture.rows, picture.values, strict=True)
        if (known := [level for level in levels if level is not None])
    }
    if not means:
        return "silence"
    most, least = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
    return f"most sound lies at {most}, least at {least}"


def _png(picture: Picture, programme_lufs: float) -> bytes:
    """An indexed PNG, one pixel per level: one colour, more and more of it (PNG, ISO 15948)."""
    shade = Scale(programme_lufs + QUIETEST_LU, programme_lufs + LOUDEST_LU, 0, SHADES - 1)
    lines = [
        bytes([0, *(0 if level is None else round(shade(level)) for level in levels)])
        for levels in reversed(picture.values)
    ]
    head = struct.pack(">IIBBBBB", len(picture.values[0]), len(lines), 8, 3, 0, 0, 0)
    cover = bytes(round(255 * k / (SHADES - 1)) for k in range(SHADES))
    parts = (
        (b"IHDR", head),
        (b"PLTE", bytes(INK) * SHADES),
        (b"tRNS", cover),
        (b"IDAT", zlib.compress(b"".join(lines), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


NEAREST = 6.0
"""A gauge reaches this far beyond the limits, or twice, four times … as far; equal figures look
equal, whatever their limits."""


@dataclass(frozen=True)
class Gauge:
    """A figure against its limits on a bar 240 units long: places of all three."""

    start: float
    end: float
    at: float


def gauge(finding: Finding) -> Gauge | None:
    """Where the figure stands and what is accepted; None where there is nothing to compare."""
    value, low, high = finding.measured, finding.limit.min, finding.limit.max
    limits = [mark for mark in (low, high) if mark is not None]
    if value is None or not limits:
        return None
    beyond, room = max(min(limits) - value, value - max(limits)), NEAREST
    while room < beyond:
        room *= 2
    scale = Scale(min(limits) - room, max(limits) + room, 4, 236)
    return Gauge(
        start=round(scale(low) if low is not None else scale.start, 1),
        end=round(scale(high) if high is not None else scale.end, 1),
        at=round(scale(value), 1),
    )
