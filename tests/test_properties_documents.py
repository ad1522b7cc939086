"""Data files with anything in any place: understood, or refused in one line. For every loader."""

from __future__ import annotations

import copy
import json
import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fuzzing import TARGETS, attempt, seeds

TOML = ("preset", "profile", "eq", "delivery", "content")

ODD = st.one_of(
    st.sampled_from([
        0, -1, 3, 2**63, -(2**70), 1e300, float("inf"), float("-inf"), float("nan"), True, "", " ",
        "general", "L1", "integrated_lufs", "\x1b[2J", "\u202e", "a" * 300, "../../etc/passwd",
        "nul\0l.toml", [], [[]], [1, "a"], {}, {"a": {}}, {"extends": "gentle"}, {"reason": 3},
        date(1, 1, 1),
    ]),
    st.integers(), st.floats(), st.text(max_size=20),
)  # fmt: skip
KEYS = st.one_of(
    st.sampled_from(
        ["extends", "drop", "override", "criteria", "stages", "limits", "schema", "id"]
    ),
    st.text(max_size=8),
)


def places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a tree of tables and lists, as the keys that lead there."""
    inner: list[Any] = []
    if isinstance(tree, dict):
        inner = list(tree)
    elif isinstance(tree, list):
        inner = list(range(len(tree)))
    return [at, *(place for key in inner for place in places(tree[key], (*at, key)))]


@st.composite
def damaged(draw: st.DrawFn, tree: Any) -> Any:
    """The tree with one to three places replaced, taken out, renamed or added."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from([p for p in places(tree) if p] or [("id",)]))
        owner = tree
        for key in way:
            owner = owner[key]
        match draw(st.sampled_from(["replace", "replace", "remove", "rename", "add"])):
            case "replace":
                owner[last] = copy.deepcopy(draw(ODD))
            case "remove":
                owner.pop(last, None) if isinstance(owner, dict) else owner.pop(last)
            case "rename" if isinstance(owner, dict):
                owner[draw(KEYS)] = owner.pop(last, 0)
            case _ if isinstance(owner, dict):
                owner[draw(KEYS)] = copy.deepcopy(draw(ODD))
    return tree


def as_toml(value: Any) -> str:
    """A value as TOML, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(str(k))} = {as_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=True).replace("\x7f", "\\u007f")
        return quoted.encode("utf-8").decode()
    return value.isoformat() if isinstance(value, date) else repr(value)


def document(tree: dict[str, Any]) -> bytes:
    return "\n".join(f"{as_toml(str(k))} = {as_toml(v)}" for k, v in tree.items()).encode()


@pytest.mark.parametrize("target", TOML)
@given(data=st.data())
def test_a_data_file_is_understood_or_refused(
    target: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = data.draw(st.sampled_from(seeds(target)))
    tree = data.draw(damaged(tomllib.loads(path.read_text())))
    folder = tmp_path_factory.getbasetemp()
    assert attempt(target, document(tree), folder)


@given(data=st.data())
def test_a_report_is_understood_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tree = data.draw(damaged(json.loads(seeds("report")[-1].read_bytes())))
    text = json.dumps(tree, default=str).encode()
    assert attempt("report", text, tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("target", ["labels", "transcript"])
@given(data=st.data())
def test_lines_in_any_order_are_understood_or_refused(
    target: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = [
        line for path in seeds(target) for line in path.read_text("utf-8", "replace").split("\n")
    ]
    odd = st.one_of(st.sampled_from(lines), st.text(max_size=30))
    text = "\n".join(data.draw(st.lists(odd, max_size=12)))
    assert attempt(target, text.encode("utf-8", "replace"), tmp_path_factory.getbasetemp())


def test_what_is_written_as_toml_is_what_is_read() -> None:
    tree = {"a b": [1, True, {"c": 'x"\n\x7f'}], "d": date(2026, 11, 25), "e": {"f": 1e300}}
    assert tomllib.loads(document(tree).decode()) == tree


def test_every_target_that_is_text_is_tried() -> None:
    assert set(TARGETS) - {"sound", "media", "tags"} == {*TOML, "report", "labels", "transcript"}
