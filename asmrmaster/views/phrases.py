"""What pages say of a report: figures with their units, limits and verdicts in sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import PurePath

from asmrmaster.declarations.content import TAGS
from asmrmaster.meters import QUANTITIES
from asmrmaster.meters.base import Quantity
from asmrmaster.meters.declared import DECLARED
from asmrmaster.presets import GRADES
from asmrmaster.presets.limits import in_words
from asmrmaster.report import (
    AtEar,
    Change,
    Declared,
    FileFacts,
    Finding,
    Judgement,
    Limits,
    Report,
    ReviewPoint,
    State,
    Verdict,
    inside,
    with_unit,
)
from asmrmaster.stages import STAGES
from asmrmaster.stages.limiter import Limiter

__all__ = ["GRADES", "ORDER", "PLURAL", "SENTENCES", "WORDS", "inside"]

ORDER: tuple[State, ...] = ("fail", "advisory", "not assessed", "pass")
"""Finding states, what matters most first."""
WORDS: dict[str, str] = {
    "fail": "fails",
    "advisory": "advisory",
    "not assessed": "not assessed",
    "pass": "passes",
}
SENTENCES: dict[Verdict, tuple[str, str]] = {
    "meets": ("Meets the profile", ""),
    "meets with advisories": ("Meets the profile", "with advisories"),
    "does not meet": ("Does not meet the profile", ""),
    "not assessed": ("Not assessed against the profile", ""),
}
"""The verdict in words: what stands before the name of the profile, and after it."""
PLURAL: dict[Verdict, str] = {
    "meets": "meet",
    "meets with advisories": "meet with advisories",
    "does not meet": "do not meet",
    "not assessed": "not assessed",
}
LISTENED = "Listened to by"
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_JOINERS = "\u200c\u200d"  # some scripts and emoji are written with them
MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
_MINUS = re.compile(r"(?<![\w.-])-(?=\d)")
_VERB_FIRST = re.compile(r"^(is|has|holds|runs|cannot|lasts|ends)\b")
SILENCE, SILENT_DB = "silence", -150.0
"""A level below this is no level: 24 bit reach down to −144 dBFS."""
_CODECS = {
    "FLOAT": "32 bit float",
    "DOUBLE": "64 bit float",
    "VORBIS": "Vorbis",
    "OPUS": "Opus",
    "opus": "Opus",
    "vorbis": "Vorbis",
}
_DECLARED = frozenset(known.name for known in DECLARED)
_LEVELS = ("LUFS", "dBFS", "dBTP")


def quantity(name: str) -> Quantity:
    """The definition of a quantity; of one this version does not know, what its name tells."""
    if name in QUANTITIES:
        return QUANTITIES[name]
    return Quantity(name, "", name.replace("_", " "), "", "")


def title(name: str) -> str:
    """The title of a quantity as the start of a sentence or cell."""
    return capital(quantity(name).title)


def notes(report: Report) -> list[str]:
    """What was found about the take, the file, and those for destinations, as sentences; each
    once."""
    given = report.input.notes if report.output is not None else ()
    made = [f"{one.target.id}: {note}" for one in report.deliveries for note in one.file.notes]
    every = (*given, *subject(report).notes, *made)
    return list(dict.fromkeys(sentence(note) for note in every))


def sentence(text: str) -> str:
    """Text from a report as a sentence."""
    shown = capital(prose(text))
    return shown if shown.endswith((".", "!", "?")) else f"{shown}."


def told(message: str) -> str:
    """What is wrong with a file, as a sentence: errors put the file's name before it."""
    return sentence(_VERB_FIRST.sub(r"it \1", message))


def prose(text: str) -> str:
    """Text from a report with real minus signs before its numbers."""
    return _MINUS.sub(MINUS, text)


def capital(text: str) -> str:
    """The text as the start of a sentence."""
    return text[:1].upper() + text[1:]


def number(value: float | None, decimals: int = 1, *, sign: bool = False) -> str:
    """A number as printed, with a real minus sign; an en dash where there is none."""
    if value is None:
        return DASH
    text = f"{value:{'+' if sign else ''}.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", MINUS)


