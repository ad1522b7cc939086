"""Sound laid on its clock: gaps filled, overlaps left out, drift resampled, to the millisecond."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from asmrmaster.audio.container import open_source, prove_sync, remux
from asmrmaster.audio.container.clock import Stamps, laid, lay
from asmrmaster.audio.container.clock_notes import check_layout, layout_remarks, out_of_step
from asmrmaster.errors import InputError
from tests.media import ffmpeg, wav
from tests.signals import Array, noise

RATE, PACKET, SECONDS = 16_000, 512, 20
TICKS_S = {"exact": 1 / RATE, "MKV": 1e-3, "TS": 1 / 90_000}


def slow(times_s: Array) -> Array:
    """Sound that is known at every moment: sines of many pitches."""
    rng = np.random.default_rng(5)
    pitches, phases = rng.uniform(80, 2000, 9), rng.uniform(0, 2 * np.pi, 9)
    sound = np.zeros(len(times_s))
    for pitch, phase in zip(pitches, phases, strict=True):
        sound += np.sin(2 * np.pi * pitch * times_s + phase)
    return sound


def recorded(
    lead_s: Callable[[float], float], tick_s: float, lost: Callable[[int], bool]
) -> tuple[Stamps, Array]:
    """Packets whose samples were taken at their stamps, which lead the count of samples."""
    stamps, parts, frames = Stamps(tick_s), [], 0
    for number, start in enumerate(range(0, SECONDS * RATE, PACKET)):
        if lost(number):
            continue
        at, after = (start + np.array([0, PACKET])) / RATE
        lead, end = lead_s(at), lead_s(after)
        bend = (end - lead) / PACKET if abs(end - lead) < 1e-3 else 0.0
        parts.append(slow(at + lead + np.arange(PACKET) * (1 / RATE + bend)))
        stamps.add(frames, round((at + lead) / tick_s) * tick_s, RATE)
        frames += PACKET
    stamps.end()
    return stamps, np.concatenate(parts)[:, None]


def drifting(ppm: float) -> Callable[[float], float]:
    """A clock that is slow by so much."""
    return lambda t: t * ppm * 1e-6


CLOCKS: dict[str, tuple[Callable[[float], float], Callable[[int], bool]]] = {
    **{f"{ppm} ppm": (drifting(ppm), lambda k: False)
       for ppm in (0, 30, 100, 400, 3000, -3000)},
    "1 of 30 lost": (lambda t: 0.0, lambda k: k % 30 == 20),
    "lost and 400 ppm": (lambda t: 4e-4 * t, lambda k: k % 60 == 20),
    "back 30 ms": (lambda t: -0.03 * (t // 4), lambda k: False),
    "jumps of 10 ms": (lambda t: 0.01 * (t // 3), lambda k: False),
}  # fmt: skip


@pytest.mark.parametrize("tick", TICKS_S)
@pytest.mark.parametrize("name", CLOCKS)
def test_every_second_lies_where_its_stamps_say(name: str, tick: str) -> None:
    lead_s, lost = CLOCKS[name]
    stamps, sound = recorded(lead_s, TICKS_S[tick], lost)
    layout = lay(stamps, len(sound), RATE)
    blocks = (sound[start : start + 7_001] for start in range(0, len(sound), 7_001))
    placed = np.concatenate(list(laid(blocks, layout, 1)))
    assert len(placed) == layout.frames
    assert layout.plain or name != "0 ppm"
    assert not out_of_step(layout)
    for second in (2, 9, SECONDS - 3):
        first = round(second * RATE)
        heard = placed[first : first + RATE // 2, 0]
        times = layout.start_s + (first + np.arange(len(heard))) / RATE
        reach = 48
        around = (np.arange(-reach, len(heard) + reach)) / RATE + times[0]
        lag = int(np.argmax(np.correlate(slow(around), heard, "valid"))) - reach
        assert 1000 * abs(lag) / RATE <= 1.0, f"at {second} s"


def test_without_wander_every_sample_stays(tmp_path: Path) -> None:
    stamps, sound = recorded(lambda t: 0.0, 1e-3, lambda k: False)
    layout = lay(stamps, len(sound), RATE)
    assert np.array_equal(np.concatenate(list(laid(iter([sound]), layout, 1))), sound)
    assert list(layout_remarks(layout)) == []


def test_what_is_said_of_it() -> None:
    lost = lay(*_of("1 of 30 lost"))
    assert "places, first at" in next(layout_remarks(lost))
    slower = lay(*_of("400 ppm"))
    assert abs(slower.drift_ppm - 400) < 5
    assert "ppm slower" in list(layout_remarks(slower))[-1]
    assert "run back" in next(layout_remarks(lay(*_of("back 30 ms"))))


def _of(name: str) -> tuple[Stamps, int, int]:
    stamps, sound = recorded(CLOCKS[name][0], 1 / RATE, CLOCKS[name][1])
    return stamps, len(sound), RATE


@pytest.mark.parametrize("lead_s", [11.0, -2.0])
def test_joined_recordings_are_refused(lead_s: float) -> None:
    stamps, sound = recorded(lambda t: lead_s * (t > 10), 1 / RATE, lambda k: False)
    with pytest.raises(InputError, match="time stamps"):
        check_layout(lay(stamps, len(sound), RATE), Path("x.mp4"))


@pytest.mark.parametrize(
    ("end", "change"),
    [
        ("mp4", "setts=ts=round(TS*1.0004)"),
        ("mkv", "setts=ts=round(TS*1.003)"),
        ("mp4", "noise=drop='eq(mod(n\\,30)\\,20)'"),
    ],
)
def test_a_film_comes_back_in_step(tmp_path: Path, end: str, change: str) -> None:
    """Held against the sound that ffmpeg takes by the same stamps."""
    take, new = tmp_path / f"take.{end}", tmp_path / f"new.{end}"
    plain = tmp_path / "plain.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=s=32x32:r=5:d=15",
           "-i", wav(tmp_path / "a.wav", noise(-20, 15, 16_000, 1), 16_000),
           "-c:v", "mpeg4", "-c:a", "aac", plain)  # fmt: skip
    ffmpeg("-i", plain, "-c", "copy", "-bsf:a", change, take)
    source = open_source(take)
    assert source.notes
    remux(take, source.audio, new)
    found = prove_sync(take, new)
    assert found.in_step, found.problem
    assert "at most" in found.summary
