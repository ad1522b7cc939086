"""Short excerpts of what a report names, before and after, to be listened to beside it.

Take and master are played at one programme loudness, so that the louder one does not win; then
both are turned down together until no moment of either is louder than LOUDEST_LUFS, because what
an excerpt shows may be the very thing a listener is to be spared. Each begins and ends faded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import gcd
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from asmrmaster.audio import Audio, Format, read
from asmrmaster.dsp.level import loudness
from asmrmaster.errors import InputError
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import M_HOPS, momentary, weighted
from asmrmaster.report import FileFacts, Report, inside

LENGTH_S = 4.0
LEAD_S = 1.5
"""An excerpt starts this long before its moment: a startle is one against what went before."""
PROGRAMME_LUFS = -30.0
"""Programme loudness of both, where nothing in them is louder than LOUDEST_LUFS."""
LOUDEST_LUFS = -20.0
MAX_PEAK_DBFS = -3.0
SAME_S = 0.1
"""A take whose length differs by more was cut or looped: its times are not those of the master."""
FADE_IN_S, FADE_OUT_S = 0.5, 0.3
MOST = 20
EACH = 3
"""So many of one finding, and of one stage's edits; the deepest dips are twice as many."""
MAX_BYTES = 3_000_000
_EARS = 2  # of a file with more channels, front left and right are heard

MEDIA_TYPE = "audio/mpeg"
_MP3 = Format("MP3", "MPEG_LAYER_III", bitrate_bps=128_000, lossless=False)
_MP3_RATES_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
MP3_HZ = 48_000

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Place:
    """A stretch worth hearing and why."""

    start_s: float
    end_s: float
    label: str


@dataclass(frozen=True)
class Excerpt:
    """A stretch as MP3, which every browser plays: ``before`` of the take, None where there is
    none, ``after`` of the judged file."""

    start_s: float
    end_s: float
    label: str
    after: bytes
    before: bytes | None = None


def places(report: Report, most: int = MOST) -> tuple[Place, ...]:
    """The stretches of a report worth hearing, most important first: what fails, what is advised,
    the moments a person is asked to listen to, the deepest dips, the largest edits, and of a master
    a stretch like most of it. Moments that lie in one stretch share it."""
    duration_s = (report.output or report.input).duration_s
    chosen: list[Place] = []
    for start_s, end_s, label in _moments(report):
        for k, place in enumerate(chosen):
            if place.start_s <= start_s and min(end_s, start_s + LENGTH_S / 2) <= place.end_s:
                if label not in place.label:
                    chosen[k] = replace(place, label=f"{place.label}; {label}")
                break
        else:
            if len(chosen) < most:
                last_s = max(0.0, duration_s - LENGTH_S)
                first_s = min(max(0.0, start_s - LEAD_S), last_s)
                chosen.append(Place(first_s, min(first_s + LENGTH_S, duration_s), label))
    return tuple(chosen)


def _moments(report: Report) -> Iterable[tuple[float, float, str]]:
    """Start and end in s, and why it is worth hearing."""
    for state in ("fail", "advisory"):
        for finding in report.findings:
            if finding.state == state and finding.applies:
                for event in sorted(finding.events, key=lambda e: (-e.size, e.start_s))[:EACH]:
                    yield event.start_s, event.end_s, inside(finding.title)
    for k, point in enumerate(report.review, 1):
        yield point.start_s, point.end_s, f"moment {k} to listen to"
    if report.ride is not None:
        deepest = sorted(report.ride.dips, key=lambda d: (-d.depth_db, d.start_s))
        for dip in deepest[: 2 * EACH]:
            yield dip.start_s, dip.end_s, f"turned down {dip.depth_db:.1f} dB: {dip.reason}"
    measured: Counter[str] = Counter()
    for edit in sorted(report.edits, key=lambda e: (-abs(e.amount_db), e.start_s)):
        if measured[edit.stage] < EACH:
            measured[edit.stage] += 1
            yield edit.start_s, edit.end_s, f"{edit.stage}: {edit.reason}"
    if report.output is not None and (start_s := _typical_s(report)) is not None:
        yield start_s, start_s + LENGTH_S / 2, "a stretch like most of it"


def _typical_s(report: Report) -> float | None:
    """Where the short-term loudness is nearest to that of the programme."""
    curve = report.after.curves.get("short_term_lufs")
    programme = report.after.values.get("integrated_lufs")
    if curve is None or programme is None:
        return None
    off = [(abs(v - programme), k) for k, v in enumerate(curve.values) if v is not None]
    return min(off)[1] * curve.hop_s if off else None


