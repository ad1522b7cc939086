"""Mixes for the benchmark of lifts: ten kinds of events in gentle beds, with the clean bed kept.

Beds come in the two halves of ``benchmarks.beds``; events are split here, and what is read or made
differs between the halves. Whatever was tuned was tuned on the half *chosen on*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.signal import fftconvolve, resample_poly

from asmrmaster.meters.loudness import integrated, maximum, momentary
from benchmarks.beds import CHOSEN, beds, spoken
from benchmarks.material import Array, Sound, energy, load

KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # kind: recordings of the half chosen on, and of the half held apart
    "impact": (("modsounds_door_close_01", "modsounds_melee_hit_01"),
               ("sonicpi_perc_door", "binaural_clap_kemar")),
    "shrill": (("modsounds_chalk_screech_01",), ("modsounds_whistle",)),
    "bark": (("modsounds_dog_bark",), ("modsounds_puppy_bark", "ibm_dog")),
    "cough": (("made cough 1",), ("made cough 2",)),
    "glass": (("modsounds_coin",), ("modsounds_glass_break_1",)),
    "horn": (("modsounds_train_whistle",), ("modsounds_vehicle_horn_01",)),
    "thunder": (("modsounds_explosion_02",), ("modsounds_thunder_01",)),
    "siren": (("moodist_alarm",), ("moodist_urban_ambulance-siren",)),
    "speech": (("made speech 1",), ("made speech 2",)),
    "click": (("made click 1",), ("made click 2",)),
}  # fmt: skip
LONG = {"thunder": 4.0, "siren": 3.0, "speech": 2.5}
"""Events are this long, others 1.5 s, in seconds."""
PLACES = ("as is", "room", "one ear")
LEVELS_LU = (10.0, 15.0, 20.0, 6.0, 25.0, 15.0)
STRUCTURED = (
    "tap",
    "keyboard",
    "typing",
    "pencil",
    "friction",
    "whisper",
    "soft",
    "voice",
    "gravel",
)
"""Beds whose own sounds are the wanted triggers, by what is in the name."""


@dataclass(frozen=True)
class Mix:
    """A bed, the event alone and where it is: arrays of one shape (frames, channels)."""

    name: str
    kind: str
    place: str
    above_lu: float
    bed: Array
    event: Array
    rate: int
    span_s: tuple[float, float]

    @property
    def take(self) -> Array:
        """What was recorded."""
        return self.bed + self.event


@cache
def _material() -> tuple[dict[str, list[Sound]], dict[str, Sound]]:
    return beds(), {sound.name: sound for sound in load("jarring")}


def mixes(half: str, count: int, seed: int = 7) -> Iterator[Mix]:
    """So many mixes of one half, always the same: kinds, places and levels take turns.

    One in seven lies within 8 s of the start or 4 s of the end; one in five comes as a pair.
    """
    rng = np.random.default_rng(seed)
    sounds, jarring = _material()
    names = list(KINDS)
    for number in range(count):
        bed = sounds[half][number % len(sounds[half])]
        kind = names[(number + number // len(names)) % len(names)]
        options = KINDS[kind][0 if half == CHOSEN else 1]
        name = options[number % len(options)]
        wave = event(name, kind, jarring, bed.rate)
        place = PLACES[number % 3] if bed.samples.shape[1] == 2 else PLACES[number % 2]
        length = len(wave) / bed.rate
        at_s = float(rng.uniform(17, bed.duration_s - 10 - length))
        if number % 14 == 6:
            at_s = float(rng.uniform(2, 8))
        if number % 14 == 13:
            at_s = bed.duration_s - length - float(rng.uniform(1, 4))
        pair = number % 5 == 4 and number % 7 != 6
        yield _mix(bed, name, kind, wave, place, LEVELS_LU[number % 6], at_s, pair)


def _mix(
    bed: Sound,
    name: str,
    kind: str,
    wave: Array,
    place: str,
    above_lu: float,
    at_s: float,
    pair: bool,
) -> Mix:
    channels, rate = bed.samples.shape[1], bed.rate
    placed = in_place(wave, place, channels, rate)
    quiet = np.zeros((round(0.4 * rate), channels))
    loudest = maximum(momentary(energy(np.concatenate([quiet, placed, quiet]), rate)))
    programme = integrated(energy(bed.samples, rate))
    assert loudest is not None
    assert programme is not None
    placed = placed * 10 ** ((programme + above_lu - loudest[0]) / 20)
    alone = np.zeros_like(bed.samples)
    starts = [at_s, at_s + len(wave) / rate + 1.0] if pair else [at_s]
    for start in starts:
        first = round(start * rate)
        part = placed[: len(alone) - first]
        alone[first : first + len(part)] += part
    end_s = min(starts[-1] + len(wave) / rate, bed.duration_s)
    title = f"{bed.name} + {name} {above_lu:+.0f}, {place}{', pair' * pair}"
    return Mix(title, kind, place, above_lu, bed.samples, alone, rate, (at_s, end_s))


def in_place(wave: Array, place: str, channels: int, rate: int) -> Array:
    """The event, shape (frames,), in every channel: as it is, in a room, or in one ear only."""
    if place == "room":
        length = round(0.35 * rate)
        rng = np.random.default_rng(5)
        decay = np.exp(-6.9 * np.arange(length) / (0.3 * rate))[:, None]
        tail = rng.standard_normal((length, channels)) * decay
        tail *= 0.7 / np.sqrt(np.sum(tail**2, axis=0))
        tail[0] += 1.0
        return np.stack([fftconvolve(wave, tail[:, c]) for c in range(channels)], axis=1)
    sides = np.ones(channels)
    if place == "one ear":
        sides[1:] = 0.0
    result: Array = wave[:, None] * sides
    return result


def event(name: str, kind: str, jarring: dict[str, Sound], rate: int) -> Array:
    """One event at this rate, shape (frames,), from its onset on, faded out over 20 ms."""
    sound = made(name) if name.startswith("made") else jarring[name]
    mono = sound.samples.mean(axis=1)
    first = int(np.argmax(np.abs(mono) > 0.05 * np.abs(mono).max()))
    mono = mono[first : first + round(LONG.get(kind, 1.5) * sound.rate)]
    common = int(np.gcd(rate, sound.rate))
    mono = resample_poly(mono, rate // common, sound.rate // common)
    fade = min(len(mono), rate // 50)
    mono[-fade:] *= np.linspace(1, 0, fade)
    return np.asarray(mono)


def made(name: str) -> Sound:
    """A cough (two bursts of throat noise), a click of 5 ms, or a spoken sentence."""
    _, what, seed = name.split()
    rng, rate = np.random.default_rng(int(seed)), 44_100
    if what == "speech":
        voice, pitch = ("en+m1", 45) if seed == "1" else ("en-us+f2", 60)
        return spoken("Excuse me, is anybody in there? I need to come in.", voice, 160, pitch)
    if what == "click":
        length = round(0.005 * rate)
        wave = rng.standard_normal(length) * np.exp(-4 * np.arange(length) / length)
        return Sound(name, wave[:, None], rate)
    parts = []
    for loud in (1.0, 0.6):
        length = round((0.22 + 0.05 * rng.random()) * rate)
        burst = rng.standard_normal(length)
        spectrum = np.fft.rfft(burst)
        freq = np.arange(len(spectrum)) * rate / length
        shape = sum(
            g / (1 + ((freq - f) / w) ** 2)
            for f, w, g in ((550, 200, 1.0), (1500, 350, 0.7), (2800, 600, 0.5))
        )
        burst = np.fft.irfft(spectrum * (shape + 0.03), length)
        time = np.arange(length) / rate
        burst *= np.minimum(time / 0.008, 1) * np.exp(-time / 0.09)
        parts += [loud * burst / np.abs(burst).max(), np.zeros(round(0.12 * rate))]
    return Sound(name, np.concatenate(parts)[:, None], rate)
