"""What pages say of a report: figures with their units, limits and verdicts in sentences."""

from __future__ import annotations

from pathlib import PurePath

from asmrmaster.meters import QUANTITIES
from asmrmaster.meters.base import Quantity
from asmrmaster.presets import GRADES
from asmrmaster.report import FileFacts, Finding, Limits, Report, State, Verdict

__all__ = ["GRADES", "ORDER", "PLURAL", "SENTENCES", "WORDS"]

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
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_JOINERS = "\u200c\u200d"  # some scripts and emoji are written with them
MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"


def quantity(name: str) -> Quantity:
    """The definition of a quantity; of one this version does not know, what its name tells."""
    if name in QUANTITIES:
        return QUANTITIES[name]
    return Quantity(name, "", name.replace("_", " "), "", "")


def title(name: str) -> str:
    """The title of a quantity as the start of a sentence or cell."""
    return _capital(quantity(name).title)


def sentence(text: str) -> str:
    """Text from a report as a sentence."""
    shown = _capital(text)
    return shown if shown.endswith((".", "!", "?")) else f"{shown}."


def _capital(text: str) -> str:
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
    text = number(value, known.decimals)
    return with_unit(text, known.unit) if unit and value is not None else text


def measured(finding: Finding, *, unit: bool = True) -> str:
    """The figure of a finding in print."""
    text = number(finding.measured, quantity(finding.quantity).decimals)
    return with_unit(text, finding.unit) if unit and finding.measured is not None else text


def with_unit(text: str, unit: str) -> str:
    """A number and its unit, if it has one; a rate reads "3 per 10 min"."""
    return f"{text} {unit.replace('/', 'per ', 1) if unit.startswith('/') else unit}".rstrip()


def result(finding: Finding) -> tuple[str, str]:
    """The shape and the word for how a criterion came out."""
    if not finding.applies:
        return "does not apply", "does not apply"
    if finding.requirement == "report" and finding.state == "pass":
        return "reported", "reported"
    return finding.state, WORDS[finding.state]


def limit(limits: Limits, unit: str = "") -> str:
    """What is accepted, in words."""
    low, high = _plain(limits.min), _plain(limits.max)
    if limits.min is not None and limits.max is not None:
        text = f"{low} to {high}"
    elif limits.max is not None:
        text = f"at most {high}"
    elif limits.min is not None:
        text = f"at least {low}"
    else:
        return "reported only"
    return with_unit(text, unit)


def _plain(value: float | None) -> str:
    return f"{value:g}".replace("-", MINUS) if value is not None else ""


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


def length(seconds: float) -> str:
    """A length in words: 1 h 2 min 3 s."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "min"), (left, "s")]
    shown = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(shown) or f"{seconds:.1f} s"


def deciding(report: Report) -> list[Finding]:
    """The findings that make the verdict what it is."""
    states = {
        "does not meet": "fail",
        "not assessed": "not assessed",
        "meets with advisories": "advisory",
    }
    wanted = states.get(report.verdict)
    required = report.verdict == "not assessed"
    return [
        finding
        for finding in report.findings
        if finding.applies
        and finding.state == wanted
        and (finding.requirement == "required" or not required)
    ]


def verdict_sentence(report: Report) -> str:
    """What decided the verdict, in one to three sentences."""
    judged = [f for f in report.findings if f.applies and f.requirement != "report"]
    found = deciding(report)
    if not found:
        passed = sum(f.state == "pass" for f in judged)
        left = [f for f in judged if f.state == "not assessed"]
        tail = f" Not assessed: {_titles(left)}." if left else ""
        return f"{_count(passed, 'criterion passes', 'criteria pass')}.{tail}"
    share = f"{len(found)} of {_count(len(judged), 'criterion', 'criteria')}"
    if report.verdict == "not assessed":
        return f"{share} could not be measured in this file: {_titles(found)}."
    kind = {"does not meet": ("fails", "fail")}.get(
        report.verdict, ("is an advisory", "are advisories")
    )[len(found) > 1]
    first = found[0]
    figures = f"{first.title} reads {measured(first)}; accepted is {limit(first.limit, first.unit)}"
    also = f" Also: {_titles(found[1:])}." if len(found) > 1 else ""
    return f"{share} {kind}. {figures}.{also}"


def _count(number_of: int, one: str, many: str) -> str:
    return f"{number_of} {one if number_of == 1 else many}"


def _titles(found: list[Finding], most: int = 4) -> str:
    titles = [finding.title.lower() for finding in found]
    more = f" and {len(titles) - most} more" if len(titles) > most else ""
    return ", ".join(titles[:most]) + more
