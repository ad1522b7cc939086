"""Rules that stand once: what decides a verdict, what is within limits, names of sound, times."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.test_layout import modules, place

PER_MINUTE, PER_HOUR = 60, 3600


def decides(node: ast.AST) -> bool:
    """A table from verdicts to the states that decide for them."""
    if not isinstance(node, ast.Dict):
        return False
    keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
    values = {value.value for value in node.values if isinstance(value, ast.Constant)}
    return "does not meet" in keys and "fail" in values


def compares_with_a_limit(node: ast.AST) -> bool:
    """An ordering of a value and the ``min`` or ``max`` of something that has both."""
    return (
        isinstance(node, ast.Compare)
        and all(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)
        and any(
            isinstance(side, ast.Attribute) and side.attr in ("min", "max")
            for side in (node.left, *node.comparators)
        )
    )


def lists_extensions(node: ast.AST) -> bool:
    """A written-out collection of extensions of sound."""
    if not isinstance(node, ast.Set | ast.Tuple | ast.List):
        return False
    texts = {one.value for one in node.elts if isinstance(one, ast.Constant)}
    return len(texts & {".wav", ".flac", ".mp3", ".m4a", ".mp4", ".mov", ".aif", ".ogg"}) > 2


def counts_minutes(node: ast.AST) -> bool:
    """Seconds split into minutes or hours, or these made into seconds."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "divmod":
        return _is(node.args[-1], PER_MINUTE, PER_HOUR)
    if not isinstance(node, ast.BinOp) or isinstance(node.left, ast.Constant):
        return False
    if isinstance(node.op, ast.FloorDiv | ast.Mod):
        return _is(node.right, PER_MINUTE, PER_HOUR)
    return isinstance(node.op, ast.Mult) and _is(node.right, PER_HOUR)


def _is(node: ast.AST, *values: int) -> bool:
    return isinstance(node, ast.Constant) and node.value in values


RULES: dict[Callable[[ast.AST], bool], set[str]] = {
    decides: {"report/judging.py"},
    compares_with_a_limit: {"presets/"},  # its own files also compare limits with each other
    lists_extensions: {
        "audio/extensions.py",
        "audio/tags/metadata.py",  # what is tagged here
    },
    counts_minutes: {"audio/times.py"},
}
"""A rule and where it may stand."""


def found(rule: Callable[[ast.AST], bool], path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if rule(node):
            yield getattr(node, "lineno", 0)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_stands_once(rule: Callable[[ast.AST], bool]) -> None:
    homes = tuple(RULES[rule])
    places = {place(path) for path in modules() if any(found(rule, path))}
    assert any(one.startswith(homes) for one in places), "the rule finds not even its own home"
    assert not [one for one in places if not one.startswith(homes)]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (decides, 'STATES = {"does not meet": "fail"}'),
        (compares_with_a_limit, "if value > criterion.max: pass"),
        (lists_extensions, 'ENDS = (".wav", ".flac", ".mp3")'),
        (counts_minutes, "minutes, seconds = divmod(time_s, 60)"),
        (counts_minutes, "hours = time_s // 3600"),
    ],
)
def test_a_second_copy_would_be_seen(
    rule: Callable[[ast.AST], bool], text: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.py"
    copy.write_text(text)
    assert list(found(rule, copy)) == [1]
