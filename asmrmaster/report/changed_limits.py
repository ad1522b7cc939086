"""In what a profile differs from the one that is shipped under its id, so that nobody takes moved
limits for the shipped ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from asmrmaster.presets import Criterion, Profile, shipped_criterion, shipped_profile
from asmrmaster.presets.words import words
from asmrmaster.report.answered import ChangedLimit
from asmrmaster.report.facts import JudgedBy, Reference
from asmrmaster.report.formatting import inside
from asmrmaster.report.sentences import capital, counted

Standing = Literal["shipped", "changed", "own", "unknown"]
Direction = Literal["looser", "stricter", ""]

NAMED = 4
"""So many changes are named in one sentence; the rest is counted."""
WEIGHT = {"report": 0, "advisory": 1, "required": 2}
TEXTS = frozenset({"title", "protects", "rationale", "source", "too_high", "too_low", "grades"})
"""What is only said of a criterion, and decides nothing."""


def judged_by(profile: Profile, by: str = "", on: str = "") -> JudgedBy:
    """What a report says of its profile. by, on: who changed it and when, where that is known."""
    standing = standing_of(profile)
    shipped = shipped_profile(profile.id)
    changes = changed_limits(profile, shipped) if standing == "changed" and shipped else ()
    return JudgedBy(
        **Reference.model_validate(profile.reference()).model_dump(),
        title=profile.title,
        order=profile.order,
        standing=standing,
        changes=changes,
        changed_by=by if changes else "",
        changed_on=on if changes else "",
        whole=profile,
    )


def standing_of(profile: Profile) -> Standing:
    """Whether a profile is shipped, changed or somebody's own. Its id alone proves nothing."""
    shipped = shipped_profile(profile.id)
    if shipped is None:
        return "own"
    return "shipped" if shipped.sha256 == profile.sha256 else "changed"


def changed_limits(profile: Profile, shipped: Profile) -> tuple[ChangedLimit, ...]:
    """What ``profile`` asks otherwise than ``shipped``."""
    found: list[ChangedLimit] = []
    for key in {**shipped.criteria, **profile.criteria}:
        found += _criterion(key, shipped.criteria.get(key), profile.criteria.get(key))
    if profile.order != shipped.order:
        found.append(
            ChangedLimit(
                criterion="",
                title="Order of the questions",
                old=", ".join(shipped.order),
                new=", ".join(profile.order),
            )
        )
    return tuple(found)


def _criterion(key: str, was: Criterion | None, now: Criterion | None) -> Iterable[ChangedLimit]:
    known = words().criteria.get(key)
    given = now or was
    title = known.title if known else given.title if given else key
    if was is None or now is None:
        old, new = ("not asked", "asked") if was is None else ("asked", "dropped")
        yield ChangedLimit(
            criterion=key,
            title=title,
            old=old,
            new=new,
            direction="stricter" if was is None else "looser",
        )
        return
    before, after = was.model_dump(), now.model_dump()
    for name, old in before.items():
        if name not in TEXTS and old != after[name]:
            yield ChangedLimit(
                criterion=key,
                title=title if name in ("min", "max") else f"{title}, {name.replace('_', ' ')}",
                old=_shown(old),
                new=_shown(after[name]),
                direction=_direction(name, old, after[name]),
            )


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}".replace("-", "\N{MINUS SIGN}")
    if isinstance(value, dict):
        return " ".join(f"{key} {_shown(inner)}" for key, inner in value.items())
    return str(value)


def _direction(name: str, old: Any, new: Any) -> Direction:
    if name == "requirement":
        return "looser" if WEIGHT[new] < WEIGHT[old] else "stricter"
    if name not in ("min", "max", "tolerance", "close", "min_duration_s"):
        return ""
    if name == "min":
        return "looser" if new is None or (old is not None and new < old) else "stricter"
    return "looser" if new is None or (old is not None and new > old) else "stricter"


def is_beyond(key: str, criterion: Criterion) -> bool:
    """Whether a criterion's limit is looser than the loosest that still says something.

    Of a criterion that is shipped, the shipped figure counts, whatever a file says of itself.
    """
    if criterion.requirement == "report":
        return False
    known = shipped_criterion(key)
    same = known is not None and known.quantity == criterion.quantity
    return criterion.beyond(known.loosest if known is not None and same else criterion.loosest)


def limits_in_words(profile: JudgedBy) -> tuple[str, str]:
    """What stands under a verdict about its limits: a head, and what follows it in a sentence.

    The second is empty where the limits are the shipped ones.
    """
    if profile.standing == "shipped":
        return "limits as shipped", ""
    if profile.standing == "own":
        return "own limits", "This profile is somebody\N{RIGHT SINGLE QUOTATION MARK}s own."
    if profile.standing == "unknown":
        return "limits not compared", "The report is of an earlier version."
    number = len(profile.changes)
    by = f" by {profile.changed_by}" if profile.changed_by else ""
    on = f", {profile.changed_on}" if profile.changed_on else ""
    if not number:
        return "wording changed", "Its limits are the shipped ones."
    head = f"{capital(counted(number))} {'limit' if number == 1 else 'limits'} changed"
    named = [changed_in_words(one) for one in profile.changes[:NAMED]]
    if number > NAMED:
        named.append(f"and {number - NAMED} more")
    return head, f"{by}{on}: {'; '.join(named)}."


def changed_in_words(change: ChangedLimit) -> str:
    """``new kind of sound 2.5 → 3 (looser)``."""
    tail = f" ({change.direction})" if change.direction else ""
    return f"{inside(change.title)} {change.old} \N{RIGHTWARDS ARROW} {change.new}{tail}"


def name_of(profile: JudgedBy) -> str:
    """A profile as people call it: its title and version, ``Sleep 1.3``."""
    shipped = shipped_profile(profile.id)
    title = profile.title or (shipped.title if shipped else profile.id)
    return f"{title} {'.'.join(profile.version.split('.')[:2])}"
