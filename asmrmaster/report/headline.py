"""The sentence on top of a report, and the one below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from asmrmaster.presets import Group
from asmrmaster.report.answered import Answer, Grade, Place, ResultState
from asmrmaster.report.facts import Finding, MeasurementData
from asmrmaster.report.sentences import at_times, capital, counted, listed, plain, steady_outside

Graded = Sequence[tuple[Finding, Grade | None]]
SUDDEN_CRITERIA = ("O1a", "O1b", "L4", "E2")
AROUND_S = (-2.0, 3.0)
"""What lies this far around a moment is not said to be steady or otherwise."""
NOT_SUDDEN = "No sudden sound found"


class Listened(Protocol):
    """Who listened, in a sentence."""

    @property
    def sentence(self) -> str: ...


def headline(
    state: ResultState,
    answers: Sequence[Answer],
    graded: Mapping[Group, Graded],
    moments: Sequence[Place],
) -> str:
    """The sentence on top, without a full stop."""
    if state in ("stop", "close"):
        wanted = [
            one for one in answers if (one.state == "not_fine" if state == "stop" else one.close)
        ]
        if wanted:
            return _first_clause(wanted[0].sentence)
        return "Something fails that no question holds"
    novelty = [(f, g) for f, g in graded["sudden"] if f.criterion in ("O1a", "O1b")]
    if state == "unknown":
        if any(g == "unknown" for _, g in novelty):
            return "Too short to tell whether anything is sudden"
        missing = [f for own in graded.values() for f, g in own if g == "unknown"]
        if missing and all("shorter than" in f.why for f in missing if f.role != "person"):
            return "Too short to tell all that is asked"
        return "Not everything could be measured"
    if not any(f.state != "not assessed" for f, _ in novelty):
        return "Nothing was looked for that is sudden"
    if any(g is not None for f, g in graded["sudden"] if f.criterion in SUDDEN_CRITERIA):
        return _first_clause(sudden_sentence(graded["sudden"], moments))
    even = any(one.question == "level" and one.state == "fine" for one in answers)
    return f"{NOT_SUDDEN}; even throughout" if even else NOT_SUDDEN


def _first_clause(sentence: str) -> str:
    return sentence.split(". ")[0].rstrip(".")


def sudden_sentence(graded: Graded, moments: Sequence[Place]) -> str:
    """What the findings on sudden sounds amount to, where they are not fine."""
    bad = {f.criterion for f, g in graded if g == "bad"}
    close = {f.criterion for f, g in graded if g == "close"}
    by = {f.criterion: f for f, _ in graded}
    sudden = [place.at_s for place in moments if place.sudden]
    if bad & {"O1a", "O1b"} or (not bad and not close and sudden):
        number = len(sudden)
        if not number:
            return "A sudden sound."
        sounds = "sound" if number == 1 else "sounds"
        return f"{capital(counted(number))} sudden {sounds}, {at_times(sudden)}."
    if "L4" in bad or (not bad and not close and _hints(by, "L4")):
        times = at_times(event.start_s for event in by["L4"].events)
        at = f", {times}," if times else ""
        return f"The loudest moment{at} stands far above the rest."
    if "E2" in bad or (not bad and not close and _hints(by, "E2")):
        return "The first 15 seconds hold the loudest moment."
    if bad:
        return plain(by[min(bad)], MeasurementData(values={}))
    if close:
        places = [p.at_s for p in moments if close & set(p.criteria)]
        number = max(1, len(places))
        what = "place" if number == 1 else "places"
        times = f", {at_times(places)}" if places else ""
        return f"{capital(counted(number))} {what} just over the limit{times}."
    hints = [f for f, g in graded if g == "hint"]
    return plain(hints[0], MeasurementData(values={})) if hints else "None found."


def _hints(by: Mapping[str, Finding], criterion: str) -> bool:
    return criterion in by and by[criterion].state in ("fail", "advisory")


def second_line(
    state: ResultState,
    graded: Mapping[Group, Graded],
    moments: Sequence[Place],
    measured: MeasurementData,
    listened: Listened,
) -> str:
    """What else matters first, and who listened."""
    parts = []
    if state in ("stop", "close") and moments and _otherwise_steady(graded, moments, measured):
        parts.append("Otherwise steady.")
    if state == "finish":
        parts.append(finish_sentence(graded["finish"]))
        parts += [plain(f, measured) for f, g in graded["content"] if g == "fix"]
    return " ".join(part for part in (*parts, listened.sentence) if part)


def _otherwise_steady(
    graded: Mapping[Group, Graded], moments: Sequence[Place], measured: MeasurementData
) -> bool:
    found = {f.criterion: f for own in graded.values() for f, _ in own}
    if any(key in found and found[key].state not in ("pass",) for key in ("L6", "L7")
           if key in found and found[key].state != "not assessed"):  # fmt: skip
        return False
    programme = measured.values.get("integrated_lufs")
    if programme is None:
        return False
    limits = []
    for key, curve in (("L4", "momentary_lufs"), ("L3", "short_term_lufs")):
        if key in found and (most := found[key].limit.max) is not None:
            limits.append((curve, programme + most))
    spans = [(place.start_s + AROUND_S[0], place.end_s + AROUND_S[1]) for place in moments]
    return bool(limits) and steady_outside(measured, spans, limits)


def finish_sentence(graded: Graded) -> str:
    """What a fade, a gain or a filter would cure, as one sentence or a few short ones."""
    wrong = {f.criterion: f for f, g in graded if g == "fix"}
    missing = []
    if "E1" in wrong:
        missing.append("soft start")
    if "E3a" in wrong:
        missing.append("fade-out")
    elif "E3b" in wrong:
        missing.append("quiet end")
    if "L2" in wrong:
        missing.append("room above the peaks")
    parts = [f"Missing: {', '.join(missing)}."] if missing else []
    ends = []
    if "E4a" in wrong and "E1" not in wrong:
        ends.append("start")
    if "E4b" in wrong and not wrong.keys() & {"E3a", "E3b"}:
        ends.append("end")
    if ends:
        parts.append(f"May click at the {listed(ends)}.")
    if "L1" in wrong:
        low, value = wrong["L1"].limit.min, wrong["L1"].measured
        quiet = low is not None and value is not None and value < low
        parts.append(f"{'Quieter' if quiet else 'Louder'} than usual.")
    if "E4c" in wrong:
        parts.append("Hidden offset.")
    known = {"E1", "E3a", "E3b", "L2", "E4a", "E4b", "L1", "E4c"}
    parts += [plain(f, MeasurementData(values={})) for key, f in wrong.items() if key not in known]
    return " ".join(parts)
