"""The sound of a report, to be listened to beside it: all of it turned by one gain, never a moment
by itself.

A page of up to 20 minutes holds the whole file; a longer one each place that is offered, with 30 s
before it, because a startle is one against what went before.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from asmrmaster.audio import Audio, Format, read
from asmrmaster.errors import InputError
from asmrmaster.report import FileFacts, Place, Report, saved_page

PLAYED_LUFS, PLAYED_DBTP = -26.0, -3.0
"""A file is turned up to one of these, whichever is reached first, and never down."""
WHOLE_S = 1200.0
LEAD_S, TAIL_S = 30.0, 5.0
RATE_BPS = 40_000
MEDIA_TYPE = "audio/ogg"
_OPUS = Format("OGG", "OPUS", bitrate_bps=RATE_BPS, lossless=False)
_DATA = f"data:{MEDIA_TYPE};base64,"
_EARS = 2


@dataclass(frozen=True)
class Piece:
    """A stretch of the file as Opus; the whole file where it starts at 0 and ends at its end."""

    start_s: float
    end_s: float
    sound: bytes

    @property
    def address(self) -> str:
        """The sound as an address that holds it."""
        return f"data:{MEDIA_TYPE};base64,{b64encode(self.sound).decode('ascii')}"


def gain_db(report: Report) -> float:
    """By how much all of a file is played louder than it is; 0 where nothing is to be gained."""
    values = report.after.values
    loudness, peak = values.get("integrated_lufs"), values.get("true_peak_dbtp")
    if loudness is None or peak is None:
        return 0.0
    return round(max(0.0, min(PLAYED_LUFS - loudness, PLAYED_DBTP - peak)), 1)


def spans(report: Report) -> list[tuple[float, float]]:
    """The stretches that are played: all of it, or what lies around the places of a long file."""
    length_s = _facts(report).duration_s
    if length_s <= WHOLE_S:
        return [(0.0, length_s)]
    return around(report.answered.places, length_s)


def around(places: Iterable[Place], length_s: float) -> list[tuple[float, float]]:
    """Stretches around places, those that meet joined."""
    joined: list[tuple[float, float]] = []
    for place in sorted(places, key=lambda p: p.start_s):
        start, end = max(0.0, place.start_s - LEAD_S), min(length_s, place.end_s + TAIL_S)
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def sounds(report: Report, path: Path | None = None) -> tuple[Piece, ...]:
    """What is played. path: where the file lies now, if not where the report says.

    Raises InputError where it cannot be read or is another file than the report is about.
    """
    facts = _facts(report)
    if report.before is not None and report.output is None:
        return ()  # a plan: there is no master to hear
    found = path or Path(facts.path)
    audio = read(found).audio
    if (audio.rate, audio.frames) != (facts.rate_hz, facts.frames):
        raise InputError(
            f"it has {audio.frames} frames at {audio.rate} Hz, and the report is about "
            f"{facts.frames} at {facts.rate_hz} Hz",
            subject=found,
            hint="Name the file the report is about.",
        )
    gain = 10 ** (gain_db(report) / 20)
    return tuple(
        Piece(start_s, end_s, _encoded(_turned(audio, start_s, end_s, gain)))
        for start_s, end_s in spans(report)
    )


def from_page(text: bytes) -> tuple[Piece, ...]:
    """The sound in a saved page; nothing where there is none or it cannot be read."""
    found = saved_page.element(text.decode("utf-8", "replace"), saved_page.SOUND_ID)
    try:
        data = json.loads(found or "{}")
        return tuple(
            Piece(
                float(one["start"]),
                float(one["end"]),
                b64decode(one["sound"].removeprefix(_DATA), validate=True),
            )
            for one in data.get("pieces", ())
            if one["sound"].startswith(_DATA)
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ()


def _facts(report: Report) -> FileFacts:
    return report.output or report.input


def _turned(audio: Audio, start_s: float, end_s: float, gain: float) -> Audio:
    """A stretch of front left and right, turned by a gain."""
    first, last = round(start_s * audio.rate), min(round(end_s * audio.rate), audio.frames)
    ears = min(audio.channels, _EARS)

    def blocks() -> Iterator[np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
        at = 0
        for block in audio.open():
            low, high = max(first, at), min(last, at + len(block))
            if low < high:
                yield np.asarray(block[low - at : high - at, :ears] * gain, dtype=np.float64)
            at += len(block)
            if at >= last:
                return

    return Audio(audio.rate, ears, last - first, blocks)


def _encoded(audio: Audio) -> bytes:
    from asmrmaster.audio.container import encode  # only here: it loads FFmpeg

    with TemporaryDirectory(prefix="asmrmaster-") as folder:
        path = Path(folder) / "listen.ogg"
        encode(audio, path, _OPUS)
        return path.read_bytes()
