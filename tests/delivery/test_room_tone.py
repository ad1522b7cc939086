"""Quiet ends: added from the room's own tone, cut off where too long, heard without a seam."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.audio import Audio
from asmrmaster.delivery.room_tone import joined, missing_s, with_ends
from asmrmaster.dsp.level import db
from asmrmaster.meters import read_curves, run_meters
from asmrmaster.meters.end_levels import EndLevels
from asmrmaster.meters.energy import Energy
from asmrmaster.presets import Window
from tests.signals import Array, concat, noise, silence

RATE = 48_000
ROOM_DB, VOICE_DB = -75.0, -25.0


def energy(audio: Audio) -> Array:
    return run_meters(audio, (Energy,)).curves["energy"].values.astype(np.float64)


def level_dbfs(sound: Array) -> float:
    return float(db(float(np.mean(sound**2))))


def ends(audio: Audio) -> tuple[float, float]:
    values = read_curves(run_meters(audio, (Energy,)), (EndLevels,)).values
    head_s, tail_s = values["head_silence_s"], values["tail_silence_s"]
    assert head_s is not None
    assert tail_s is not None
    return head_s, tail_s


def voice(head_s: float, tail_s: float) -> Audio:
    """A loud stretch, a pause, another one, in a quiet room, stereo."""
    room = noise(ROOM_DB, head_s + 6 + tail_s, channels=2)
    loud = noise(VOICE_DB, 2, channels=2)
    for start_s in (head_s, head_s + 4):
        start = round(start_s * RATE)
        room[start : start + len(loud)] = loud
    return Audio.from_array(room, RATE)


@pytest.mark.parametrize(("measured", "low", "high", "wanted"), [
    (0.2, 0.5, 1.0, 0.4), (0.7, 0.5, 1.0, 0.0), (3.0, 0.5, 1.0, -2.1), (0.0, 1.0, None, 1.1),
    (9.0, None, 5.0, -4.1), (None, 0.5, 1.0, 0.0), (0.21, 0.2, 0.24, 0.0), (0.0, 0.2, 0.24, 0.21),
])  # fmt: skip
def test_what_is_missing_aims_inside_the_bounds(
    measured: float | None, low: float | None, high: float | None, wanted: float
) -> None:
    assert missing_s(measured, Window(min=low, max=high)) == pytest.approx(wanted)
    assert missing_s(measured, None) == 0.0


def test_quiet_is_laid_on_from_the_room() -> None:
    audio = voice(0.1, 0.0)
    longer, notes = with_ends(audio, energy(audio), 0.6, 1.5)
    assert longer.frames == audio.frames + round(2.1 * RATE)
    assert ends(longer) == pytest.approx((0.7, 1.5), abs=0.03)
    sound = longer.to_array()
    assert len(sound) == longer.frames
    for part in (sound[: round(0.5 * RATE)], sound[-round(1.4 * RATE) :]):
        for piece in np.array_split(part, 8):
            assert level_dbfs(piece) == pytest.approx(ROOM_DB, abs=1.0)
    inside = slice(round(0.75 * RATE), round(6 * RATE))
    shifted = sound[round(0.6 * RATE) :][inside]
    assert np.array_equal(shifted, audio.to_array()[inside])
    assert [note.split(" were")[0] for note in notes] == [
        "0.60 s of room tone from its quietest stretch",
        "1.50 s of room tone from its quietest stretch",
    ]


def test_no_seam_stands_out() -> None:
    """No step between two samples beyond those of the room and of the voice themselves."""
    audio = voice(0.2, 0.2)
    longer, _ = with_ends(audio, energy(audio), 0.6, 1.5)
    steps = np.abs(np.diff(longer.to_array(), axis=0))
    room = np.abs(np.diff(noise(ROOM_DB, 2, channels=2), axis=0)).max()
    assert steps[: round(0.79 * RATE)].max() < 1.5 * room
    assert steps[-round(1.69 * RATE) :].max() < 1.5 * room


def test_without_a_quiet_stretch_it_is_digital_silence_and_said() -> None:
    audio = Audio.from_array(noise(-40, 3, channels=1), RATE)
    longer, notes = with_ends(audio, energy(audio), 0.5, 0.0)
    assert np.all(longer.to_array()[: round(0.5 * RATE)] == 0)
    assert "digital silence (nowhere is it quiet enough" in notes[0]
    assert len(notes) == 1


def test_digital_silence_and_a_lone_click_are_no_room() -> None:
    quiet = concat(silence(1), noise(ROOM_DB, 1), noise(VOICE_DB, 1))
    click = quiet.copy()
    click[[round(1.3 * RATE), round(1.7 * RATE)]] = 0.05
    for sound, room in ((quiet, True), (click, False)):
        audio = Audio.from_array(sound, RATE)
        longer, _ = with_ends(audio, energy(audio), 0.5, 0.0)
        level = level_dbfs(longer.to_array()[: round(0.4 * RATE)])
        assert level == pytest.approx(ROOM_DB if room else -200, abs=2)


def test_what_is_too_long_is_cut_off() -> None:
    audio = voice(3.0, 8.0)
    shorter, notes = with_ends(audio, energy(audio), -2.1, -3.1)
    assert ends(shorter) == pytest.approx((0.9, 4.9), abs=0.03)
    first = round(2.1 * RATE)
    assert np.array_equal(shorter.to_array(), audio.to_array()[first : -round(3.1 * RATE)])
    assert notes[0] == "2.10 s of quiet were cut off at the beginning."


@pytest.mark.parametrize("block", [7, 1000, 48_000])
def test_joining_is_the_same_for_any_blocks(block: int) -> None:
    one, two = noise(-20, 0.3, channels=2), noise(-30, 0.2, channels=2)
    whole = joined(Audio.from_array(one, RATE), Audio.from_array(two, RATE), 960)
    cut = joined(Audio.from_array(one, RATE, block), Audio.from_array(two, RATE, block), 960)
    assert cut.frames == len(one) + len(two) - 960
    assert np.array_equal(cut.to_array(), whole.to_array())
    assert np.array_equal(whole.to_array()[: len(one) - 960], one[:-960])
    assert np.array_equal(whole.to_array()[len(one) :], two[960:])
