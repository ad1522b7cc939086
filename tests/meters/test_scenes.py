"""Scenes: cuts and crossfades between textures."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.novelty import BAND_EDGES_HZ
from asmrmaster.meters import measure
from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.scenes import Scenes
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.streams.audio import Audio
from tests.signals import Array, recording

BANDS = len(BAND_EDGES_HZ)


def texture(tilt_db: float, seconds: float, seed: int = 0, spread_db: float = 3.0) -> Array:
    """Band energies per 20 ms that fall by so much per band, fluctuating."""
    rng = np.random.default_rng(seed)
    hops = round(seconds * 50)
    level = -30 - tilt_db * (np.arange(BANDS) - BANDS / 2) + rng.normal(0, spread_db, (hops, BANDS))
    return np.power(10.0, level / 10)


def crossfade(first: Array, second: Array, seconds: float) -> Array:
    """First, then second, with an equal-power crossfade around the middle."""
    at = (np.arange(len(first)) - len(first) / 2) / 50
    phase = np.clip(at / max(seconds, 1e-6) + 0.5, 0, 1) * np.pi / 2
    result: Array = first * np.cos(phase)[:, None] ** 2 + second * np.sin(phase)[:, None] ** 2
    return result


def read(energy: Array, programme: float | None = -30.0) -> Measurement:
    curve = Curve(energy.astype(np.float32), 0.02, "mean square")
    return Scenes.read(Measurement({"integrated_lufs": programme}, {"novelty_band_energy": curve}))


def count(energy: Array) -> int:
    return len(read(energy).events)


def test_a_cut_is_found_where_it_is() -> None:
    measured = read(np.concatenate([texture(-2, 30), texture(3, 40, 1)]))
    (event,) = measured.events
    assert (event.start_s + event.end_s) / 2 == pytest.approx(30, abs=0.21)
    # 5 dB more tilt: ±2.5, ±7.5, ±12.5, ±17.5 dB from the mean.
    assert event.size == pytest.approx(5 * np.sqrt((BANDS**2 - 1) / 12), abs=1)
    assert measured.values["scene_changes_per_10_min"] == pytest.approx(600 / (70 - 12), rel=0.01)


@pytest.mark.parametrize(("seconds", "found"), [(0, 1), (1, 1), (1.5, 1), (4, 0), (6, 0), (8, 0)])
def test_crossfades_below_two_seconds_are_abrupt(seconds: float, found: int) -> None:
    assert count(crossfade(texture(-2, 60), texture(3, 60, 1), seconds)) == found


@pytest.mark.parametrize(("tilt_db", "found"), [(2.3, 0), (3.0, 1)])
def test_textures_differ_from_6_db_on(tilt_db: float, found: int) -> None:
    """Over eight bands 6 dB RMS are 2.6 dB per band."""
    assert count(np.concatenate([texture(0, 40), texture(tilt_db, 40, 1)])) == found


def test_a_change_of_level_alone_is_no_change_of_texture() -> None:
    assert count(np.concatenate([texture(2, 40), texture(2, 40, 1) / 30])) == 0


def test_a_pause_is_no_scene() -> None:
    pause = np.full((500, BANDS), 1e-9)
    assert count(np.concatenate([texture(2, 30), pause, texture(2, 30, 1)])) == 0


def test_sparse_taps_are_one_texture() -> None:
    energy = texture(0, 80)
    tap = np.linspace(0, 3, BANDS)
    energy[::60] *= 10**tap  # every 1.2 s, bright
    assert count(energy) == 0


def test_scenes_one_after_another_are_all_found() -> None:
    parts = [texture((-1) ** k * 3, 14, k) for k in range(5)]
    assert count(np.concatenate(parts)) == 4


def test_short_and_silent_sound_has_no_value() -> None:
    assert read(texture(0, 29.9)).values["scene_changes_per_10_min"] is None
    assert read(texture(0, 30)).values["scene_changes_per_10_min"] == 0
    assert read(texture(0, 60), None).values["scene_changes_per_10_min"] is None
    assert read(np.zeros((0, BANDS))).values["scene_changes_per_10_min"] is None


def test_recordings_cut_together_change_once_and_not_within() -> None:
    from asmrmaster.audio import read as open_sound

    parts = []
    for name in ("gentle/ambienzzz_beach.mp3", "gentle/ambienzzz_purring.mp3"):
        sound = open_sound(recording(name)).audio
        parts.append(sound.to_array()[: 35 * sound.rate])
        assert sound.rate == 48_000
    loud = [part / np.sqrt(np.mean(part**2)) * 0.05 for part in parts]
    measured = measure(
        Audio.from_array(np.concatenate(loud), 48_000),
        (KEnergy, Spectrum),
        (Loudness, Scenes),
    )
    (event,) = measured.events[-1:]
    assert event.quantity == "scene_changes_per_10_min"
    assert measured.values["scene_changes_per_10_min"] == pytest.approx(600 / (70 - 12), rel=0.02)
    assert (event.start_s + event.end_s) / 2 == pytest.approx(35, abs=1)
