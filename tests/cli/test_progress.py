"""Progress: a bar on standard error after two seconds, and nothing where nobody looks."""

from __future__ import annotations

import io
import sys

import pytest

from asmrmaster.cli import progress as module
from asmrmaster.cli.progress import PATIENCE_S, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Time that passes only when it is told to."""

    now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s

    time = monotonic


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def drawn(clock: Clock, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, took_s: float) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    with progress("take.wav") as update:
        update(0.1)
        clock.now_s += took_s
        update(0.4, "3 of 8 takes")
        update(0.2)  # a second round begins
        update(1.0)
    return stream.getvalue()


def test_a_bar_is_drawn_after_two_seconds(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawn(clock, Terminal(), monkeypatch, PATIENCE_S + 0.1)
    assert "take.wav" in text
    assert " 40%" in text
    assert "100%" in text
    assert "3 of 8 takes" in text
    assert text.endswith("\n"), "what is printed next begins a line of its own"


def test_what_is_quickly_done_shows_none(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(clock, Terminal(), monkeypatch, PATIENCE_S - 0.1) == ""


def test_a_file_or_pipe_gets_none(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(clock, io.StringIO(), monkeypatch, 10 * PATIENCE_S) == ""


def test_quiet_gets_none(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_quiet", lambda: True)
    assert drawn(clock, Terminal(), monkeypatch, 10 * PATIENCE_S) == ""
