"""The ledger as a table for other programs: CSV, or Parquet where pyarrow is installed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from asmrmaster.errors import OutputError
from asmrmaster.library.extras import missing_extra
from asmrmaster.library.ledger import Ledger
from asmrmaster.library.listing import Choice

COLUMNS = {
    "name": "name",
    "state": "state",
    "verdict": "verdict",
    "cause": "cause",
    "output": "output",
    "preset": "preset",
    "preset_version": "preset_version",
    "profile": "profile",
    "profile_version": "profile_version",
    "version": "version",
    "duration_s": "duration_s",
    "seconds": "seconds",
    "finished_at": "strftime('%Y-%m-%dT%H:%M:%SZ', finished_at, 'unixepoch')",
    "attempts": "attempts",
    "take": "take",
    "take_sha256": "take_sha256",
    "output_sha256": "output_sha256",
    "preset_sha256": "preset_sha256",
    "profile_sha256": "profile_sha256",
    "settings": "settings",
}
"""Columns before the figures, and how the ledger says them."""
CHUNK = 2000
"""Rows that are written at once."""


def export(ledger: Ledger, file: TextIO | Path, choice: Choice) -> None:
    """Write entries with all their figures: CSV to an open text, CSV or Parquet to a path.

    Raises OutputError where it exists already or cannot be written.
    """
    if not isinstance(file, Path):
        _csv(ledger, file, choice)
        return
    try:
        if file.suffix.lower() == ".parquet":
            if file.exists():
                raise FileExistsError
            _parquet(ledger, file, choice)
            return
        with file.open("x", encoding="utf-8", newline="") as opened:
            _csv(ledger, opened, choice)
    except FileExistsError:
        raise OutputError("exists already", subject=file, hint="Choose another name") from None
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", subject=file) from None


def _found(ledger: Ledger, choice: Choice) -> Iterator[tuple[Any, ...]]:
    """Columns of each entry, then the number of its shape and its figures as a JSON list."""
    where, values = choice.condition()
    query = (
        f"SELECT {', '.join(COLUMNS.values())}, shape, figures"
        f" FROM masters JOIN settings ON key = settings WHERE {where} ORDER BY name, take"
    )
    return ledger.rows(query, *values)


def _shapes(ledger: Ledger) -> dict[int | None, list[str]]:
    """Names of quantities by the number of their shape."""
    return {number: json.loads(names) for number, names in ledger.rows("SELECT * FROM shapes")}


def _quantities(shapes: dict[int | None, list[str]]) -> list[str]:
    """All quantities, those of the latest entries first."""
    latest_first = [
        name for number in sorted(shapes, key=str, reverse=True) for name in shapes[number]
    ]
    return list(dict.fromkeys(latest_first))


def _csv(ledger: Ledger, out: TextIO, choice: Choice) -> None:
    shapes = _shapes(ledger)
    quantities = _quantities(shapes)
    csv.writer(out).writerow([*COLUMNS, *quantities])
    chunk = io.StringIO()
    writer = csv.writer(chunk, lineterminator="")
    for number, (*columns, shape, figures) in enumerate(_found(ledger, choice), 1):
        writer.writerow(columns)
        if shapes.get(shape) == quantities:
            # A JSON list of numbers is the rest of the row but for its brackets and nulls.
            rest = figures[1:-1].replace("null", "")
        else:
            values = dict(zip(shapes.get(shape, []), json.loads(figures), strict=True))
            known = (values.get(name) for name in quantities)
            rest = ",".join("" if value is None else str(value) for value in known)
        chunk.write(f",{rest}\r\n" if quantities else "\r\n")
        if number % CHUNK == 0:
            out.write(chunk.getvalue())
            chunk.seek(0)
            chunk.truncate()
    out.write(chunk.getvalue())


def _parquet(ledger: Ledger, path: Path, choice: Choice) -> None:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise missing_extra("parquet", error) from None
    shapes = _shapes(ledger)
    quantities = _quantities(shapes)
    texts = ("duration_s", "seconds", "attempts")
    fields = [(name, pa.float64() if name in texts else pa.string()) for name in COLUMNS]
    schema = pa.schema([*fields, *((name, pa.float64()) for name in quantities)])
    with parquet.ParquetWriter(path, schema) as writer:
        chunk: list[dict[str, object]] = []
        for *columns, shape, figures in _found(ledger, choice):
            row = dict(zip(COLUMNS, columns, strict=True))
            row |= dict(zip(shapes.get(shape, []), json.loads(figures), strict=True))
            chunk.append(row)
            if len(chunk) == CHUNK:
                writer.write_table(pa.Table.from_pylist(chunk, schema))
                chunk = []
        writer.write_table(pa.Table.from_pylist(chunk, schema))
