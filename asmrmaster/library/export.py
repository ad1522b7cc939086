"""The ledger as a table for other programs: CSV, JSON, or Parquet where pyarrow is installed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

from asmrmaster.errors import OutputError, missing_extra
from asmrmaster.library.ledger import Ledger
from asmrmaster.library.queries import Choice

COLUMNS = {
    "name": "name",
    "state": "state",
    "verdict": "verdict",
    "cause": "cause",
    "output": "output",
    "version": "version",
    "duration_s": "duration_s",
    "seconds": "seconds",
    "finished_at": "strftime('%Y-%m-%dT%H:%M:%SZ', finished_at, 'unixepoch')",
    "attempts": "attempts",
    "take": "take",
    "take_sha256": "take_sha256",
    "output_sha256": "output_sha256",
}
"""The first columns, and how the ledger says them."""
SETTINGS = (
    "settings", "preset", "preset_version", "profile", "profile_version", "preset_sha256",
    "profile_sha256",
)  # fmt: skip
"""The next ones, alike for all rows with the same settings; the figures come last."""
NUMBERS = ("duration_s", "seconds", "attempts")
CHUNK = 2000
"""Rows that are written at once."""
_END = "\r\n\0"  # no text holds it, and a text with a part of it is quoted


def export(ledger: Ledger, file: TextIO | Path, choice: Choice) -> None:
    """Write entries with all their figures: CSV to an open text; to a path what its ending
    says: CSV, JSON (a list, or with .jsonl one object a line), or Parquet.

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
        write = WRITERS.get(file.suffix.lower())
        if write is None:
            raise OutputError(
                f"no table is written as {file.suffix or 'a file without an ending'}",
                subject=file,
                hint=f"Choose one of {', '.join([*WRITERS, '.parquet'])}",
            )
        with file.open("x", encoding="utf-8", newline="") as opened:
            write(ledger, opened, choice)
    except FileExistsError:
        raise OutputError("exists already", subject=file, hint="Choose another name") from None
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", subject=file) from None


class _Table:
    """The rows of a table, some at a time, and what many of them share.

    header: names of all columns. A row is its own columns, then the key of its settings, the number
    of its shape, and its figures as a JSON list.
    """

    def __init__(self, ledger: Ledger, choice: Choice) -> None:
        where, values = choice.condition()
        query = (
            f"SELECT {', '.join(COLUMNS.values())}, key, shape, figures"
            f" FROM masters JOIN settings ON key = settings WHERE {where} ORDER BY name, take"
        )
        rows = ledger.rows(query, *values)
        self.chunks = iter(lambda: list(islice(rows, CHUNK)), [])
        shared = ledger.rows(f"SELECT key, {', '.join(SETTINGS[1:])} FROM settings")
        self.settings: dict[str, tuple[str, ...]] = {row[0]: row for row in shared}
        shapes = ledger.rows("SELECT id, quantities FROM shapes ORDER BY id DESC")
        self.shapes = {number: json.loads(names) for number, names in shapes}
        # Those of the latest entries first.
        self.quantities = list(dict.fromkeys(q for names in self.shapes.values() for q in names))
        self.header = [*COLUMNS, *SETTINGS, *self.quantities]

    def figures(self, row: tuple[Any, ...]) -> str:
        """The figures of a row as the rest of its line of CSV."""
        *_, shape, figures = row
        names = self.shapes.get(shape, [])
        if names == self.quantities:
            # A JSON list of numbers is just that, but for its brackets and nulls.
            return str(figures[1:-1].replace("null", ""))
        values = dict(zip(names, json.loads(figures), strict=True))
        known = (values.get(name) for name in self.quantities)
        return ",".join("" if value is None else str(value) for value in known)


def _lines(rows: Iterable[Sequence[Any]]) -> list[str]:
    """Each row as CSV, without the end of its line."""
    text = io.StringIO()
    csv.writer(text, lineterminator=_END).writerows(rows)
    return text.getvalue().split(_END)[:-1]


def _csv(ledger: Ledger, out: TextIO, choice: Choice) -> None:
    table = _Table(ledger, choice)
    shared = dict(zip(table.settings, _lines(table.settings.values()), strict=True))
    csv.writer(out).writerow(table.header)
    comma = "," if table.quantities else ""
    for rows in table.chunks:
        own = _lines([row[:-3] for row in rows])
        out.write(
            "".join(
                f"{line},{shared[row[-3]]}{comma}{table.figures(row)}\r\n"
                for line, row in zip(own, rows, strict=True)
            )
        )


def _objects(ledger: Ledger, choice: Choice) -> Iterator[str]:
    """Each row as one JSON object, figures as numbers."""
    table = _Table(ledger, choice)
    for rows in table.chunks:
        for *own, key, shape, figures in rows:
            values = dict(zip(table.shapes.get(shape, []), json.loads(figures), strict=True))
            known = dict.fromkeys(table.quantities) | values
            row = dict(zip([*COLUMNS, *SETTINGS], [*own, *table.settings[key]], strict=True))
            yield json.dumps({**row, **known}, ensure_ascii=False)


def _json_lines(ledger: Ledger, out: TextIO, choice: Choice) -> None:
    out.writelines(f"{line}\n" for line in _objects(ledger, choice))


def _json(ledger: Ledger, out: TextIO, choice: Choice) -> None:
    between = "["
    for line in _objects(ledger, choice):
        out.write(f"{between}\n{line}")
        between = ","
    out.write("[]\n" if between == "[" else "\n]\n")


WRITERS: Mapping[str, Callable[[Ledger, TextIO, Choice], None]] = MappingProxyType(
    {".csv": _csv, ".json": _json, ".jsonl": _json_lines}
)
"""How a table of text is written, by the ending of the file."""


def _parquet(ledger: Ledger, path: Path, choice: Choice) -> None:
    try:
        import pyarrow as pa
        from pyarrow import csv as reader
        from pyarrow import parquet
    except ImportError as error:
        raise missing_extra("parquet", error) from None
    table = _Table(ledger, choice)
    texts = [name for name in (*COLUMNS, *SETTINGS) if name not in (*NUMBERS, "finished_at")]
    types = dict.fromkeys((*NUMBERS, *table.quantities), pa.float64())
    types |= {"attempts": pa.int64(), "finished_at": pa.timestamp("s", tz="UTC")}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in table.header])
    read = reader.ReadOptions(column_names=table.quantities)
    parse = reader.ParseOptions(ignore_empty_lines=False)
    convert = reader.ConvertOptions(column_types=dict.fromkeys(table.quantities, pa.float64()))
    with parquet.ParquetWriter(path, schema, use_dictionary=texts) as writer:
        for rows in table.chunks:
            own = zip(*(row[:-3] for row in rows), strict=True)
            shared = zip(*(table.settings[row[-3]] for row in rows), strict=True)
            columns = [
                _column(pa, column, schema.field(k).type)
                for k, column in enumerate((*own, *shared))
            ]
            if table.quantities:
                lines = "".join(f"{table.figures(row)}\n" for row in rows).encode()
                found = reader.read_csv(pa.py_buffer(lines), read, parse, convert)
                columns += found.columns
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _column(pa: Any, values: Sequence[Any], type_: Any) -> Any:
    """Values as a column; times come as text, which Arrow reads."""
    if pa.types.is_timestamp(type_):
        texts = pa.array([None if value is None else value[:-1] for value in values], pa.string())
        return texts.cast(pa.timestamp(type_.unit)).cast(type_)
    return pa.array(values, type_)
