"""TOML as this project takes it: what is meant, and nothing that eats the memory of a machine."""

from __future__ import annotations

import re
import tomllib
from typing import Any

MOST_PARTS = 16
"""Parts of a dotted key; presets and profiles have four at most."""

# The parser of the standard library keeps every beginning of a dotted key, so its memory grows with
# the square of the parts: 40 kB of them took 1.6 GB.
_PART = r"(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
_LONG_KEY = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MOST_PARTS}}}")


def parse(data: bytes) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises ValueError where it is none, or not UTF-8, or has a key of more than MOST_PARTS parts.
    """
    text = data.decode("utf-8")
    if found := _LONG_KEY.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ValueError(f"a key of more than {MOST_PARTS} parts (at line {line})")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("tables in tables, too deep") from None
