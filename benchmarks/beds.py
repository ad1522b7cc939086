"""Gentle beds for the detection benchmark, and which half of them was used for choosing.

Thirteen recordings are long enough by themselves. Shorter ones are shuffled into a minute
(``loop``), strung together with pauses and uneven loudness over a soft floor (``session``), read
by a synthetic voice (``voice``, whispered or soft), or laid over each other (``layer``). A
*programme* changes from one bed to the next and the next, equally loud, with a crossfade: gentle
as well, and the hardest to tell from an intrusion.
"""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from math import gcd

import numpy as np
import soundfile

from asmrmaster.meters.loudness import integrated
from benchmarks.material import Array, Sound, energy, load

LONGEST_S, MADE_S, RATE = 75.0, 60.0, 44_100
CHOSEN, APART = "chosen on", "held apart"

LONG = (  # in order of name, one in two
    "ambienzzz_beach",
    "ambienzzz_hairbrush",
    "ambienzzz_purring",
    "moodist_nature_droplets",
    "moodist_nature_waves",
    "moodist_rain_rain-on-leaves",
    "moodist_things_vinyl-effect",
)
"""The long recordings in the half that was chosen on; the others are held apart."""

LOOPS = {
    "ibm_rain": CHOSEN,
    "modsounds_fire_crackle": CHOSEN,
    "modsounds_rain_medium": CHOSEN,
    "moodist_things_paper": CHOSEN,
    "ibm_typing": APART,
    "modsounds_rain_light": APART,
    "modsounds_wind": APART,
    "sonicpi_vinyl_hiss": APART,
}


@dataclass(frozen=True)
class Session:
    """Clips in random order: pauses in seconds, spread of their loudness in dB."""

    half: str
    clips: tuple[str, ...]
    pauses_s: tuple[float, float]
    spread_db: float = 1.5


SESSIONS = {
    "chalk": Session(CHOSEN, ("modsounds_chalk_write_03",), (0.2, 2)),
    "leaves": Session(CHOSEN, ("modsounds_leaves_01",), (0, 1.5)),
    "speech": Session(
        CHOSEN, ("binaural_speech_brir_-40deg", "softspeech_vctk_p286_011"), (0.5, 2), 1.0
    ),
    "watch": Session(CHOSEN, ("modsounds_watch_tick",), (0, 0.02), 0.25),
    "friction": Session(APART, ("audiomentations_friction0",), (0.05, 1.5)),
    "pencil": Session(APART, ("modsounds_pencil_write", "modsounds_pencil_erase"), (0.1, 1.5)),
    "tap": Session(APART, ("audiomentations_tap",), (0.1, 2)),
    "whisper": Session(APART, ("whisper_wesper_sample",), (0.3, 2)),
}

_BOX = (
    "Hello. It is very good to see you. Tonight we will take our time. I have a small wooden box "
    "here, and I would like to show you what is inside. First, let us breathe in slowly, and out "
    "again. There is no hurry. Listen to the lid as I turn it. It is smooth, and a little warm. "
    "Now I will count the buttons. One. Two. Three. Four. Each of them is a different colour. This "
    "one is green like moss. This one is grey like the sea in the morning. You may close your eyes "
    "if you like. I will stay here, and talk quietly about nothing in particular, until you feel "
    "rested. Perhaps you can hear the rain outside. Perhaps you are already asleep."
)
_BRUSH = (
    "Welcome back. Please make yourself comfortable. I am going to brush your hair, very softly, "
    "from the left to the right. If there is anything you would like me to change, just think of "
    "it. The brush is made of beech wood, and the bristles are soft. Here we go. Slowly, down to "
    "the shoulder. And again. And once more. That is lovely. Let me look at the ends. They are "
    "quite dry, so we will use a drop of oil. It smells of almonds. Now the other side. You are "
    "doing very well. There is nothing to do and nowhere to go. Only the sound of the brush, and "
    "my voice, and the evening."
)
VOICES = {  # half, text, voice, words per minute, pitch
    "whisper_a": (CHOSEN, _BOX, "en+whisper", 120, 40),
    "soft_d": (CHOSEN, _BOX, "en+m3", 110, 30),
    "whisper_b": (APART, _BRUSH, "en-us+whisper", 140, 60),
    "soft_c": (APART, _BRUSH, "en+f3", 120, 30),
}
LAYERS = {  # half, what lies below, what lies on top, dB on top against below
    "rain_whisper": (CHOSEN, "loop modsounds_rain_medium", "voice whisper_a", 12.0),
    "rain_tap": (APART, "loop modsounds_rain_light", "session tap", 0.0),
    "vinyl_voice": (APART, "loop sonicpi_vinyl_hiss", "voice soft_c", 3.0),
}


