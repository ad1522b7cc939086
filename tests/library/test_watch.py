"""Watching: a take is taken once it has stopped growing, once, and after a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from asmrmaster.errors import InputError
from asmrmaster.library.summary import Summary
from asmrmaster.library.watch import watch
from asmrmaster.presets.recipe import load_recipe
from tests.library_material import Inline, take

GENTLE = load_recipe()
SETTLE_S = 0.2


class Over(Exception):
    """Ends a watch."""


class Watched:
    """A watch whose pauses are steps of a story."""

    def __init__(self, folder: Path) -> None:
        self.takes, self.out = folder / "in", folder / "out"
        self.takes.mkdir(exist_ok=True)
        self.workers = Inline()

    def run(self, *steps: Callable[[], object]) -> list[Summary]:
        """Watch; before each look but the first, do the next step."""
        story = iter(steps)
        found: list[Summary] = []

        def pause(seconds: float) -> None:
            step = next(story, None)
            if step is None:
                raise Over
            step()

        with pytest.raises(Over):
            found.extend(
                watch(
                    [str(self.takes)],
                    str(self.out),
                    GENTLE,
                    workers=self.workers,
                    settle_s=SETTLE_S,
                    pause=pause,
                )
            )
        return found

    @property
    def masters(self) -> list[str]:
        return sorted(p.name for p in self.out.rglob("*.wav") if ".asmrmaster" not in p.parts)


def settle() -> None:
    time.sleep(SETTLE_S * 1.1)


def nothing() -> None:
    pass


def test_a_take_is_taken_when_it_has_stopped_growing(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    whole = take(tmp_path / "whole.wav").read_bytes()
    growing = watched.takes / "a.wav"

    def grow(share: float) -> Callable[[], None]:
        def write() -> None:
            growing.write_bytes(whole[: round(len(whole) * share)])
            settle()

        return write

    # Each step adds to it and waits: it is never the same at two looks, until the end.
    watched.run(grow(0.3), grow(0.6), grow(1.0))
    assert watched.masters == []
    watched.run(nothing, settle, nothing)
    assert watched.masters == ["a.does-not-meet.wav"]
    assert watched.workers.worked_on == ["a.wav"]


def test_each_take_is_taken_once_and_a_restart_goes_on(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    take(watched.takes / "a.wav")
    watched.run(settle, lambda: take(watched.takes / "b.wav", seed=1), settle, nothing, settle)
    assert watched.workers.worked_on == ["a.wav", "b.wav"]
    watched.run(settle, settle)
    assert watched.workers.worked_on == ["a.wav", "b.wav"]
    take(watched.takes / "c.wav", seed=2)
    watched.run(settle, settle)
    assert watched.workers.worked_on == ["a.wav", "b.wav", "c.wav"]


def test_a_broken_take_is_named_once_and_taken_when_it_is_mended(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    broken = watched.takes / "a.wav"
    broken.write_bytes(b"RIFF half a header")
    found = watched.run(settle, nothing, settle, nothing)
    assert [[one.name for one in summary.without] for summary in found] == [["a.wav"]]
    found = watched.run(lambda: take(broken), nothing, settle, nothing)
    assert [summary.made for summary in found] == [1]


def test_a_folder_that_is_out_of_reach_is_waited_for(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    away = tmp_path / "away"

    def back() -> None:
        away.rename(watched.takes)

    watched.run(lambda: watched.takes.rename(away), nothing, back,
                lambda: take(watched.takes / "a.wav"), nothing, settle, nothing)  # fmt: skip
    assert watched.masters == ["a.does-not-meet.wav"]


def test_there_must_be_something_to_watch(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        next(watch([str(tmp_path / "gone")], str(tmp_path / "out"), GENTLE))
