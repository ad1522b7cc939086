"""What is written into a finished file about its own sound: the loudness fields of a bext.

Source: EBU Tech 3285 v2 section 2.3.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

from asmrmaster.audio.chunks import scan
from asmrmaster.audio.validation import unwritable

Values = Mapping[str, float | None]

_VERSION_AT, _LOUDNESS_AT = 346, 412
_UNKNOWN = 0x7FFF
_BEXT = (
    "integrated_lufs",
    "loudness_range_lu",
    "true_peak_dbtp",
    "max_momentary_lufs",
    "max_short_term_lufs",
)
"""The loudness fields in their order, each in hundredths."""


def finish(path: Path, values: Values) -> bool:
    """Write what was measured into a finished file; whether it was changed.

    Samples stay as they are. Raises OutputError.
    """
    try:
        return path.suffix.lower() in (".wav", ".bwf", ".rf64") and _fill_bext(path, values)
    except OSError as error:
        raise unwritable(error, path) from None


def _fill_bext(path: Path, values: Values) -> bool:
    """The five loudness fields, as version 2 has them; the other fields are those of the take."""
    chunks = scan(path)
    part = next((p for p in chunks.parts if p.id == b"bext"), None) if chunks else None
    if part is None or part.size < _LOUDNESS_AT + 10:
        return False
    fields = [_hundredths(values.get(name)) for name in _BEXT]
    with path.open("rb+") as file:
        file.seek(part.start + _VERSION_AT)
        version = int.from_bytes(file.read(2), "little")
        file.seek(part.start + _VERSION_AT)
        file.write(max(version, 2).to_bytes(2, "little"))
        file.seek(part.start + _LOUDNESS_AT)
        file.write(struct.pack("<5h", *fields))
    return True


def _hundredths(value: float | None) -> int:
    return _UNKNOWN if value is None or abs(value) > 99.99 else round(100 * value)
