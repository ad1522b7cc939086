"""Whether a written file is in step with the take, measured on both.

Of each minute of the take the loudest seconds, and all with a gap in them, are compared with what
the new file has at the same time of the picture (or of the sound, where there is no picture), by
cross-correlation. Spectra are
half whitened, between C. H. Knapp and G. C. Carter's plain and phase-only weights ("The generalized
correlation method for estimation of time delay", IEEE Trans. ASSP 24(4), 1976): the peak is narrow
for any sound, and mastering, which changes levels and tone, does not move it. How much of the
spectrum is in phase at the peak tells whether it is the same sound: 0.6 and more for recordings
that were high-passed, shelved by 9 dB and encoded at 48 kbit/s a channel, up to 0.08 for unrelated
ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asmrmaster.audio.container.clock_notes import out_of_step
from asmrmaster.audio.container.decode import Track, find_track
from asmrmaster.audio.container.media import open_input
from asmrmaster.audio.container.naming import is_cover
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.curves import empty

MAX_LAG_MS = 1.0
"""A lag beyond this is not in step."""

SEARCH_S = 1.0
"""Lags up to this are found."""

_CHUNK_S = 5  # what is compared; whole seconds, so that both files have whole frames of it
_SHORT_CHUNK_S, _LONG_MIN = 2, 10.0  # of a film longer than that, shorter ones
_BAND_HZ = (100.0, 8_000.0)
_GRID_HZ = 48_000
_SAME = 0.3  # share of the spectrum in phase at the peak; below it is another sound
_ALIKE = 0.95  # share of the highest peak from which the one nearest to no lag counts
_SILENCE = 1e-5  # RMS, −100 dBFS

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class SyncPoint:
    """One comparison: when in the take, s, and by how much the new sound is late there, ms.

    lag_ms is None where nothing of the take was found within a second. silent: whether the take
    or the new sound is silent there, so that nothing can be found.
    """

    time_s: float
    lag_ms: float | None
    silent: bool = False


@dataclass(frozen=True)
class SyncResult:
    """points: at the start, in the middle, at the end. end_ms: by how much the new sound ends
    later than the take, ms. slack_ms: how much of that is due to packets, within which not every
    container can say where the sound ends.
    """

    points: tuple[SyncPoint, ...]
    end_ms: float
    slack_ms: float

    @property
    def drift_ms(self) -> float | None:
        """How the lag changes from the first to the last point; None with fewer than two."""
        lags = [point.lag_ms for point in self.points if point.lag_ms is not None]
        return lags[-1] - lags[0] if len(lags) > 1 else None

    @property
    def problem(self) -> str:
        """What is not in step, in one plain sentence; empty where all is."""
        measured = [point for point in self.points if not point.silent]
        if not measured:
            return "Both are silent: there is nothing to compare."
        unlike = [point for point in measured if point.lag_ms is None]
        if 2 * len(unlike) > len(measured):  # of single ones mastering may have left little
            return f"At {unlike[0].time_s:.1f} s the sound is not that of the take."
        for point in measured:
            if point.lag_ms is not None and abs(point.lag_ms) > MAX_LAG_MS:
                when = "late" if point.lag_ms > 0 else "early"
                return f"At {point.time_s:.1f} s the sound is {abs(point.lag_ms):.1f} ms {when}."
        if abs(self.end_ms) > self.slack_ms:
            when = "late" if self.end_ms > 0 else "early"
            return f"The sound ends {abs(self.end_ms):.1f} ms too {when}."
        return ""

    @property
    def in_step(self) -> bool:
        """Whether all of it is."""
        return not self.problem

    @property
    def summary(self) -> str:
        """What was found where all is in step, in one plain sentence."""
        lags = [abs(point.lag_ms) for point in self.points if point.lag_ms is not None]
        return (
            f"In step with the film at all of {len(lags)} moments compared: at most"
            f" {max(lags, default=0.0):.2f} ms off."
        )


def prove_sync(take: Path, new: Path, *, stream: int | str | None = None) -> SyncResult:
    """Compares one sound stream of the take with that of the new file.

    stream: by number among the sound streams, or by language, in both. Holds some seconds of
    samples of each, however long they are. Raises InputError.
    """
    proof = Proof(take, stream=stream)
    for audio in (proof.of_take(find_track(take, stream=stream).audio),
                  proof.of_new(find_track(new, stream=stream).audio, new)):  # fmt: skip
        for _ in audio.open():
            pass
    found = proof.result()
    assert found
    return found


class Proof:
    """The same from passes that are made anyway: first one of the take, then one of the new file.

    of_take, of_new: the sound of each, to be read to its end in place of the one given.
    """

    def __init__(self, take: Path, *, stream: int | str | None = None) -> None:
        """stream: as for ``prove_sync``. Raises InputError."""
        self._stream = stream
        self._old = _Clock(find_track(take, stream=stream))
        self._later = self._old
        track = self._old.track
        minutes = track.frames / track.rate / 60
        longest = _CHUNK_S if minutes < _LONG_MIN else _SHORT_CHUNK_S
        self._seconds = max(1, min(longest, int(20 * minutes)))
        self._loudest: list[tuple[int, Samples]] = []
        self._found: list[Samples] = []

    @property
    def problem(self) -> str:
        """Why the sound of the take cannot be brought into step, in a sentence; empty if it can."""
        return out_of_step(self._old.track.layout_in_time)

    def of_take(self, audio: Audio) -> Audio:
        """The sound of the take."""

        def blocks() -> Iterator[Block]:
            keep = _Loudest(self._old.track, self._seconds)
            for block in audio.open():
                keep.add(block)
                yield block
            self._loudest = keep.result()

        return Audio(audio.rate, audio.channels, audio.frames, blocks)

    def of_new(self, audio: Audio, path: Path) -> Audio:
        """The sound of the new file."""

        def blocks() -> Iterator[Block]:
            self._found = []  # an earlier render proves nothing of this one
            self._later = _Clock(find_track(path, stream=self._stream))
            starts = [self._later.frame(self._old.time_s(frame)) for frame, _ in self._loudest]
            size = self._seconds * audio.rate
            found = [empty((audio.channels, size), np.float32) for _ in starts]
            for chunk in found:
                chunk[:] = 0
            done = 0
            for block in audio.open():
                for start, chunk in zip(starts, found, strict=True):
                    first, last = max(start, done), min(start + size, done + len(block))
                    if first < last:
                        chunk[:, first - start : last - start] = block[first - done : last - done].T
                done += len(block)
                yield block
            self._found = found

        return Audio(audio.rate, audio.channels, audio.frames, blocks)

    def result(self) -> SyncResult | None:
        """What both passes showed; None before they have come to their ends."""
        if not self._found:
            return None
        old, later = self._old, self._later
        points = tuple(
            _compare(chunk, other, old.track.rate, later.track.rate, old.time_s(frame), later)
            for (frame, chunk), other in zip(self._loudest, self._found, strict=True)
        )
        end_ms = 1000 * (later.time_s(later.track.frames) - old.time_s(old.track.frames))
        lossy = [track for track in (old.track, later.track) if not track.format.lossless]
        slack_ms = max([MAX_LAG_MS, *(1000 * track.packet_frames / track.rate for track in lossy)])
        return SyncResult(points, end_ms, slack_ms)


class _Clock:
    """Frames of a track on the clock of its picture, or its own where there is none."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self._zero_s = _picture_start_s(track.path, track.start_s)

    def time_s(self, frame: int) -> float:
        return self.track.start_s - self._zero_s + frame / self.track.rate

    def frame(self, time_s: float) -> int:
        """The frame at a time, to the nearest; it may lie before the first or after the last."""
        return round((time_s - self.time_s(0)) * self.track.rate)


