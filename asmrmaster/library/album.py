"""A folder as one programme: so that session 4 of 10 does not stand out.

    survey     every take is measured, and its master planned, but nothing is written
    aim        one figure for all, from the surveys (and kept: later takes join what is there)
    master     every take, to its share of the aim
    outliers   what still stands out of the masters in loudness, tone and noise

Two ways to aim. ``same-loudness``: all masters at one loudness, the highest that all takes reach
(one that reaches far less does not hold the others back). ``common-gain``: all takes raised by one
gain, so that the differences between them stay; the whole is as loud as the preset wants it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from statistics import median
from typing import Literal, NamedTuple, Unpack

from asmrmaster.library import publishing
from asmrmaster.library.batch import opened, run, separate, takes_in, workers_for
from asmrmaster.library.discovery import Take, absolute
from asmrmaster.library.ledger import Ledger, settings_key
from asmrmaster.library.local_workers import Workers
from asmrmaster.library.options import RunOptions
from asmrmaster.library.paths import parent
from asmrmaster.library.summary import Summary
from asmrmaster.library.task import Outcome, Task
from asmrmaster.presets.recipe import Recipe

Way = Literal["same-loudness", "common-gain"]

GIVES_WAY_LU = 3.0
"""Most by which the series is made quieter for takes that cannot be as loud."""
RANGE_LUFS = (-40.0, -14.0)
"""Targets a preset may have; a take's share of a common gain stays inside."""

LEAST = {
    "integrated_lufs": 1.0,
    "max_short_term_above_programme_lu": 3.0,
    "noise_floor_lufs": 4.0,
    "sibilance_db": 3.0,
    "rumble_db": 6.0,
    "sharpness_s5_acum": 0.3,
}
"""Quantities a master may stand out in, and by how much at least: loudness, noise, tone. A listener
going from one session to the next notices less than this hardly or not at all."""
APART = 3.0
"""A figure stands out from so many robust standard deviations on: median absolute deviation times
1.4826 (B. Iglewicz, D. Hoaglin, "How to Detect and Handle Outliers", 1993)."""
ENOUGH = 3
"""With fewer masters none stands out."""

Aim = dict[str, float]
"""``target_lufs`` for every take, or ``gain_db`` for every take."""
MakeRecipe = Callable[[float], Recipe]
"""The recipe with this target loudness in LUFS."""


@dataclass(frozen=True)
class Survey:
    """What a take would become: its loudness before the gain, and the loudness it can reach."""

    level_lufs: float
    reach_lufs: float
    duration_s: float


class Outlier(NamedTuple):
    """A master that stands out, and by how much from the middle of the series."""

    name: str
    quantity: str
    value: float
    middle: float


@dataclass(frozen=True)
class Album:
    """What was aimed at in each folder, what came of it, and what still stands out."""

    way: Way
    aims: Mapping[str, Aim]
    summary: Summary
    outliers: tuple[Outlier, ...]

    @property
    def aim(self) -> Aim:
        """What was aimed at where all is one series; empty where no take could be surveyed."""
        return next(iter(self.aims.values())) if len(self.aims) == 1 else {}


def series(
    given: Iterable[str], out: str, way: Way, make: MakeRecipe, wanted_lufs: float,
    per_folder: bool = False, **options: Unpack[RunOptions],
) -> Album:  # fmt: skip
    """Master a folder as one programme. make: the recipe for a target; wanted_lufs: the preset's.

    per_folder: each folder with takes is a programme of its own, as albums are. What was aimed at
    once is kept for takes that come later; ``force`` aims anew. Raises as ``batch`` does.
    """
    out = separate(given := list(given), out)
    listed = takes_in(given, out)
    takes = listed.takes
    plain = make(wanted_lufs)
    typed, key = ",".join(given), f"{way} {settings_key(plain)}"
    whole = ",".join(sorted({absolute(source) for source in given}))
    aims: dict[str, Aim] = {}
    recipes: dict[str, Recipe] = {}
    with (
        opened(given, out, options) as records,
        workers_for(options, at_most=len(takes)) as workers,
    ):
        options["workers"] = workers
        surveys = survey(dict.fromkeys(takes, plain), records, out, workers)
        groups: dict[str, dict[Take, Survey]] = {}
        for take, found in surveys.items():
            groups.setdefault(parent(take.place) if per_folder else whole, {})[take] = found
        for folder, group in groups.items():
            known = records.series(folder, key)
            if known is None and folder == whole:
                known = records.series(typed, key)  # as it once was kept
            aim = None if options.get("force") else known
            if aim is None:
                aim = _same_loudness(group, wanted_lufs)
                if way == "common-gain":
                    aim = _common_gain(group, wanted_lufs, make, records, out, workers)
                records.record_series(folder, key, aim)
            aims[folder] = aim
            recipes |= {take.place: make(_share(aim, found)) for take, found in group.items()}
        summary = run(
            listed,
            records,
            out,
            lambda take: recipes.get(take.place, plain),
            **options,
        )
        apart = [
            outlier
            for group in groups.values()
            for outlier in outliers(_figures(records, group, recipes))
        ]
    return Album(way, aims, summary, tuple(apart))


