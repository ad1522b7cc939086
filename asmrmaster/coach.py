"""Advice on the recording itself: what to fix at the source, before any processing.

Worked out from a measurement of a raw take; where nothing is said, nothing was found. The limits
are engineering judgement on real recordings, not a verdict: a profile judges, this only helps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

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
OPPOSITE, MOST_POPS_PER_MIN = -0.5, 3.0
LEAST_RATE_HZ = 44_100
SAME_TONE_HZ = 3.0
TIMES = 5

Hum = Sequence[HumLine]
Rule = Callable[[Report, Hum], str]


def advised(report: Report, source: Source) -> Report:
    """The report with advice on the take it is about. Reads the take once, for its hum."""
    sentences = list(advise(report, find_hum(source.audio)))
    if not source.format.lossless:
        sentences.append(
            f"It is stored as {source.format}, which has thrown sound away already: record to WAV "
            "or FLAC, and encode the finished master once."
        )
    return report.model_copy(update={"at_source": tuple(sentences) or (NOTHING,)})


def advise(report: Report, hum: Hum = ()) -> Iterator[str]:
    """Plain sentences on what to fix, the worst first. hum: what ``find_hum`` found."""
    for rule in _RULES:
        if sentence := rule(report, hum):
            yield sentence


def _value(report: Report, name: str) -> float | None:
    return report.after.values.get(name)


def _times(report: Report, name: str) -> str:
    starts = [e.start_s for e in report.after.events if e.quantity == name]
    shown = list(dict.fromkeys(clock(start) for start in sorted(starts)))
    return ", ".join(shown[:TIMES]) + (" and later" if len(shown) > TIMES else "")


def _damage(report: Report, hum: Hum) -> str:
    for name in ("non_finite_samples", "dropouts"):
        if _value(report, name):
            return (
                f"The sound is broken at {_times(report, name)}: use a larger buffer or a faster "
                "disk, close other programs, and check cables."
            )
    return ""


def _clipping(report: Report, hum: Hum) -> str:
    if not _value(report, "clipped_runs"):
        return ""
    return (
        f"It clips at {_times(report, 'clipped_runs')}: turn the gain down by 6 dB or more and "
        "record that again; what was cut off can only be guessed."
    )


def _gain(report: Report, hum: Hum) -> str:
    peak = _value(report, "true_peak_dbtp")
    if peak is None or QUIETEST_DBTP <= peak <= LOUDEST_DBTP or _value(report, "clipped_runs"):
        return ""
    above = _value(report, "max_momentary_above_programme_lu")
    if peak > LOUDEST_DBTP and above is not None and above > SINGLE_LU:
        return (
            f"A single moment, at {_times(report, 'true_peak_dbtp')}, comes to {peak:.1f} dBTP, "
            f"{above:.0f} LU above all the rest: keep it out of the recording, and the gain can "
            "stay."
        )
    how = f"The loudest peak comes to {peak:.1f} dBTP: turn the gain"
    if peak > LOUDEST_DBTP:
        return f"{how} down by about {peak - PEAK_DBTP:.0f} dB, so that a surprise does not clip."
    coarse = ", and record with 24 bits" if "PCM_16" in report.input.format else ""
    return (
        f"{how} up by about {PEAK_DBTP - peak:.0f} dB, away from the noise of the device{coarse}."
    )


def _hum(report: Report, hum: Hum) -> str:
    programme = _value(report, "integrated_lufs")
    loudest = max(hum, key=lambda line: line.level_dbfs, default=None)
    if loudest is None or programme is None or loudest.level_dbfs < programme - INAUDIBLE_LU:
        return ""
    others = [f"{line.freq_hz:.0f}" for line in hum if line is not loudest]
    more = f" (and at {', '.join(others[:TIMES])} Hz)" if others else ""
    return (
        f"The mains hum at {loudest.freq_hz:.0f} Hz{more}, at {loudest.level_dbfs:.0f} dBFS: keep "
        "microphone cables away from power supplies, run everything from one socket, or try "
        "battery power."
    )


def _tone(report: Report, hum: Hum) -> str:
    tone = _value(report, "strongest_tone_hz")
    if tone is None or any(abs(line.freq_hz - tone) <= SAME_TONE_HZ for line in hum):
        return ""
    return (
        f"A tone at {tone:.0f} Hz never stops: switch off screens, chargers, lamps and fans one by "
        "one until it is gone."
    )


def _noise(report: Report, hum: Hum) -> str:
    above = _value(report, "programme_above_floor_lu")
    weighted, plain = _value(report, "noise_floor_lufs"), _value(report, "noise_floor_dbfs")
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
    if _hum(report, hum):
        cure = "the hum is part of it, so begin with that"
    return (
        f"The noise in the pauses lies only {above:.0f} LU below the sound, and "
        f"{LEAST_ABOVE_FLOOR_LU:.0f} are wanted: {cure}; half the distance to the microphone gains "
        "6 dB."
    )


def _rumble(report: Report, hum: Hum) -> str:
    rumble = _value(report, "rumble_db")
    if rumble is None or rumble <= MOST_RUMBLE_DB:
        return ""
    return (
        f"Rumble below 40 Hz comes to {-rumble:.0f} dB below all the rest: use a shock mount, keep "
        "the stand off the floor you step on, and switch the microphone's low cut on."
    )


def _pops(report: Report, hum: Hum) -> str:
    pops = _value(report, "pops_per_min")
    if pops is None or pops <= MOST_POPS_PER_MIN:
        return ""
    return (
        f"There are {pops:.0f} pops or bumps a minute, as at {_times(report, 'pops_per_min')}: use "
        "a pop filter, speak past the microphone, and do not touch its stand."
    )


def _offset(report: Report, hum: Hum) -> str:
    offset = _value(report, "dc_offset_dbfs")
    if offset is None or offset <= MOST_DC_DBFS:
        return ""
    return (
        f"The zero line is off by {offset:.0f} dBFS, a fault of the device or its driver: a "
        "high-pass filter takes it away, but another device would not have it."
    )


def _lean(report: Report, hum: Hum) -> str:
    lean = _value(report, "balance_lu")
    if lean is None or lean <= MOST_LEAN_LU:
        return ""
    return (
        f"One side is {lean:.1f} LU louder than the other: set both gains alike and sit in the "
        "middle, unless that is meant."
    )


def _polarity(report: Report, hum: Hum) -> str:
    correlation = _value(report, "correlation")
    if correlation is None or correlation >= OPPOSITE:
        return ""
    return (
        f"Left and right run against each other (correlation {correlation:.1f}): one cable or "
        "switch turns its channel upside down."
    )


def _rate(report: Report, hum: Hum) -> str:
    rate = report.input.rate_hz
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
