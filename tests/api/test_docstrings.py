"""The examples in the docstrings of everything public run as they are."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path
from typing import Any

import pytest

import asmrmaster
from asmrmaster.stages.base import Stage

PUBLIC: dict[str, Any] = {
    name: getattr(asmrmaster, name) for name in asmrmaster.__all__ if name != "__version__"
}
FUNCTIONS = sorted(name for name, x in PUBLIC.items() if inspect.isfunction(x))


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(recurse=True, exclude_empty=True)
    found = {
        test.name: test
        for name, x in PUBLIC.items()
        if callable(x)
        for test in finder.find(x, name, globs={})
        if test.examples
    }
    return [found[name] for name in sorted(found)]


@pytest.mark.parametrize("test", examples(), ids=lambda test: test.name)
def test_examples_run(
    test: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    failed = doctest.DocTestRunner().run(test, out=said.append)
    assert failed.attempted
    assert not failed.failed, "".join(said)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_say_what_they_take_give_and_raise(name: str) -> None:
    said = inspect.getdoc(PUBLIC[name]) or ""
    if name == "read":  # said in a sentence each
        return
    for section in ("Parameters", "Raises", "Examples"):
        assert f"{section}\n{'-' * len(section)}" in said, section
    for parameter in inspect.signature(PUBLIC[name]).parameters:
        assert parameter in said, parameter


def test_everything_public_is_described() -> None:
    assert not [name for name, x in PUBLIC.items() if callable(x) and not inspect.getdoc(x)]
    assert issubclass(PUBLIC["Limiter"], Stage)
