"""Findings and answers in plain sentences, without units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from asmrmaster.audio.times import clock
from asmrmaster.presets.words import CriterionWords, words
from asmrmaster.report.facts import CurveData, Finding, MeasurementData
from asmrmaster.report.formatting import inside

NUMBERS = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
NAMED = 3
"""So many times are named; the rest is counted."""
LEANS_DB = 0.5


def counted(number: int) -> str:
    """A number in words up to twelve."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)


def capital(text: str) -> str:
    """The text as the start of a sentence."""
    return text[:1].upper() + text[1:]


def minute(seconds: float) -> str:
    """A time to the second that has begun: 0:41 or 1:02:03."""
    return clock(max(0, int(seconds + 1e-6)), 0)


def at_times(times_s: Iterable[float]) -> str:
    """``at 0:41 and 1:02``; of more than three, three and how many more."""
    shown = list(dict.fromkeys(minute(t) for t in sorted(times_s)))
    if len(shown) > NAMED:
        shown = [*shown[:NAMED], f"{len(shown) - NAMED} more"]
    return f"at {listed(shown)}" if shown else ""


def listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def title(finding: Finding) -> str:
    """What a criterion is called in plain words; its own title where there are none."""
    known = words().criteria.get(finding.criterion)
    return known.title if known else finding.title


def spoken(finding: Finding) -> CriterionWords:
    """The words of a finding's criterion; of one of somebody's own, what its profile says."""
    known = words().criteria.get(finding.criterion)
    if known is not None:
        return known
    what = finding.title or finding.criterion
    return CriterionWords(
        title=what,
        fine="Within the limit.",
        wrong="Beyond the limit{times_}.",
        meaning=capital(f"{finding.protects}.") if finding.protects else "",
        checker="Listen there.",
        creator="",
    )


def plain(finding: Finding, measured: MeasurementData, tags: Sequence[str] | None = None) -> str:
    """What a finding says, as one sentence. tags: what was declared, as ids."""
    known = spoken(finding)
    if finding.state == "not assessed" and not finding.vetoed:
        return _missing(finding)
    if finding.state == "pass":
        shown = listed([tag(one) for one in tags or ()])
        text = known.fine or ""
        if "{tags}" in text and not shown:
            return "Declared: none of the listed sounds."
        return text.replace("{tags}", shown).replace("{who}", "Somebody")
    return _wrong(finding, known.wrong, measured, tags)


def _missing(finding: Finding) -> str:
    if finding.criterion == "O9":
        return "Not yet."
    if finding.quantity in ("content_tags_declared", "forewarning_given", "misophonia_core_tags"):
        return "Not declared."
    if "shorter than" in finding.why:
        return "Too short to tell."
    return "Could not be measured."


def _wrong(
    finding: Finding, text: str, measured: MeasurementData, tags: Sequence[str] | None
) -> str:
    times = at_times(event.start_s for event in finding.events)
    if not times:
        text = text.replace(", {times},", "").replace(", {times}", "")
    number = len(finding.events) or round(finding.measured or 0)
    text = text.replace("{places}", "place" if number == 1 else "places")
    text = text.replace("{moments}", "moment" if number == 1 else "moments")
    side = leaning(measured.pictures["channels"].values) if "channels" in measured.pictures else ""
    text = text.replace("to the {side}", f"to the {side}" if side else "to one side")
    low, value = finding.limit.min, finding.measured
    quiet = low is not None and value is not None and value < low
    return (
        text.replace("{times_}", f", {times}" if times else "")
        .replace("{times}", times)
        .replace("{n}", counted(number))
        .replace("{quietloud}", "quiet" if quiet else "loud")
        .replace("{tags}", listed([tag(one) for one in tags or ()]))
    )


def leaning(rows: Sequence[Sequence[int | None]]) -> str:
    """``left`` or ``right``, whichever of two rows of levels is higher; empty where neither is."""
    if len(rows) != 2:
        return ""
    means = []
    for row in rows:
        known = [10 ** (level / 10) for level in row if level is not None]
        means.append(sum(known))
    left, right = means
    if left > right * 10 ** (LEANS_DB / 10):
        return "left"
    return "right" if right > left * 10 ** (LEANS_DB / 10) else ""


def tag(name: str) -> str:
    """A declared tag in plain words; one this version does not know as it stands."""
    return words().tags.get(name, name.replace("-", " "))


def titles(found: Iterable[Finding]) -> str:
    """Plain titles as one sentence."""
    names = list(dict.fromkeys(title(finding) for finding in found))
    return capital(", ".join([*names[:1], *map(inside, names[1:])])) + "." if names else ""


def steady_outside(
    measured: MeasurementData,
    spans: Sequence[tuple[float, float]],
    limits: Sequence[tuple[str, float]],
) -> bool:
    """Whether curves stay under their limits outside of spans; False where one is not known.

    limits: names of curves and the highest level accepted of them.
    """
    for name, highest in limits:
        curve: CurveData | None = measured.curves.get(name)
        if curve is None or not curve.values:
            return False
        for k, value in enumerate(curve.values):
            if value is None or value <= highest:
                continue
            start_s, end_s = k * curve.hop_s, (k + 1) * curve.hop_s
            if not any(low < end_s and start_s < high for low, high in spans):
                return False
    return True
