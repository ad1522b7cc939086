"""What is written into a finished file about its own sound: loudness, and gains for players.

Gains the take stated are those of the take, so they are measured anew; those of an album are taken
out, because one file does not tell them.

Sources: EBU Tech 3285 v2 section 2.3 (bext); ReplayGain 2.0 specification (-18 LUFS);
RFC 7845 section 5.2.1 (R128_TRACK_GAIN: Q7.8, -23 LUFS); ID3v2.4.0 native frames, section 4.11
(RVA2, where programs name a frame "track" and hold to ReplayGain's level).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asmrmaster.audio.chunks import scan
from asmrmaster.audio.tags.metadata import TAGGED, opened
from asmrmaster.audio.tags.text import GAINS
from asmrmaster.audio.validation import unwritable
from asmrmaster.errors import OutputError

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
        filled = path.suffix.lower() in (".wav", ".bwf", ".rf64") and _fill_bext(path, values)
        return _renew_gains(path, values) or filled
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


def _renew_gains(path: Path, values: Values) -> bool:
    """Gains that are there are set to what was measured, or taken out; none are added."""
    if path.suffix.lower() not in TAGGED:
        return False
    import mutagen

    file = opened(path)
    if file is None or not file.tags:
        return False
    fresh = _fresh(values)
    changed = False
    for key in list(file.tags.keys()):
        name = _name(key)
        if name.startswith(GAINS):
            if name in fresh:
                _set_text(file.tags, key, fresh[name])
            else:
                del file.tags[key]
            changed = True
    try:
        if changed:
            file.save()
    except mutagen.MutagenError as error:
        raise OutputError(f"its tags cannot be written ({error})", subject=path) from None
    return changed


def _fresh(values: Values) -> dict[str, str]:
    """Gains by name, as far as they were measured."""
    loudness_lufs, peak_dbtp = values.get("integrated_lufs"), values.get("true_peak_dbtp")
    if loudness_lufs is None or peak_dbtp is None:
        return {}
    return {
        "replaygain_track_gain": f"{-18 - loudness_lufs:+.2f} dB",
        "replaygain_track_peak": f"{10 ** (peak_dbtp / 20):.6f}",
        "r128_track_gain": str(round(256 * (-23 - loudness_lufs))),
        "rva2_track": f"{-18 - loudness_lufs:.4f} {10 ** (peak_dbtp / 20):.6f}",
    }


def _name(key: str) -> str:
    """What ``TXXX:replaygain_track_gain``, ``COMM:iTunNORM:eng`` and the like are called."""
    name = key.lower()
    if name.startswith("rva2:"):
        return name.replace(":", "_")
    if name.startswith("comm:"):
        return name.split(":")[1]
    return name.removeprefix("txxx:").rpartition(":")[2]


def _set_text(tags: Any, key: str, text: str) -> None:
    if key.startswith("TXXX:"):  # ID3
        tags[key].text = [text]
    elif key.startswith("RVA2:"):
        tags[key].gain, tags[key].peak = map(float, text.split())
    elif key.startswith("----:"):  # MP4
        tags[key] = [text.encode()]
    else:
        tags[key] = text
