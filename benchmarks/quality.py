"""The repair stages on planted defects and on sound that needs none, beside other tools.

    python -m benchmarks.quality [clicks untouched spoken marked hiss clipping bands hum speed]

Peers in the same run: ffmpeg's adeclick, adeclip and afftdn where that command is, and noisereduce
where that package is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import time

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import db
from asmrmaster.meters.pops import Bass, find_pops
from asmrmaster.meters.spectrum import TONE_COLUMNS, Spectrum
from asmrmaster.runtime.blas import one_blas_thread
from asmrmaster.stages.base import Stage
from asmrmaster.stages.declick import Declick
from asmrmaster.stages.declip import Declip
from asmrmaster.stages.deess import Deess
from asmrmaster.stages.denoise import Denoise
from asmrmaster.stages.deplosive import Deplosive
from asmrmaster.stages.hum import Hum, find_hum
from asmrmaster.stages.mouth_declick import MouthDeclick
from asmrmaster.stages.repair import fit
from asmrmaster.streams.audio import Audio
from benchmarks.clicks import clicks, marked, spoken, untouched
from benchmarks.clipping import clipping
from benchmarks.material import load
from benchmarks.peers import table
from benchmarks.planted import hiss as noise
from benchmarks.planted import taps, whispers
from benchmarks.restorers import Tool, energy_db, ffmpeg, noisereduce, repaired

Array = NDArray[np.float64]

RATE = 48_000


def hiss() -> None:
    """A floor lowered by 6 dB under whispers and taps."""
    tools: dict[str, Tool] = {"denoise": lambda x, rate: repaired(x, rate, Denoise())[0]}
    if shutil.which("ffmpeg"):
        tools["afftdn nr=6"] = ffmpeg("afftdn=nr=6:nf=-62")
        tools["afftdn nr=6 tracking"] = ffmpeg("afftdn=nr=6:nf=-62:tn=1")
    if importlib.util.find_spec("noisereduce"):
        tools["noisereduce 50 %"] = noisereduce
    rows = []
    for what, wanted in (("whisper", whispers(24, RATE)), ("taps", taps(24, RATE))):
        loud = np.abs(wanted).max(axis=1) > 0.1
        for colour, snr_db in ((0, 12), (0, 20), (1, 12), (1, 20)):
            floor = noise(24, RATE, colour, -62)
            wave = wanted / np.sqrt(np.mean(wanted[loud] ** 2)) * 10 ** ((snr_db - 62) / 20)
            samples = floor + wave
            for name, tool in tools.items():
                result = tool(samples, RATE)
                rows.append(
                    [what, "pink" if colour else "white", f"{snr_db}", name,
                     *_floor_figures(samples, result, loud)]
                )  # fmt: skip
    print("\nA floor lowered by 6 dB\n")
    head = ["sound", "floor", "over floor, dB", "tool", "floor changed, dB",
            "sound changed, dB", "flatness of what is left", "highest cells, dB"]  # fmt: skip
    print(table(head, rows))
    print("\nFlatness and highest cells (99.9 % over mean) as parts of those of the floor itself;")
    print("musical noise is less flat than 1 and sticks out by more than 0 dB.")


def _floor_figures(samples: Array, result: Array, loud: NDArray[np.bool_]) -> list[str]:
    """Change of the floor and of the sound, and how even the floor is afterwards."""
    from scipy.signal import stft

    quiet = slice(RATE // 2, 3 * RATE)
    flat, peaks = [], []
    for sound in (samples, result):
        cells = np.abs(stft(sound[quiet, 0], RATE, nperseg=2048)[2][20:, 3:-3]) ** 2
        cells = cells / np.maximum(cells.mean(axis=1, keepdims=True), 1e-30)
        flat.append(float(np.exp(np.mean(np.log(np.maximum(cells, 1e-12))))))
        peaks.append(float(db(float(np.percentile(cells, 99.9)))))
    return [
        f"{energy_db(result[quiet], samples[quiet]):.2f}",
        f"{energy_db(result[loud], samples[loud]):.2f}",
        f"{flat[1] / flat[0]:.2f}",
        f"{peaks[1] - peaks[0]:+.1f}",
    ]


def bands() -> None:
    """Sibilance over a soft voice, and bumps under it."""
    from scipy.signal import butter, sosfiltfilt

    seconds = 12.0
    time = np.arange(round(seconds * RATE)) / RATE
    floor = noise(seconds, RATE, 1, -70)

    def shaped(low_hz: float, high_hz: float, level_db: float, seed: int) -> Array:
        wave = np.random.default_rng(seed).standard_normal(len(time))
        wave = sosfiltfilt(butter(4, [low_hz, high_hz], "bandpass", fs=RATE, output="sos"), wave)
        return np.outer(wave / wave.std() * 10 ** (level_db / 20), [1.0, 1.0])

    rows = []
    voice = shaped(200, 1500, -35, 1) + floor
    for level_db in (-32, -28, -25):
        gate = np.convolve((time % 0.9) < 0.15, np.hanning(960) / 480, "same")[:, None]
        samples = voice + shaped(5500, 8500, level_db, 2) * gate
        result, edits = repaired(samples, RATE, Deess())
        away = np.convolve(gate[:, 0] > 0, np.ones(RATE // 8), "same") < 0.5
        rows.append(
            ["de-ess", f"sibilants at {level_db + 35:+} dB re voice",
             f"{_sibilance_db(samples):.1f}", f"{_sibilance_db(result):.1f}", f"{len(edits)}",
             f"{energy_db(result[away], samples[away]):+.3f}"]
        )  # fmt: skip
    decay = np.exp(-(time % 1.1) / 0.04) * (1 - np.exp(-(time % 1.1) / 0.004)) * (time > 1.05)
    for level_db in (-30, -22):
        bump = 10 ** (level_db / 20) * decay * np.sin(2 * np.pi * 45 * (time % 1.1))
        samples = voice + bump[:, None]
        result, edits = repaired(samples, RATE, Deplosive())
        away = decay < 1e-4
        rows.append(
            ["deplosive", f"bumps at {level_db} dBFS", f"{_pops(samples)}", f"{_pops(result)}",
             f"{len(edits)}", f"{energy_db(result[away], samples[away]):+.3f}"]
        )  # fmt: skip
    print("\nExcess in a band: before and after, by the meters (dB of T2; pops)\n")
    print(table(["stage", "planted", "before", "after", "edits", "change elsewhere, dB"], rows))


def _sibilance_db(samples: Array) -> float:
    meter = Spectrum(RATE, 2)
    meter.add(samples)
    curve = meter.result().curves["tone_energy"].values
    energy = dict(zip(TONE_COLUMNS, db(curve).T, strict=True))
    return float(np.percentile(energy["sibilant"], 99) - np.median(energy["k_weighted"]))


def _pops(samples: Array) -> int:
    meter = Bass(RATE, 2)
    meter.add(samples)
    low, total = meter.result().curves["bass_energy"].values.T.astype(np.float64)
    return len(find_pops(low, total))


def hum() -> None:
    """What hum is found in every recording as it is, and after one was planted at −50 dBFS."""
    rows = []
    for sound in load("gentle", 12):
        time = np.arange(len(sound.samples)) / sound.rate
        tones = sum(10 ** ((-50 - 6 * k) / 20) * np.sin(2 * np.pi * 50.03 * (k + 1) * time)
                    for k in range(3))  # fmt: skip
        planted = sound.samples + np.asarray(tones)[:, None]
        row = [sound.name]
        for samples in (sound.samples, planted):
            lines = find_hum(Audio.from_array(samples, sound.rate))
            row.append(", ".join(f"{x.freq_hz:.1f} Hz {x.level_dbfs:.0f}" for x in lines))
        rows.append(row)
    print("\nHum found, Hz and dBFS; planted: 50.03 Hz at −50, 100.06 at −56, 150.09 at −62\n")
    print(table(["recording", "as it is", "with a hum"], rows))


def speed() -> None:
    """Sound time over processor time of one thread, stereo at 48 kHz, on real material."""
    rows = []
    chain = (
        Declip(),
        Declick(),
        MouthDeclick(spans=((5.0, 5.002),)),
        Hum(),
        Denoise(),
        Deplosive(),
        Deess(),
    )
    for sound in (s for s in load("gentle", 40) if s.rate >= 44_100):
        frames = 40 * sound.rate
        samples = np.repeat(sound.samples[:frames, :1], 2, axis=1) + noise(40, sound.rate, 0, -80)
        audio = Audio.from_array(np.asfortranarray(samples), sound.rate)
        fitting_s = _cpu_s(lambda audio=audio: fit(audio, chain))
        fitted = fit(audio, chain)
        times = [_cpu_s(lambda stage=stage, audio=audio: _drain(stage(audio))) for stage in fitted]

        def whole(audio: Audio = audio, fitted: tuple[Stage, ...] = fitted) -> None:
            for stage in fitted:
                audio = stage(audio)
            _drain(audio)

        together = _cpu_s(whole)
        rows.append(
            [sound.name, *(f"{40 / seconds:.0f}" for seconds in (*times, together)),
             f"{40 / (together + fitting_s):.0f}"]
        )  # fmt: skip
    print("\nSpeed, times real time on one core\n")
    print(table(["recording", *(s.name for s in chain), "whole chain", "with measuring"], rows))


def _drain(audio: Audio) -> None:
    for _ in audio.open():
        pass


def _cpu_s(work: object) -> float:
    assert callable(work)
    began = time.process_time()
    work()
    return max(time.process_time() - began, 1e-9)


TABLES = {
    "clicks": clicks,
    "untouched": untouched,
    "spoken": spoken,
    "marked": marked,
    "hiss": hiss,
    "clipping": clipping,
    "bands": bands,
    "hum": hum,
    "speed": speed,
}


def main() -> None:
    """Print the tables asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", choices=[*TABLES, []])
    with one_blas_thread():  # as ``master`` works
        for name in parser.parse_args().tables or TABLES:
            TABLES[name]()


if __name__ == "__main__":
    main()
