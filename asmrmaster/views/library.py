"""A run and its ledger in words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from asmrmaster.audio.times import about

if TYPE_CHECKING:  # a list is printed without the numerical libraries the rest needs
    from asmrmaster.library.album import Album
    from asmrmaster.library.batch import Preview
    from asmrmaster.library.discovery import Problem
    from asmrmaster.library.queries import Row
    from asmrmaster.library.summary import Progress, Summary
    from asmrmaster.report import Report

ORDER = ("meets", "meets with advisories", "does not meet")


def summary(found: Summary) -> str:
    """What came of a run: counts, then every take that did not meet or gave no verdict."""
    counts = [f"{verdict} {found.verdicts[verdict]}" for verdict in ORDER]
    counts.append(f"no verdict {len(found.without) + found.not_tried}")
    lines = [f"{plural(found.takes, 'take')}: {', '.join(counts)}."]
    made = f"{found.made} made in {about(found.seconds)}, {found.unchanged} as they were"
    lines.append(f"{made}, {found.not_made} not made." if found.not_made else f"{made}.")
    if found.stopped:
        lines.append(f"Stopped: {found.stopped}")
    if found.not_tried:
        lines.append(f"{plural(found.not_tried, 'take')} not tried: run it again to continue.")
    lines += _by_cause("Does not meet", found.against)
    lines += _by_cause("No verdict", found.without)
    return "\n".join(lines)


def _by_cause(title: str, problems: list[Problem]) -> list[str]:
    if not problems:
        return []
    ordered = sorted(problems, key=lambda one: (one.cause, one.name))
    lines = ["", f"{title} ({len(problems)}):"]
    for cause, alike in groupby(ordered, key=lambda one: one.cause):
        lines += [f"  {cause}", *(f"    {one.name}" for one in alike)]
    return lines


def planned(seen: Preview, jobs: int) -> str:
    """What a run would do."""
    plan, seconds = seen.plan, seen.seconds
    lines = [
        f"{plural(len(plan.items), 'take')} to make ({plan.size / 1e6:.1f} MB),"
        f" {len(plan.standing)} as they were."
    ]
    for item in plan.items:
        looked = " (compared with what is known first)" if item.hash_first else ""
        lines.append(f"  {item.take.name}  ->  {seen.names[item.take.place]}{looked}")
    if plan.items:
        lines.append(
            "How long it takes is known once some are made."
            if seconds is None
            else f"About {about(seconds / jobs)} with {plural(jobs, 'job')}, as the others took."
        )
    lines += _by_cause("In the way", seen.problems)
    return "\n".join(lines)


def progress(now: Progress) -> str:
    """How far a run is, in one line."""
    rate = now.done / now.seconds if now.seconds else 0.0
    left = now.left_s
    text = f"{now.done}/{now.takes} takes, {rate:.2f} a second"
    return text if left is None else f"{text}, about {about(left)} left"


def series(found: Album) -> str:
    """What a series was aimed at, and what still stands out of it."""
    from asmrmaster.views import phrases

    aim = found.aim
    if "target_lufs" in aim:
        lines = [f"Every take aims at {aim['target_lufs']:g} LUFS."]
    elif "gain_db" in aim:
        lines = [f"One gain for every take: {aim['gain_db']:+g} dB."]
    else:
        lines = ["No take could be surveyed."]
    lines.append("These stand out:" if found.outliers else "None stands out.")
    for name, quantity, value, middle in found.outliers:
        lines.append(
            f"  {name}: {phrases.title(quantity)} {phrases.figure(quantity, value)}, most have"
            f" {phrases.figure(quantity, middle)}"
        )
    return "\n".join(lines)


def table(rows: Iterable[Row]) -> Iterable[str]:
    """Lines of a list."""
    for row in rows:
        what = row.verdict if row.state == "done" else row.state
        where = row.output if row.state == "done" else row.cause
        by = f"{row.preset}/{row.profile}"
        yield f"{what:<22}{by:<22}{row.name}  ->  {where}"


def again(row: Row, report: Report) -> str:
    """One line on a master judged again."""
    return f"{row.verdict}  ->  {report.verdict:<22}{row.name}"


def plural(number: int, word: str) -> str:
    """1 take, 2 takes."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
