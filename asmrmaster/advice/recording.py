"""Advice on the recording itself: what to fix at the source, before any processing.

Worked out from a measurement of a raw take; where nothing is said, nothing was found. The limits
are engineering judgement on real recordings, not a verdict: a profile judges, this only helps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from asmrmaster.audio.source import Source
from asmrmaster.report import Report, clock
from asmrmaster.stages.hum import HumLine, find_hum

NOTHING = "Nothing to fix at the source was found."
PEAK_DBTP = -12.0
"""Where the loudest moment of a recording should come to: room for a surprise, far from the noise
of the converter."""
LOUDEST_DBTP, QUIETEST_DBTP = -3.0, -20.0
SINGLE_LU = 15.0
"""A moment this far above programme is no matter of gain."""
INAUDIBLE_LU = 45.0
"""Hum this far below programme loudness is left out."""
LEAST_ABOVE_FLOOR_LU = 31.0
"""A master at -24 LUFS then has a floor of -55, which the presets for speech accept."""
LOW_NOISE_DB = 0.0
"""Unweighted minus K-weighted floor: hiss reads -2 or less, what a fan or traffic makes more."""
MOST_RUMBLE_DB, MOST_DC_DBFS, MOST_LEAN_LU = -10.0, -60.0, 3.0
OPPOSITE, MOST_POPS_PER_MIN, LEAST_POPS = -0.5, 3.0, 3
LEAST_RATE_HZ = 44_100
SAME_TONE_HZ = 3.0
TIMES = 5


@dataclass(frozen=True)
class _Heard:
    """All a rule goes by: the report on a take, and the hum found in it."""

    report: Report
    hum: Sequence[HumLine]

    def value(self, name: str) -> float | None:
        """What was measured of this quantity."""
        return self.report.after.values.get(name)

    def times(self, name: str) -> str:
        """When its events start, the first ones."""
        starts = [e.start_s for e in self.report.after.events if e.quantity == name]
        shown = list(dict.fromkeys(clock(start) for start in sorted(starts)))
        return ", ".join(shown[:TIMES]) + (" and later" if len(shown) > TIMES else "")


Rule = Callable[[_Heard], str]
"""A sentence, or nothing."""


def advised(report: Report, source: Source) -> Report:
    """The report with advice on the take it is about. Reads the take once, for its hum."""
    sentences = list(advise(report, find_hum(source.audio)))
    if not source.format.lossless:
        sentences.append(
            f"It is stored as {source.format}, which has thrown sound away already: record to WAV "
            "or FLAC, and encode the finished master once."
        )
    return report.model_copy(update={"at_source": tuple(sentences) or (NOTHING,)})


def advise(report: Report, hum: Sequence[HumLine] = ()) -> Iterator[str]:
    """Plain sentences on what to fix, the worst first. hum: what ``find_hum`` found."""
    take = _Heard(report, hum)
    for rule in _RULES:
        if sentence := rule(take):
            yield sentence


def _damage(take: _Heard) -> str:
    for name in ("non_finite_samples", "dropouts"):
        if take.value(name):
            return (
                f"The sound is broken at {take.times(name)}: use a larger buffer or a faster "
                "disk, close other programs, and check cables."
            )
    return ""


def _clipping(take: _Heard) -> str:
    if not take.value("clipped_runs"):
        return ""
    return (
        f"It clips at {take.times('clipped_runs')}: turn the gain down by 6 dB or more and "
        "record that again; what was cut off can only be guessed."
    )


def _gain(take: _Heard) -> str:
    peak = take.value("true_peak_dbtp")
    if peak is None or QUIETEST_DBTP <= peak <= LOUDEST_DBTP or take.value("clipped_runs"):
        return ""
    above = take.value("max_momentary_above_programme_lu")
    if peak > LOUDEST_DBTP and above is not None and above > SINGLE_LU:
        return (
            f"A single moment, at {take.times('true_peak_dbtp')}, comes to {peak:.1f} dBTP, "
            f"{above:.0f} LU above all the rest: keep it out of the recording, and the gain can "
            "stay."
        )
    how = f"The loudest peak comes to {peak:.1f} dBTP: turn the gain"
    if peak > LOUDEST_DBTP:
        return f"{how} down by about {peak - PEAK_DBTP:.0f} dB, so that a surprise does not clip."
    coarse = ", and record with 24 bits" if "PCM_16" in take.report.input.format else ""
    return (
        f"{how} up by about {PEAK_DBTP - peak:.0f} dB, away from the noise of the device{coarse}."
    )


def _hum(take: _Heard) -> str:
    programme = take.value("integrated_lufs")
    loudest = max(take.hum, key=lambda line: line.level_dbfs, default=None)
    if loudest is None or programme is None or loudest.level_dbfs < programme - INAUDIBLE_LU:
        return ""
    others = [f"{line.freq_hz:.0f}" for line in take.hum if line is not loudest]
    more = f" (and at {', '.join(others[:TIMES])} Hz)" if others else ""
    return (
        f"Mains hum at {loudest.freq_hz:.0f} Hz{more}, at {loudest.level_dbfs:.0f} dBFS: keep "
        "microphone cables away from power supplies, run everything from one socket, or try "
        "battery power."
    )


def _tone(take: _Heard) -> str:
    tone = take.value("strongest_tone_hz")
    if tone is None or any(abs(line.freq_hz - tone) <= SAME_TONE_HZ for line in take.hum):
        return ""
    return (
        f"A tone at {tone:.0f} Hz never stops: switch off screens, chargers, lamps and fans one by "
        "one until it is gone."
    )


def _noise(take: _Heard) -> str:
    above = take.value("programme_above_floor_lu")
    weighted, plain = take.value("noise_floor_lufs"), take.value("noise_floor_dbfs")
    if above is None or weighted is None or plain is None or above >= LEAST_ABOVE_FLOOR_LU:
        return ""
    low = plain - weighted > LOW_NOISE_DB
    cure = (
        "it is low, as from a fan, heating or traffic, so switch off what runs, close windows, or "
        "record at another hour"
        if low
        else "it is hiss, as from the microphone or its amplifier, so a microphone with less noise "
        "of its own would help"
    )
    if _hum(take):
        cure = "the hum is part of it, so begin with that"
    return (
        f"The noise in the pauses lies only {above:.0f} LU below the sound, and "
        f"{LEAST_ABOVE_FLOOR_LU:.0f} are wanted: {cure}; half the distance to the microphone gains "
        "6 dB."
    )


def _rumble(take: _Heard) -> str:
    rumble = take.value("rumble_db")
    if rumble is None or rumble <= MOST_RUMBLE_DB:
        return ""
    return (
        f"Rumble below 40 Hz comes to {-rumble:.0f} dB below all the rest: use a shock mount, keep "
        "the stand off the floor you step on, and switch the microphone's low cut on."
    )


def _pops(take: _Heard) -> str:
    pops = take.value("pops_per_min")
    if pops is None or pops <= MOST_POPS_PER_MIN:
        return ""
    if round(pops * take.report.input.duration_s / 60) < LEAST_POPS:
        return ""
    return (
        f"There are {pops:.0f} pops or bumps a minute, as at {take.times('pops_per_min')}: use "
        "a pop filter, speak past the microphone, and do not touch its stand."
    )


def _offset(take: _Heard) -> str:
    offset = take.value("dc_offset_dbfs")
    if offset is None or offset <= MOST_DC_DBFS:
        return ""
    return (
        f"The zero line is off by {offset:.0f} dBFS, a fault of the device or its driver: a "
        "high-pass filter takes it away, but another device would not have it."
    )


def _lean(take: _Heard) -> str:
    lean = take.value("balance_lu")
    if lean is None or lean <= MOST_LEAN_LU:
        return ""
    return (
        f"One side is {lean:.1f} LU louder than the other: set both gains alike and sit in the "
        "middle, unless that is meant."
    )


def _polarity(take: _Heard) -> str:
    correlation = take.value("correlation")
    if correlation is None or correlation >= OPPOSITE:
        return ""
    return (
        f"Left and right run against each other (correlation {correlation:.1f}): one cable or "
        "switch turns its channel upside down."
    )


def _rate(take: _Heard) -> str:
    rate = take.report.input.rate_hz
    if rate >= LEAST_RATE_HZ:
        return ""
    return (
        f"At {rate} Hz nothing above {rate / 2000:g} kHz is kept, where the air of a whisper is: "
        "record at 48000 Hz."
    )


_RULES: tuple[Rule, ...] = (
    _damage,
    _clipping,
    _gain,
    _hum,
    _tone,
    _noise,
    _rumble,
    _pops,
    _offset,
    _lean,
    _polarity,
    _rate,
)
"""In the order they are told."""
