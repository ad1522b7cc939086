"""Watching a folder: new takes are mastered once they have stopped growing.

The folder is listed every few seconds. That works alike on every system, on network shares and in
object storage, where notifications do not come, and a file has to be looked at more than once to
see that it has stopped growing anyway. What was done stands in the ledger, so a restart goes on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Unpack

from asmrmaster.errors import InputError
from asmrmaster.library.batch import Listed, opened, run, separate, workers_for
from asmrmaster.library.discovery import Problem, Take, find
from asmrmaster.library.options import RunOptions
from asmrmaster.library.storage import Stamp
from asmrmaster.library.summary import Summary
from asmrmaster.presets.recipe import Recipe

SETTLE_S = 10.0
"""A take is taken once its size and time have stood still for this long."""
LOOK_S = 2.0
"""How often the folder is listed …"""
LOOK_SHARE = 0.1
"""… and at most this share of the time, where listing takes long."""
AGAIN_S = 60.0
"""How soon a take is tried again that failed for something that is not the take."""


def watch(
    given: Iterable[str],
    out: str,
    recipe: Recipe,
    *,
    settle_s: float = SETTLE_S,
    pause: Callable[[float], None] = time.sleep,
    **options: Unpack[RunOptions],
) -> Iterator[Summary]:
    """Master takes as they come, for ever; a summary after each pass that did something.

    pause: waits between two looks; an exception from it ends the watch. Raises InputError where
    there is nothing to watch when it begins.
    """
    out = separate(given := list(given), out)
    find(given, out, [])
    debouncer = Debouncer(settle_s)
    with opened(given, out, options) as records, workers_for(options) as workers:
        options["workers"] = workers
        while True:
            began = time.monotonic()
            listed = _listed(given, out)
            ready = debouncer.ready(listed.takes, began)
            looked_s = time.monotonic() - began
            if ready:
                found = run(
                    listed._replace(takes=ready), records, out, lambda take: recipe, **options
                )
                debouncer.done(ready, found, time.monotonic())
                if found.made or found.without:
                    yield found
            pause(max(min(LOOK_S, settle_s), looked_s / LOOK_SHARE))


def _listed(given: list[str], out: str) -> Listed:
    """What there is now; nothing while the folder is out of reach."""
    problems: list[Problem] = []
    try:
        return Listed(find(given, out, problems), problems, Counter())
    except InputError:
        return Listed([], [], Counter())


class Debouncer:
    """Remembers what each take looked like, and since when."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._seen: dict[str, tuple[Stamp, float]] = {}
        self._again: dict[str, tuple[Stamp, float]] = {}

    def ready(self, takes: list[Take], now: float) -> list[Take]:
        """Takes that stand still and are not done with."""
        seen = {}
        for take in takes:
            stamp, since = self._seen.get(take.place, (None, now))
            seen[take.place] = (take.stamp, since if stamp == take.stamp else now)
        self._seen = seen
        return [take for take in takes if self._settled(take, now) and self._due(take, now)]

    def _settled(self, take: Take, now: float) -> bool:
        return now - self._seen[take.place][1] >= self._settle_s

    def _due(self, take: Take, now: float) -> bool:
        stamp, again = self._again.get(take.place, (None, 0.0))
        return stamp != take.stamp or now >= again

    def done(self, takes: list[Take], found: Summary, now: float) -> None:
        """Note what a pass was about, and when to try again what failed."""
        for take in takes:
            again = now + AGAIN_S if take.name in found.failed else float("inf")
            self._again[take.place] = (take.stamp, again)