def cut(
    report: Report,
    *,
    take: Path | None = None,
    master: Path | None = None,
    most: int = MOST,
    max_bytes: int = MAX_BYTES,
) -> tuple[Excerpt, ...]:
    """Excerpts of the files a report is about, in order of time, no more than ``max_bytes``.

    take, master: where the files lie now, if not where the report says. Each is read once, up to
    the last stretch; what is held is what is cut out. Raises InputError where a file cannot be read
    or has another length than the report says.
    """
    judged = report.output or report.input
    if report.before is not None and report.output is None:
        return ()  # a plan: there is no master to hear
    wanted = places(report, most)
    if not wanted:
        return ()
    after = _pieces(master or Path(judged.path), judged, wanted)
    after_lufs = report.after.values.get("integrated_lufs")
    before: list[Samples] | None = None
    before_lufs = None
    if report.before is not None and abs(report.input.duration_s - judged.duration_s) < SAME_S:
        before = _pieces(take or Path(report.input.path), report.input, wanted)
        before_lufs = report.before.values.get("integrated_lufs")
    pairs = []
    for k in range(len(wanted)):
        pair = [_at(PROGRAMME_LUFS, after[k], after_lufs)]
        if before is not None:
            pair.append(_at(PROGRAMME_LUFS, before[k], before_lufs))
        pairs.append(_quiet(pair, judged.rate_hz))
    encoded = [[_encoded(x, judged.rate_hz) for x in pair] for pair in pairs]
    found, total = [], 0
    for place, sounds in zip(wanted, encoded, strict=True):
        if (total := total + sum(map(len, sounds))) > max_bytes:
            break
        old = sounds[1] if before is not None else None
        found.append(Excerpt(place.start_s, place.end_s, place.label, after=sounds[0], before=old))
    return tuple(sorted(found, key=lambda e: e.start_s))


def _pieces(path: Path, facts: FileFacts, wanted: Sequence[Place]) -> list[Samples]:
    """The samples of each stretch, shape (frames, 1 or 2), in one pass up to the last of them."""
    source = read(path)
    audio = source.audio
    if (audio.rate, audio.frames) != (facts.rate_hz, facts.frames):
        raise InputError(
            f"it has {audio.frames} frames at {audio.rate} Hz, and the report is about "
            f"{facts.frames} at {facts.rate_hz} Hz",
            subject=path,
            hint="Name the file the report is about.",
        )
    edges = [
        (round(place.start_s * audio.rate), min(round(place.end_s * audio.rate), audio.frames))
        for place in wanted
    ]
    ears = min(audio.channels, _EARS)
    pieces = [np.zeros((end - start, ears), dtype=np.float32) for start, end in edges]
    last = max(end for _, end in edges)
    position = 0
    for block in audio.open():
        for (start, end), piece in zip(edges, pieces, strict=True):
            low, high = max(start, position), min(end, position + len(block))
            if low < high:
                piece[low - start : high - start] = block[low - position : high - position, :ears]
        position += len(block)
        if position >= last:
            break
    return pieces


def _at(wanted_lufs: float, samples: Samples, programme_lufs: float | None) -> Samples:
    """The samples turned as their whole file would be to reach ``wanted_lufs``."""
    gain_db = 0.0 if programme_lufs is None else wanted_lufs - programme_lufs
    return samples * np.float32(10 ** (gain_db / 20))


def _quiet(pair: Sequence[Samples], rate_hz: int) -> list[Samples]:
    """All turned down alike until the loudest moment is quiet enough, and faded."""
    over_db = max(
        0.0,
        *(loudest_lufs(samples, rate_hz) - LOUDEST_LUFS for samples in pair),
        *(_peak_dbfs(samples) - MAX_PEAK_DBFS for samples in pair),
    )
    gain = np.float32(10 ** (-over_db / 20))
    return [samples * gain * _fades(len(samples), rate_hz) for samples in pair]


def loudest_lufs(samples: Samples, rate_hz: int) -> float:
    """Maximum momentary loudness in LUFS (EBU Tech 3341) of samples, shape (frames, channels).

    A sound shorter than 0.4 s is taken as if silence followed.
    """
    shortest = round(0.4 * rate_hz) + 1
    padded = np.pad(samples, ((0, max(0, shortest - len(samples))), (0, 0))).astype(np.float64)
    meter = KEnergy(rate_hz, padded.shape[1])
    meter.add(padded)
    energy = weighted(meter.result().curves["k_energy"].values, padded.shape[1])
    return float(loudness(momentary(energy)[M_HOPS - 1 :].max()))


def _peak_dbfs(samples: Samples) -> float:
    return 20 * float(np.log10(max(float(np.abs(samples).max(initial=0.0)), 1e-10)))


def _fades(frames: int, rate_hz: int) -> Samples:
    """Raised cosine in and out, shape (frames, 1)."""
    gain = np.ones(frames, dtype=np.float32)
    for seconds, backwards in ((FADE_IN_S, False), (FADE_OUT_S, True)):
        width = min(round(seconds * rate_hz), frames // 2)
        rise = (0.5 - 0.5 * np.cos(np.pi * np.arange(width) / max(width, 1))).astype(np.float32)
        side = gain[::-1] if backwards else gain
        side[:width] *= rise
    return gain[:, None]


def _encoded(samples: Samples, rate_hz: int) -> bytes:
    """The samples as MP3, at 48 kHz where MP3 does not know their rate."""
    if rate_hz not in _MP3_RATES_HZ:
        from scipy.signal import resample_poly

        shared = gcd(rate_hz, MP3_HZ)
        samples = resample_poly(samples, MP3_HZ // shared, rate_hz // shared).astype(np.float32)
        rate_hz = MP3_HZ
    from asmrmaster.audio.container import encode  # only here: it loads FFmpeg

    with TemporaryDirectory(prefix="asmrmaster-") as folder:
        path = Path(folder) / "excerpt.mp3"
        encode(Audio.from_array(samples, rate_hz), path, _MP3)
        return path.read_bytes()
