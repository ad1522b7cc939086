"""Tone: harsh bursts, sibilance and rumble, from band energies and from sound."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters import measure
from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.spectrum import TONE_COLUMNS, Spectrum
from asmrmaster.meters.timbre import Timbre
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, sine


def curve(hops: int, **levels_db: float | Array) -> Curve:
    """Columns at these levels, the others at −30 dB."""
    energy = np.full((hops, len(TONE_COLUMNS)), 1e-3, dtype=np.float32)
    for name, level in levels_db.items():
        energy[:, TONE_COLUMNS.index(name)] = np.power(10.0, np.asarray(level) / 10)
    return Curve(energy, 0.02, "mean square")


def read(tone: Curve, programme: float | None = -30.7) -> Measurement:
    return Timbre.read(Measurement({"integrated_lufs": programme}, {"tone_energy": tone}))


def bursts(every_s: float, length_s: float, height_db: float, seconds: float = 60.0) -> Array:
    hops = np.arange(round(seconds * 50)) % round(every_s * 50)
    return np.where(hops < round(length_s * 50), -40 + height_db, -40.0)


def test_harsh_bursts_stand_above_their_median() -> None:
    measured = read(curve(3000, harsh=bursts(5, 0.1, 18)))  # 2 % of the time
    assert measured.values["harsh_burst_db"] == pytest.approx(18, abs=0.01)
    (event,) = (e for e in measured.events if e.quantity == "harsh_burst_db")
    assert event.size == pytest.approx(18, abs=0.01)
    assert event.start_s % 5 < 0.101
    assert event.end_s - event.start_s == pytest.approx(0.1)


def test_rarer_than_one_frame_in_200_is_no_percentile() -> None:
    assert read(curve(3000, harsh=bursts(30, 0.1, 18))).values["harsh_burst_db"] == pytest.approx(
        0, abs=0.01
    )


def test_a_burst_of_20_ms_is_a_fifth_of_a_frame() -> None:
    level = bursts(5, 0.02, 18)
    expected = 10 * np.log10((4 + 10**1.8) / 5)
    assert read(curve(3000, harsh=level)).values["harsh_burst_db"] == pytest.approx(
        expected, abs=0.01
    )


def test_frames_20_lu_below_the_programme_are_not_judged() -> None:
    quiet = np.full(3000, -30.0)
    quiet[1500:] = -51  # 20.3 LU below: the loud half alone counts
    level = np.where(np.arange(3000) < 1500, -40.0, -20.0)
    assert read(curve(3000, harsh=level, k_weighted=quiet)).values["harsh_burst_db"] == 0
    quiet[1500:] = -49.5
    measured = read(curve(3000, harsh=level, k_weighted=quiet))
    assert measured.values["harsh_burst_db"] == pytest.approx(10, abs=0.1)  # median between halves


def test_sibilance_is_measured_against_the_usual_level_of_all() -> None:
    level = np.full(3000, -45.0)
    level[::50] = -24  # 2 % of the frames
    measured = read(curve(3000, sibilant=level, k_weighted=-30.0))
    assert measured.values["sibilance_db"] == pytest.approx(6, abs=0.01)
    level[::50] = -45
    level[::200] = -24  # 0.5 %
    assert read(curve(3000, sibilant=level)).values["sibilance_db"] == pytest.approx(-15, abs=0.01)


def test_rumble_is_the_worst_second_in_twenty() -> None:
    level = np.full(5000, -50.0)
    level[: 6 * 50] = -33  # 6 of 100 s
    measured = read(curve(5000, rumble=level, unweighted=-30.0))
    assert measured.values["rumble_db"] == pytest.approx(-3, abs=0.01)
    level[: 6 * 50] = -50
    level[: 4 * 50] = -33
    assert read(curve(5000, rumble=level)).values["rumble_db"] == pytest.approx(-20, abs=0.01)


def test_bands_without_sound_read_finite() -> None:
    energy = curve(3000).values.copy()
    energy[:, TONE_COLUMNS.index("harsh")] = 0
    energy[7, TONE_COLUMNS.index("harsh")] = 1e-3
    measured = read(Curve(energy, 0.02, "mean square"))
    assert measured.values["harsh_burst_db"] == 0
    assert all(np.isfinite(event.size) for event in measured.events)


@pytest.mark.parametrize(
    ("hops", "known"),
    [(0, 0), (49, 0), (50, 1), (249, 1), (250, 3)],
)
def test_short_sound_has_no_percentiles(hops: int, known: int) -> None:
    values = read(curve(hops)).values
    assert sum(value is not None for value in values.values()) == known
    assert set(read(curve(hops), None).values.values()) == {None}


def test_sound_reads_as_it_was_made() -> None:
    """A 25 Hz tone 6 dB below noise, and a whistle of 0.1 s in every two."""
    samples = noise(-30, 20) + sine(25, -33, 20)
    time_s = np.arange(len(samples)) / 48_000
    samples += np.where(time_s % 2 < 0.1, 1, 0)[:, None] * sine(3500, -10, 20)
    measured = measure(Audio.from_array(samples, 48_000), (KEnergy, Spectrum), (Loudness, Timbre))
    # Seconds without a whistle hold the tone, noise of −27 and both channels of it, −33.
    assert measured.values["rumble_db"] == pytest.approx(
        -33 - 10 * np.log10(10**-2.7 + 10**-3.3), abs=0.3
    )
    # 3.5 of 24 kHz of the noise, −27 dB in both channels, against −10 dB.
    expected = -10 - (-27 + 10 * np.log10(3.5 / 24))
    assert measured.values["harsh_burst_db"] == pytest.approx(expected, abs=0.5)