def _picture_start_s(path: Path, otherwise: float) -> float:
    with open_input(path) as container:
        for stream in container.streams.video:
            if not is_cover(stream) and stream.start_time is not None:
                return float(stream.start_time * (stream.time_base or 0))
    return otherwise


class _Loudest:
    """The loudest chunk of each minute of a track, of each third of a short one, and all with a
    gap in them, as its blocks come."""

    def __init__(self, track: Track, seconds: int) -> None:
        self._frames, self._size = track.frames, seconds * track.rate
        self._chunks = max(1, track.frames // self._size)
        self._parts = max(3, ceil(track.frames / track.rate / 60))
        layout = track.layout_in_time
        self._gaps = {int(at_s // seconds) for at_s, _ in (*layout.filled, *layout.trimmed)}
        self._best: dict[tuple[str, int], tuple[float, int, Samples]] = {}
        self._buffer = np.zeros((track.channels, self._size), np.float32)
        self._filled = self._number = 0

    def add(self, block: Block) -> None:
        """The next samples, shape (frames, channels)."""
        rows, used = block.T, 0
        while used < rows.shape[1] and self._number < self._chunks:
            count = min(rows.shape[1] - used, self._size - self._filled)
            self._buffer[:, self._filled : self._filled + count] = rows[:, used : used + count]
            used, self._filled = used + count, self._filled + count
            start = self._number * self._size
            if self._filled == self._size or start + self._filled == self._frames:
                self._weigh(start)

    def _weigh(self, start: int) -> None:
        """Keep a chunk that is louder than the others of its part, or holds a gap."""
        part = ("part", self._parts * self._number // self._chunks)
        if self._number in self._gaps:
            part = ("gap", self._number)
        power = float(np.vdot(self._buffer, self._buffer))
        if part not in self._best or power > self._best[part][0]:
            kept = empty(self._buffer.shape, np.float32)
            kept[:] = self._buffer
            self._best[part] = (power, start, kept)
        self._buffer[:] = 0
        self._filled, self._number = 0, self._number + 1

    def result(self) -> list[tuple[int, Samples]]:
        """(first frame, samples) of each, shape (channels, frames)."""
        return [(frame, chunk) for _, frame, chunk in self._best.values()]


def _compare(
    chunk: Samples, other: Samples, rate: int, other_rate: int, time_s: float, later: _Clock
) -> SyncPoint:
    if min(np.sqrt(np.mean(chunk**2)), np.sqrt(np.mean(other**2))) < _SILENCE:
        return SyncPoint(time_s, None, silent=True)
    if len(chunk) != len(other):
        chunk, other = chunk.mean(axis=0, keepdims=True), other.mean(axis=0, keepdims=True)
    lag_s = _lag_s(chunk, rate, other, other_rate)
    if lag_s is None:
        return SyncPoint(time_s, None)
    rounding_s = later.time_s(later.frame(time_s)) - time_s
    return SyncPoint(time_s, 1000 * (lag_s + rounding_s))


def _lag_s(chunk: Samples, rate: int, other: Samples, other_rate: int) -> float | None:
    """By how much ``other`` lags behind ``chunk``, of the same duration; None if it is not it."""
    double = 2 * chunk.shape[1] / rate  # s, with zeros behind: no wrapping round
    spectra = [
        np.fft.rfft(part, round(double * hz)) for part, hz in ((chunk, rate), (other, other_rate))
    ]
    low, high = (round(f * double) for f in _BAND_HZ)
    high = min(high, *(spectrum.shape[1] for spectrum in spectra))
    cross = np.zeros(round(double * _GRID_HZ) // 2 + 1, np.complex128)
    cross[low:high] = (spectra[1][:, low:high] * spectra[0][:, low:high].conj()).sum(axis=0)
    cross /= np.sqrt(np.abs(cross)) + np.finfo(float).tiny
    correlation = np.fft.irfft(cross, round(double * _GRID_HZ))
    in_phase = 2 * np.abs(cross).sum() / len(correlation)  # the peak, were all of it in phase
    reach = min(round(SEARCH_S * _GRID_HZ), len(correlation) // 4)
    window = np.concatenate([correlation[-reach:], correlation[: reach + 1]])
    highest = window.max()
    if not highest > _SAME * in_phase:
        return None
    peaks = np.flatnonzero(
        (window[1:-1] >= window[:-2]) & (window[1:-1] >= window[2:])
        & (window[1:-1] >= _ALIKE * highest)
    ) + 1  # fmt: skip
    if not len(peaks):  # the highest lies at the end of the search
        return None
    peak = int(peaks[np.argmin(np.abs(peaks - reach))])
    before, top, after = window[peak - 1 : peak + 2]
    bend = before - 2 * top + after
    between = 0.5 * (before - after) / bend if bend else 0.0
    return float(peak + between - reach) / _GRID_HZ
