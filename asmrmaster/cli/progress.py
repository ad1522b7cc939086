"""Progress on standard error: click's bar, for what takes longer than two seconds at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

import click

from asmrmaster.cli.help import is_quiet

PATIENCE_S = 2.0
"""What is done by then shows no bar."""
STEPS = 1000
"""A bar is drawn as finely as this."""


class Update(Protocol):
    """Called with how far the work is, from 0 to 1, and a text to stand behind the bar."""

    def __call__(self, share: float, text: str = "") -> None: ...


@contextmanager
def progress(label: str, *, estimate: bool = True) -> Iterator[Update]:
    """A bar, drawn once the work took two seconds; none with ``--quiet`` or without a terminal.

    estimate: whether click works out how long it still takes.
    """
    began, began_monotonic = time.time(), time.monotonic()
    shown = sys.stderr.isatty() and not is_quiet()
    bar: Any = None
    with ExitStack() as stack:

        def update(share: float, text: str = "") -> None:
            nonlocal bar
            if not shown:
                return
            if bar is None:
                if time.monotonic() - began_monotonic < PATIENCE_S:
                    return
                bar = stack.enter_context(_bar(label, estimate))
                bar.start = bar.last_eta = began  # its estimate counts from the beginning
            if (steps := round(share * STEPS) - bar.pos) >= 0:  # a bar of click never goes back
                bar.update(steps, text)

        yield update


def _bar(label: str, estimate: bool) -> Any:
    return click.progressbar(
        length=STEPS,
        label=label,
        show_eta=estimate,
        item_show_func=lambda text: text or None,
        file=sys.stderr,
    )
