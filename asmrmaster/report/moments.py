"""The moments of a file: where findings point to, how far each stands out, and where to listen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from asmrmaster.report.answered import Judgement, Place
from asmrmaster.report.facts import CurveData, Finding, ReviewPoint

NAMED_BY = ("O1a", "O1b", "L4", "L3", "E2", "N3", "N4", "N2", "S3")
"""Criteria whose events are moments."""
SUDDEN = ("O1a", "O1b")
MERGED_S = 2.0
REACH_S = 2.0
"""A judgement this near to a place is of it."""
OFFERED = 5
"""So many of the newest places are offered, and further ones only where something is new."""
NEW_BAND_LU, NEW_LEVEL_LU = 1.0, 0.0

_STEPS = (
    (3.0, "no louder than just before"),
    (6.0, "a little louder than just before"),
    (10.0, "clearly louder than just before"),
    (14.0, "about twice as loud as just before"),
    (18.0, "about three times as loud as just before"),
)
_MOST = "at least four times as loud as just before"
_PARTS = (
    ("L4", "the loudest moment of all"),
    ("E2", "in the first 15 seconds"),
    ("N3", "distorted"),
    ("N4", "the sound breaks off"),
    ("N2", "the background changes"),
    ("S3", "the sound jumps from ear to ear"),
)


def moments(findings: Iterable[Finding], momentary: CurveData | None) -> tuple[Place, ...]:
    """Events of what does not pass, merged where they begin within 2 s of the previous end."""
    named = sorted(
        (event.start_s, event.end_s, finding.criterion)
        for finding in findings
        if finding.applies
        and finding.criterion in NAMED_BY
        and finding.state in ("fail", "advisory")
        for event in finding.events
    )
    groups: list[list[tuple[float, float, str]]] = []
    for one in named:
        if groups and one[0] <= max(end for _, end, _ in groups[-1]) + MERGED_S:
            groups[-1].append(one)
        else:
            groups.append([one])
    return tuple(_place(group, momentary) for group in groups)


def _place(group: Sequence[tuple[float, float, str]], momentary: CurveData | None) -> Place:
    start_s, end_s = group[0][0], max(end for _, end, _ in group)
    sudden = [start for start, _, key in group if key in SUDDEN]
    found = {key for _, _, key in group}
    keys = tuple(key for key in NAMED_BY if key in found)
    rise = rise_lu(momentary, start_s, end_s)
    return Place(
        start_s=start_s,
        end_s=end_s,
        at_s=min(sudden, default=start_s),
        criteria=keys,
        sudden=bool(sudden),
        rise_lu=None if rise is None else round(rise, 1),
        sentence=_sentence(keys, rise),
    )


def rise_lu(momentary: CurveData | None, start_s: float, end_s: float) -> float | None:
    """How far the loudest of [start − 0.2, end + 0.4] s exceeds the median of [start − 10,
    start − 1] s, of momentary loudness; None where the curve is too coarse or silent there."""
    if momentary is None:
        return None
    at = _within(momentary, start_s - 0.2, end_s + 0.4)
    before = _within(momentary, start_s - 10.0, start_s - 1.0)
    return max(at) - median(before) if at and before else None


def _within(curve: CurveData, start_s: float, end_s: float) -> list[float]:
    """Values of the stretches that end in [start_s, end_s]."""
    first = max(0, int(start_s / curve.hop_s) - 1)
    last = max(first, int(end_s / curve.hop_s) + 1)
    return [
        value
        for k, value in enumerate(curve.values[first:last], first)
        if value is not None and start_s <= (k + 1) * curve.hop_s <= end_s + 1e-9
    ]


def rise_in_words(rise: float) -> str:
    """A rise as people say it. Ten dB for a doubling understates soft sound."""
    return next((words for below, words in _STEPS if rise < below), _MOST)


def _sentence(keys: Sequence[str], rise: float | None) -> str:
    louder = "" if rise is None else rise_in_words(rise)
    if "O1a" in keys:
        all_of_it = "louder than all of the half minute before"
        louder = f"{louder} and {all_of_it}" if louder else all_of_it
    parts = [louder] if louder else []
    if "O1b" in keys:
        parts.append("a new kind of sound")
    parts += [words for key, words in _PARTS if key in keys]
    if not parts:
        parts = ["much louder than the rest"]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def quieter(review: Sequence[ReviewPoint], found: Sequence[Place], most: int) -> tuple[Place, ...]:
    """Places to hear so that somebody has heard the rest: the five newest that are no moments
    themselves, and further ones, up to ``most``, only where something is new."""
    places = []
    for k, point in enumerate(review):
        new = point.band_novelty_lu >= NEW_BAND_LU or point.level_novelty_lu >= NEW_LEVEL_LU
        if k >= most or (k >= OFFERED and not new):
            continue
        if any(m.start_s - REACH_S <= point.end_s and point.start_s <= m.end_s + REACH_S
               for m in found):  # fmt: skip
            continue
        places.append(Place(start_s=point.start_s, end_s=point.end_s, at_s=point.start_s))
    return tuple(places)


def of_place(place: Place, judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """What was said of a place, in the order in which it was said."""
    return tuple(
        one for one in judgements if place.start_s - REACH_S <= one.at_s <= place.end_s + REACH_S
    )


def settled(place: Place, judgements: Iterable[Judgement]) -> bool:
    """Whether somebody found it welcome and nobody unwelcome."""
    said = {one.answer for one in of_place(place, judgements)}
    return "welcome" in said and "unwelcome" not in said
