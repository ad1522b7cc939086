"""TOML that is meant to eat memory is refused; what people write is read."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from asmrmaster.presets.toml import MOST_PARTS, parse


@pytest.mark.parametrize(
    "text",
    [
        "a." * 20_000 + "a = 1",
        "[" + "a . " * 20_000 + "a]",
        '"a"."b".' * 10_000 + "c = 1",
        "x = { " + "a." * 20_000 + "a = 1 }",
        "x = " + "[" * 20_000,
    ],
)
def test_forty_kilobytes_stay_forty_kilobytes(text: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(ValueError, match=r"parts|deep"):
            parse(text.encode())
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert time.process_time() - began < 5


def test_keys_and_prose_of_people_are_read() -> None:
    key = ".".join("a" * MOST_PARTS)
    text = f'{key} = 1\ntext = """One. Two. Three.\nAnd so on ... and on."""\n"a.b.c" = 2'
    assert parse(text.encode())["a.b.c"] == 2
    with pytest.raises(ValueError, match="line 2"):
        parse(f"x = 1\n{key}.a = 1".encode())


def test_the_check_takes_no_longer_than_the_text_is_long() -> None:
    began = time.process_time()
    for text in ("a" * 900_000, '"' * 900_000, "a-" * 450_000, "a.a " * 200_000):
        with pytest.raises(ValueError, match="at"):
            parse(text.encode())
    assert time.process_time() - began < 10
