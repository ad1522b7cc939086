"""The tests themselves: each asserts something, so each can fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent

ASSERTING = {"raises", "warns", "fail", "expect"}
"""Calls that assert: of pytest and of Playwright."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def called(node: ast.AST) -> set[str]:
    """Names of what is called in a piece of code, without what they belong to."""
    found = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            owner = inner.func
            found.add(owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", ""))
    return found


def asserts(node: Function) -> bool:
    """Whether it asserts by itself."""
    if any(isinstance(inner, ast.Assert) for inner in ast.walk(node)):
        return True
    return any(name in ASSERTING or name.startswith("assert_") for name in called(node))


def without_assertion(paths: list[Path]) -> list[str]:
    """Test functions that assert neither by themselves nor through a helper of the tests."""
    everything = [(path, function) for path in paths for function in functions(path)]
    helping = {function.name for _, function in everything if asserts(function)}
    while True:  # helpers of helpers
        more = {f.name for _, f in everything if f.name not in helping and called(f) & helping}
        more = {name for name in more if not name.startswith("test_")}
        if not more:
            break
        helping |= more
    return [
        f"{path.name}::{function.name}"
        for path, function in everything
        if function.name.startswith("test_")
        and not asserts(function)
        and not called(function) & helping
    ]


def test_every_test_asserts_something() -> None:
    assert without_assertion(sorted(TESTS.glob("*.py"))) == []


@pytest.mark.parametrize(("body", "names"), [
    ("def test_a():\n    print(1)\n", ["wrong.py::test_a"]),
    ("def look(x):\n    return x\ndef test_a():\n    look(1)\n", ["wrong.py::test_a"]),
    ("def look(x):\n    assert x\ndef deep(x):\n    look(x)\ndef test_a():\n    deep(1)\n", []),
    ("def test_a():\n    with pytest.raises(ValueError):\n        f()\n", []),
])  # fmt: skip
def test_one_without_would_be_seen(body: str, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text(body)
    assert without_assertion([path]) == names