def figure(name: str, value: float | None, *, unit: bool = True) -> str:
    """A value of this quantity in print, with its unit."""
    known = quantity(name)
    if value is not None and value < SILENT_DB and known.unit in _LEVELS:
        return SILENCE
    text = number(value, known.decimals)
    return with_unit(text, known.unit) if unit and value is not None else text


def measured(finding: Finding, *, unit: bool = True) -> str:
    """The figure of a finding in print."""
    if finding.measured is not None and quantity(finding.quantity).flag:
        return "yes" if finding.measured else "no"
    text = figure(finding.quantity, finding.measured, unit=False)
    plain = not unit or finding.measured is None or text == SILENCE
    return text if plain else with_unit(text, finding.unit)


def result(finding: Finding) -> tuple[str, str]:
    """The shape and the word for how a criterion came out."""
    if not finding.applies:
        return "does not apply", "does not apply"
    if finding.requirement == "report" and finding.state == "pass":
        return "reported", "reported"
    return finding.state, WORDS[finding.state]


def limit(limits: Limits, unit: str = "") -> str:
    """What is accepted, in words."""
    bounded = limits.min is not None or limits.max is not None
    return with_unit(in_words(limits).replace("-", MINUS), unit if bounded else "")


def accepted(finding: Finding) -> str:
    """What a criterion accepts, in words."""
    if finding.limit.min is not None and quantity(finding.quantity).flag:
        return "yes"
    return limit(finding.limit, finding.unit)


def subject(report: Report) -> FileFacts:
    """The file the verdict is about."""
    return report.output or report.input


def name(facts: FileFacts) -> str:
    """A file's name without its folder, shown as it is but for characters that turn text around.

    Controls and direction marks in a name can make another name of it on the page.
    """
    return visible(PurePath(facts.path).name or facts.path)


