"""Agreement with other meters, on noise and on real recordings.

Tolerances: 0.02 LU for programme loudness, 0.1 LU for its range. libebur128 takes short-term
loudness for the range once a second and Tech 3342 asks for ten times; so with it our function is
compared at its own step, and with FFmpeg, which takes it every 100 ms, at ours. FFmpeg picks the
window of rank p·n where Tech 3342 picks 1 + p·(n − 1), one place lower; in a sound of 12 s that
can be worth 0.8 LU, so with FFmpeg only the long recordings are compared.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from asmrmaster.audio import read
from asmrmaster.meters import read_curves
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness, loudness_range, weighted
from asmrmaster.meters.passes import run_meters
from asmrmaster.streams.audio import Audio
from tests import oracles
from tests.media import ffmpeg
from tests.signals import Array, concat, noise, pink, recording, silence

I_LU, RANGE_LU = 0.02, 0.1


def ours(samples: Array, rate: int) -> tuple[oracles.Loudness, float]:
    """Our reading, and the range as libebur128 steps."""
    measured = read_curves(run_meters(Audio.from_array(samples, rate), (KEnergy,)), (Loudness,))
    k_energy = measured.curves["k_energy"].values
    each_second = loudness_range(weighted(k_energy, samples.shape[1]), step_hops=100)
    programme, spread = measured.values["integrated_lufs"], measured.values["loudness_range_lu"]
    assert programme is not None
    assert spread is not None
    assert each_second is not None
    return oracles.Loudness(programme, spread), each_second


def compare(samples: Array, rate: int) -> None:
    mine, each_second = ours(samples, rate)
    library = oracles.libebur128(samples, rate)
    assert mine.integrated_lufs == pytest.approx(library.integrated_lufs, abs=I_LU)
    assert each_second == pytest.approx(library.range_lu, abs=RANGE_LU)
    assert mine.integrated_lufs == pytest.approx(oracles.pyloudnorm_lufs(samples, rate), abs=I_LU)


def uneven(rate: int, channels: int) -> Array:
    """Noise that comes and goes, with a pause below the absolute gate."""
    levels = [-30, -42, -26, -90, -35, -28, -50, -30]
    parts = [pink(level, 2.5, rate, channels, i) for i, level in enumerate(levels)]
    return concat(*parts)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_noise(rate: int, channels: int) -> None:
    compare(uneven(rate, channels), rate)


@pytest.mark.parametrize("channels", [3, 4, 5, 6, 8])
def test_layouts(channels: int) -> None:
    """A different level in each channel, the LFE by far the loudest."""
    x = noise(-30, 8, channels=channels) * 10 ** (-np.arange(channels) / 20)
    if channels >= 6:
        x[:, 3] *= 10
    mine, _ = ours(x, 48_000)
    assert mine.integrated_lufs == pytest.approx(
        oracles.libebur128(x, 48_000).integrated_lufs, abs=I_LU
    )


RECORDINGS = {
    "gentle/ambienzzz_beach.mp3": (48_000, 1),
    "gentle/ambienzzz_fire.mp3": (44_100, 2),
    "gentle/ambienzzz_keyboard.mp3": (44_100, 2),
    "gentle/ibm_typing.wav": (48_000, 2),
    "gentle/moodist_nature_droplets.mp3": (24_000, 2),
    "gentle/moodist_things_paper.mp3": (24_000, 2),
    "gentle/softspeech_vctk_p286_011.wav": (48_000, 1),
    "gentle/modsounds_wind.flac": (44_100, 2),
    "jarring/ibm_dog.wav": (44_100, 2),
}


SURROUND = {"5.1": 6, "5.1(side)": 6, "7.1": 8}


SURROUND_FILES = (
    ("5.1", "wav", "pcm_s24le"), ("5.1(side)", "wav", "pcm_s24le"), ("7.1", "wav", "pcm_s24le"),
    ("5.1", "flac", "flac"), ("7.1", "flac", "flac"), ("5.1(side)", "mkv", "ac3"),
    ("7.1", "mkv", "flac"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("layout", "suffix", "codec", "loudest"),
    [(*file, k) for file in SURROUND_FILES for k in range(4, SURROUND[file[0]])],
)
def test_each_surround_of_a_file(
    tmp_path: Path, layout: str, suffix: str, codec: str, loudest: int
) -> None:
    """One surround at a time 20 dB above the rest.

    FFmpeg's filter counts the backs of 7.1 like its sides, where BS.1770-5 Annex 3 weighs what
    stands at 135° as 1; there libebur128 is asked alone.
    """
    channels = SURROUND[layout]
    path = tmp_path / f"x.{suffix}"
    gains = [0.2 if k == loudest else 0.02 for k in range(channels)]
    noises = "|".join(f"{gain}*random({k})" for k, gain in enumerate(gains))
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc={noises}:c={layout}:d=3:s=48000", "-c:a", codec, path)
    audio = read(path).audio
    mine, _ = ours(audio.to_array(), audio.rate)
    library = oracles.libebur128(oracles.decoded(path, audio.rate, channels), audio.rate)
    assert mine.integrated_lufs == pytest.approx(library.integrated_lufs, abs=I_LU)
    if layout != "7.1" or loudest > 5:
        printed = oracles.ffmpeg_on(path).integrated_lufs
        assert mine.integrated_lufs == pytest.approx(printed, abs=0.05 + I_LU)


@pytest.mark.parametrize("name", RECORDINGS)
def test_recordings(name: str) -> None:
    rate, channels = RECORDINGS[name]
    samples = oracles.decoded(recording(name), rate, channels)[: 45 * rate]
    compare(samples, rate)
    if len(samples) == 45 * rate:
        printed, (mine, _) = oracles.ffmpeg(samples, rate), ours(samples, rate)
        half_a_digit = 0.05
        assert abs(mine.integrated_lufs - printed.integrated_lufs) <= half_a_digit + I_LU
        assert abs(mine.range_lu - printed.range_lu) <= half_a_digit + RANGE_LU


def test_a_wrong_reading_would_be_seen() -> None:
    """The comparison can fail: 0.05 dB more is caught, and so is a channel left out."""
    x = uneven(48_000, 2)
    mine, _ = ours(x, 48_000)
    louder = oracles.libebur128(x * 10 ** (0.05 / 20), 48_000)
    assert mine.integrated_lufs != pytest.approx(louder.integrated_lufs, abs=I_LU)
    assert mine.integrated_lufs != pytest.approx(
        oracles.pyloudnorm_lufs(x[:, :1], 48_000), abs=I_LU
    )


def test_silence_is_no_number_anywhere() -> None:
    measured = read_curves(
        run_meters(Audio.from_array(silence(5), 48_000), (KEnergy,)), (Loudness,)
    )
    assert measured.values["integrated_lufs"] is None
    assert oracles.libebur128(silence(5), 48_000).integrated_lufs == -np.inf