def _figures(
    records: Ledger, takes: Iterable[Take], recipes: Mapping[str, Recipe]
) -> dict[str, Mapping[str, float | None]]:
    """The figures of the masters of these takes, by name."""
    return {
        take.name: values
        for take in takes
        if (values := records.figures(take.place, settings_key(recipes[take.place]))) is not None
    }


# --- survey ---------------------------------------------------------------------------------------


def survey(
    wanted: Mapping[Take, Recipe], records: Ledger, out: str, workers: Workers
) -> dict[Take, Survey]:
    """What each take would become by its recipe; without those that cannot be mastered."""
    found: dict[Take, Survey] = {}
    waiting: list[Take] = []
    for take, recipe in wanted.items():
        known = records.survey(take.place, settings_key(recipe), str(take.stamp))
        if known is None:
            waiting.append(take)
        else:
            found[take] = Survey(**known)
    running: dict[Future[Outcome], Take] = {}
    waiting.reverse()
    while waiting or running:
        while waiting and len(running) < workers.width:
            take = waiting.pop()
            staging = publishing.staging_folder(out, records)
            task = Task(take.place, wanted[take], out, take.name, staging, "survey")
            running[workers.submit(task)] = take
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            take = running.pop(future)
            # One that gives no answer, or a bad one, is met again, and named, in the run itself.
            if future.cancelled() or future.exception() or future.result().state != "surveyed":
                continue
            values = future.result().values
            found[take] = Survey(**{name: value or 0.0 for name, value in values.items()})
            key = settings_key(wanted[take])
            records.record_survey(take.place, key, str(take.stamp), vars(found[take]))
    return {take: found[take] for take in wanted if take in found}


# --- aim ------------------------------------------------------------------------------------------


def _same_loudness(surveys: Mapping[Take, Survey], wanted_lufs: float) -> Aim:
    reach = min(found.reach_lufs for found in surveys.values())
    return {"target_lufs": round(max(min(reach, wanted_lufs), wanted_lufs - GIVES_WAY_LU), 2)}


def _common_gain(
    surveys: Mapping[Take, Survey],
    wanted_lufs: float,
    make: MakeRecipe,
    records: Ledger,
    out: str,
    workers: Workers,
) -> Aim:
    """The gain that makes the whole as loud as wanted, or less where a take cannot bear it."""
    wanted_db = wanted_lufs - _programme_lufs(surveys.values())
    shares = {take: _share({"gain_db": wanted_db}, found) for take, found in surveys.items()}
    again = survey({take: make(share) for take, share in shares.items()}, records, out, workers)
    most_db = min(found.reach_lufs - found.level_lufs for found in again.values())
    return {"gain_db": round(max(min(most_db, wanted_db), wanted_db - GIVES_WAY_LU), 2)}


def _programme_lufs(surveys: Iterable[Survey]) -> float:
    """Loudness of the takes one after the other: the mean of their powers, weighted by length,
    without those 10 LU below it, as BS.1770-5 gates the blocks of one file."""
    parts = [(10 ** (one.level_lufs / 10), one.duration_s) for one in surveys]

    def mean(kept: list[tuple[float, float]]) -> float:
        return sum(power * s for power, s in kept) / sum(s for _, s in kept)

    gate = mean(parts) / 10
    return 10 * math.log10(mean([part for part in parts if part[0] >= gate]))


def _share(aim: Aim, found: Survey) -> float:
    """The target of one take, in LUFS."""
    if "target_lufs" in aim:
        return aim["target_lufs"]
    low, high = RANGE_LUFS
    return round(min(max(found.level_lufs + aim["gain_db"], low), high), 2)


# --- outliers -------------------------------------------------------------------------------------


def outliers(figures: Mapping[str, Mapping[str, float | None]]) -> tuple[Outlier, ...]:
    """Masters that stand out of a series. figures: values by quantity, by name."""
    found: list[Outlier] = []
    for quantity, least in LEAST.items():
        values = {
            name: value for name, one in figures.items() if (value := one.get(quantity)) is not None
        }
        if len(values) < ENOUGH:
            continue
        middle = median(values.values())
        spread = median(abs(value - middle) for value in values.values())
        far = max(APART * 1.4826 * spread, least)
        found += [
            Outlier(name, quantity, value, middle)
            for name, value in values.items()
            if abs(value - middle) > far
        ]
    return tuple(found)