def beds() -> dict[str, list[Sound]]:
    """The beds of each half, in order of name."""
    found: dict[str, list[Sound]] = {CHOSEN: [], APART: []}
    for sound in load("gentle", 38):
        half = CHOSEN if sound.name in LONG else APART
        found[half].append(
            Sound(sound.name, sound.samples[: round(LONGEST_S * sound.rate)], sound.rate)
        )
    short = {sound.name: sound for sound in load("gentle") if sound.duration_s < 38}
    made: dict[str, tuple[str, Sound]] = {}
    for number, (name, half) in enumerate(LOOPS.items()):
        made[f"loop {name}"] = half, shuffled(short[name], number)
    for number, (name, session) in enumerate(SESSIONS.items()):
        clips = [resampled(short[clip], RATE) for clip in session.clips]
        made[f"session {name}"] = session.half, strung(clips, session, number)
    for name, (half, text, voice, speed, pitch) in VOICES.items():
        made[f"voice {name}"] = half, spoken(text, voice, speed, pitch)
    for name, (half, below, above, on_top_db) in LAYERS.items():
        made[f"layer {name}"] = half, layered(made[below][1], made[above][1], on_top_db)
    for name, (half, sound) in made.items():
        found[half].append(Sound(name, sound.samples, sound.rate))
    return found


def resampled(sound: Sound, rate: int) -> Sound:
    """The sound at this rate, in two channels."""
    from scipy.signal import resample_poly

    common = gcd(rate, sound.rate)
    samples = sound.samples
    if rate != sound.rate:
        samples = resample_poly(samples, rate // common, sound.rate // common, axis=0)
    return Sound(sound.name, np.repeat(samples, 3 - samples.shape[1], axis=1), rate)


def shuffled(sound: Sound, seed: int) -> Sound:
    """A minute of 3 s pieces in random order, crossfaded over 50 ms."""
    rng = np.random.default_rng(seed)
    rate, fade, piece = sound.rate, round(0.05 * sound.rate), 3 * sound.rate
    ramp = np.sqrt(np.linspace(0, 1, fade))[:, None]
    out = np.zeros((round(MADE_S * rate) + piece + fade, sound.samples.shape[1]))
    starts = np.arange(0, len(sound.samples) - piece - fade, piece // 2)
    order = np.concatenate([rng.permutation(starts) for _ in range(30)])
    for place, start in zip(range(0, round(MADE_S * rate), piece), order, strict=False):
        part = sound.samples[start : start + piece + fade].copy()
        part[:fade] *= ramp
        part[-fade:] *= ramp[::-1]
        out[place : place + len(part)] += part
    return Sound(sound.name, out[: round(MADE_S * rate)], rate)


def strung(clips: list[Sound], session: Session, seed: int) -> Sound:
    """A minute of clips, unevenly loud, with pauses, over pink noise 45 dB below."""
    rng = np.random.default_rng(seed)
    out = np.zeros((round(MADE_S * RATE), 2))
    place = round(0.3 * RATE)
    while True:
        clip = clips[rng.integers(len(clips))].samples
        clip = clip * 10 ** (rng.normal(0, session.spread_db) / 20)
        if place + len(clip) >= len(out):
            break
        out[place : place + len(clip)] += clip
        place += len(clip) + round(rng.uniform(*session.pauses_s) * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(out.shape), axis=0)
    floor = np.fft.irfft(
        spectrum / np.sqrt(np.arange(len(spectrum)) + 20)[:, None], len(out), axis=0
    )
    return Sound("", out + floor * rms(out) / rms(floor) * 10 ** (-45 / 20), RATE)


def spoken(text: str, voice: str, speed: int, pitch: int) -> Sound:
    """What espeak-ng reads, with a soft noise below it."""
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-g", "8", "--stdout"]
    wave = subprocess.run([*command, text], check=True, capture_output=True).stdout
    samples, rate = soundfile.read(io.BytesIO(wave), always_2d=True)
    samples = samples[: round(LONGEST_S * rate)]
    samples += 1e-4 * np.random.default_rng(0).standard_normal(samples.shape)
    return Sound(voice, samples, rate)


def layered(below: Sound, above: Sound, on_top_db: float) -> Sound:
    """One bed over another, by their RMS."""
    rate = below.rate
    low, high = resampled(below, rate).samples, resampled(above, rate).samples
    frames = min(len(low), len(high))
    mixed = low[:frames] / rms(low) + high[:frames] / rms(high) * 10 ** (on_top_db / 20)
    return Sound("", 0.05 * mixed, rate)


def rms(samples: Array) -> float:
    """Root mean square of everything."""
    return float(np.sqrt(np.mean(samples**2)))


def programmes(sounds: list[Sound], count: int, fade_s: float, seed: int) -> list[Sound]:
    """Sounds of three beds each, 25 s apart, equally loud to ±1 LU, crossfaded over ``fade_s``."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        parts = [resampled(sounds[k], RATE) for k in rng.choice(len(sounds), 3, replace=False)]
        step, fade = 25 * RATE, round(fade_s * RATE)
        up = np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / fade)[:, None]
        out = np.zeros((3 * step, 2))
        for number, part in enumerate(parts):
            programme = integrated(energy(part.samples, RATE))
            assert programme is not None
            gain = 10 ** ((-23 + rng.normal(0, 1) - programme) / 20)
            frames = min(step + fade, len(part.samples), len(out) - number * step)
            first = rng.integers(len(part.samples) - frames + 1)
            wave = part.samples[first : first + frames] * gain
            if number:
                wave[:fade] *= up
            if number < 2:
                wave[-fade:] *= up[::-1]
            out[number * step : number * step + frames] += wave
        found.append(Sound(" > ".join(part.name for part in parts), out, RATE))
    return found
