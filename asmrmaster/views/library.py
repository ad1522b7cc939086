"""A run and its ledger in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from asmrmaster.audio.times import about
from asmrmaster.errors import one_line

if TYPE_CHECKING:  # a list is printed without the numerical libraries the rest needs
    from asmrmaster.library.album import Album
    from asmrmaster.library.batch import Preview
    from asmrmaster.library.discovery import Problem
    from asmrmaster.library.queries import Row
    from asmrmaster.library.summary import Progress, Summary
    from asmrmaster.report import Report

ORDER = ("meets", "meets with advisories", "does not meet")


SCREEN = 6
"""Names that are listed of each kind unless all are asked for: a summary fits on a screen."""
WHY = {
    "new": "new",
    "settings": "other settings",
    "changed": "changed",
    "declared": "what is declared beside it changed",
    "master gone": "its master is gone",
    "failed before": "failed before",
    "again": "tried again",
    "forced": "asked for by --force",
    "checked": "its bytes are compared",
    "renamed": "renamed",
}
"""Why a take is worked on, in words."""


def summary(found: Summary, *, full: bool = False) -> str:
    """What came of a run: counts, what changed, then takes that did not meet or gave no verdict.

    full: name all of them, however many.
    """
    most = None if full else SCREEN
    counts = [f"{verdict} {found.verdicts[verdict]}" for verdict in ORDER]
    counts.append(f"no verdict {len(found.without) + found.not_tried}")
    lines = [f"{plural(found.takes, 'take')}: {', '.join(counts)}."]
    made = f"{found.made} {found.verb} in {about(found.seconds)}, {found.unchanged} as they were"
    lines.append(f"{made}, {found.not_made} not {found.verb}." if found.not_made else f"{made}.")
    changes = [f"{WHY[why]} {count}" for why, count in found.changes.most_common() if count]
    if changes:
        lines.append(f"Since the last run: {', '.join(changes)}.")
    lines += _skipped(found.skipped)
    if found.stopped:
        lines.append(f"Stopped: {found.stopped}")
    if found.not_tried:
        lines.append(f"{plural(found.not_tried, 'take')} not tried: run it again to continue.")
    lines += _by_cause("Does not meet", found.against, most)
    lines += _by_cause("No verdict", found.without, most)
    lines += _by_cause("Masters moved", found.replaced, most)
    return "\n".join(map(one_line, lines))


def _skipped(skipped: Counter[str]) -> list[str]:
    counted = ", ".join(f"{count} {what}" for what, count in sorted(skipped.items()))
    return [f"Left out: {counted}; name them to have them taken."] if counted else []


def _by_cause(title: str, problems: list[Problem], most: int | None) -> list[str]:
    """Problems by cause, at most so many of them, and how many more there are."""
    if not problems:
        return []
    ordered = sorted(problems, key=lambda one: (one.cause, one.name))
    lines = ["", f"{title} ({len(problems)}):"]
    for cause, alike in groupby(ordered[:most], key=lambda one: one.cause):
        lines += [f"  {cause}", *(f"    {one.name}" for one in alike)]
    more = len(problems) - len(ordered[:most])
    return [*lines, f"  and {more} more: --full names all of them"] if more else lines


def planned(seen: Preview, jobs: int) -> str:
    """What a run would do."""
    plan, seconds = seen.plan, seen.seconds
    lines = [
        f"{plural(len(plan.items), 'take')} to work on ({plan.size / 1e6:.1f} MB),"
        f" {len(plan.standing)} as they were."
    ]
    for item in plan.items:
        looked = "; compared with what is known first" if item.hash_first else ""
        name = seen.names[item.take.place]
        lines.append(f"  {item.take.name}  ->  {name} ({WHY[item.why]}{looked})")
    if plan.items:
        lines.append(
            "How long it takes is known once some are made."
            if seconds is None
            else f"About {about(seconds / jobs)} with {plural(jobs, 'job')}, as the others took."
        )
    lines += _skipped(seen.skipped)
    lines += _by_cause("In the way", seen.problems, None)
    return "\n".join(map(one_line, lines))


def progress(now: Progress) -> str:
    """How far a run is, in one line."""
    rate = now.done / now.seconds if now.seconds else 0.0
    left = now.left_s
    text = f"{now.done}/{now.takes} takes, {rate:.2f} a second"
    return text if left is None else f"{text}, about {about(left)} left"


def series(found: Album) -> str:
    """What a series was aimed at, and what still stands out of it."""
    from asmrmaster.views import phrases

    lines = ["No take could be surveyed."] if not found.aims else []
    for folder, aim in found.aims.items():
        where = one_line(f"{folder}: ") if len(found.aims) > 1 else ""
        if "target_lufs" in aim:
            lines.append(f"{where}Every take aims at {aim['target_lufs']:g} LUFS.")
        else:
            lines.append(f"{where}One gain for every take: {aim['gain_db']:+g} dB.")
    lines.append("These stand out:" if found.outliers else "None stands out.")
    for name, quantity, value, middle in found.outliers:
        lines.append(
            one_line(f"  {name}: ")
            + f"{phrases.title(quantity)} {phrases.figure(quantity, value)}, most have"
            f" {phrases.figure(quantity, middle)}"
        )
    return "\n".join(lines)


def table(rows: Iterable[Row]) -> Iterable[str]:
    """Lines of a list."""
    for row in rows:
        what = row.verdict if row.state == "done" else row.state
        where = row.output if row.state == "done" else row.cause
        by = f"{row.preset or 'check'}/{row.profile}"
        yield one_line(f"{what:<22}{by:<22}{row.name}  ->  {where}")


def again(row: Row, report: Report) -> str:
    """One line on a master judged again."""
    return one_line(f"{row.verdict}  ->  {report.verdict:<22}{row.name}")


def plural(number: int, word: str) -> str:
    """1 take, 2 takes."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