def visible(text: str) -> str:
    """Text with control, direction and unpaired characters replaced by U+FFFD."""
    return "".join(
        c if c.isprintable() or c in _JOINERS else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def titles(found: Sequence[Finding], most: int = 4) -> str:
    """Titles inside a sentence: "new sound, rumble and 2 more"."""
    named = [inside(finding.title) for finding in found]
    if len(named) > most + 1:
        named = [*named[:most], f"{len(named) - most} more"]
    if len(named) < 2:
        return "".join(named)
    return f"{', '.join(named[:-1])} and {named[-1]}"


def sound(facts: FileFacts) -> str:
    """How a sound is stored, in words: "WAV, 24 bit, stereo, 44.1 kHz"."""
    container, _, codec = facts.format.partition("/")
    ending = PurePath(facts.path).suffix[1:]
    if ending.lower() in container.split(","):  # FFmpeg names all that look alike
        container = ending.upper()
    channels = {1: "mono", 2: "stereo"}.get(facts.channels, f"{facts.channels} channels")
    rate = f"{facts.rate_hz / 1000:g} kHz"
    return ", ".join(part for part in (container, _codec(container, codec), channels, rate) if part)


def _codec(container: str, codec: str) -> str:
    kind, _, bits = codec.partition("_")
    if kind == "PCM":
        return f"{bits.removeprefix('S').removeprefix('U')} bit"
    if codec == "MPEG_LAYER_III" or codec.upper() == container.upper():
        return ""
    return _CODECS.get(codec, codec.upper())


def missing(finding: Finding) -> str:
    """Why there is no figure, as a sentence."""
    if finding.quantity == "review_points_confirmed":
        return "Nobody has said yet that they listened."
    if finding.quantity in _DECLARED:
        return "Nobody has declared it yet."
    return sentence(finding.why.removeprefix("not assessed: "))


def undeclared(found: Sequence[Finding]) -> bool:
    """Whether a person could add what is missing of one of these."""
    return any(finding.quantity in _DECLARED for finding in found)


def novelty(point: ReviewPoint) -> str:
    """How much louder and how much newer a moment is than what came before it."""
    parts = [
        f"{number(size)} LU {word}" if round(size, 1) > 0 else f"no {word}"
        for size, word in ((point.level_novelty_lu, "louder"), (point.band_novelty_lu, "newer"))
    ]
    return ", ".join(parts)


def at_ear(one: AtEar) -> str:
    """One scenario in a sentence: the level it rests on first, then what follows from it."""
    basis = "Calibrated" if one.basis == "calibrated" else "Assuming"
    parts = [
        f"the loudest eighth of a second is {one.lafmax_at_ear_dba:.0f} dB(A)",
        f"{one.hours_per_week:g} h a week use {one.weekly_dose_adult_percent:.2g} % of a week's "
        f"sound allowance, {one.weekly_dose_sensitive_percent:.2g} % of that for sensitive people",
        f"against WHO's figures for unwanted noise in bedrooms the mean is "
        f"{_beside(one.laeq_above_bedroom_noise_db)} and the loudest moment "
        f"{_beside(one.lafmax_above_bedroom_noise_db)}",
    ]
    if one.loudness_n5_sone is not None and one.loudness_n50_sone is not None:
        parts.append(
            f"loudness {one.loudness_n50_sone:.1f} sone usually, {one.loudness_n5_sone:.1f} in "
            "loud moments"
        )
    if one.sharpness_s5_acum is not None:
        parts.append(f"sharpness {one.sharpness_s5_acum:.2f} acum in sharp moments")
    return f"{basis} {one.laeq_at_ear_dba:g} dB(A) on average: {'; '.join(parts)}."


def _beside(difference_db: float) -> str:
    """``12 dB above`` or ``3 dB below``."""
    return f"{abs(difference_db):.0f} dB {'above' if difference_db >= 0 else 'below'}"


def stage(name: str) -> str:
    """What a stage does, as people say it."""
    if name == Limiter.name:
        return Limiter.title
    return STAGES[name].title if name in STAGES else name


def done(name: str) -> str:
    """What a stage has done, as people say it."""
    if name == Limiter.name:
        return Limiter.done
    return STAGES[name].done if name in STAGES else name


def changed_for_a_moment(found: Change) -> str:
    """What was rebuilt or turned down for a while, stage by stage; empty where nothing was."""
    parts = [
        f"{inside(done(name))} in {percent:.2f} %"
        for name, percent in sorted(found.stages_percent.items(), key=lambda one: -one[1])
        if percent
    ]
    if not parts and (both := found.edited_percent + found.lowered_percent):
        parts = [f"repaired in {both:.2f} %"]  # stages are not named by earlier versions
    return f"{'; '.join(parts)} of the take" if parts else ""


def change(found: Change) -> str:
    """What the master and the take differ by outside all that was asked for."""
    parts = [
        f"{what} by {number(value, 2, sign=True)} {unit}".rstrip()
        for what, value, unit in (
            ("the level", found.level_change_lu, "LU"),
            ("the balance of the channels", found.channel_level_change_db, "dB"),
            ("their correlation", found.correlation_change, ""),
        )
        if value is not None
    ]
    moments = changed_for_a_moment(found)
    text = f"{capital(moments)}." if moments else "Nothing was changed for a moment."
    if not parts:
        return text
    said = ", ".join(parts).replace(" by ", " changed by ", 1)
    return f"{text} Apart from repairs, dips and fades {said}."


def declared(given: Declared) -> list[tuple[str, str]]:
    """Each thing that was declared: what it is about, and what was said."""
    tags = None if given.tags is None else [TAGS.get(tag, tag) for tag in given.tags]
    said = [
        ("Title", given.title),
        ("What is heard", "" if tags is None else ", ".join(tags) or "none of the listed content"),
        ("Forewarning", given.forewarning or ""),
        ("Health claims in title and description", ", ".join(f"“{c}”" for c in given.claims)),
        (LISTENED, given.reviewed_by),
    ]
    return [(title, text) for title, text in said if text]


def day(when: str) -> str:
    """A date in ISO 8601 as people write it: 28 Nov 2026; anything else as it stands."""
    try:
        found = date.fromisoformat(when[:10])
    except ValueError:
        return visible(when)
    return f"{found.day} {found:%b} {found.year}"


def played(one: Judgement) -> str:
    """How a moment was played before it was judged."""
    ways = [way for count, way in ((one.gently, "gently"), (one.as_it_is, "as it is")) if count]
    return " and ".join(ways) or "not played here"
