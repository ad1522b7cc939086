"""What is written into a finished file about its own sound; the only home of mutagen.

Loudness fields of a ``bext``, gains for players, and the cover of the take where encoding left it
behind. Gains the take stated are those of the take, so they are measured anew; those of an album
are taken out, because one file does not tell them.

Sources: EBU Tech 3285 v2 section 2.3 (bext); ReplayGain 2.0 specification (-18 LUFS);
RFC 7845 section 5.2.1 (R128_TRACK_GAIN: Q7.8, -23 LUFS).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asmrmaster.audio.access import unwritable
from asmrmaster.audio.chunks import scan
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

_TAGGED = (".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".m4b")
_TRACK = ("replaygain_track_gain", "replaygain_track_peak", "r128_track_gain")
_OF_THE_ALBUM = ("replaygain_album_gain", "replaygain_album_peak", "r128_album_gain", "itunnorm")


def finish(path: Path, take: Path, values: Values) -> bool:
    """Write what was measured into a finished file, and the take's cover; whether it was changed.

    Samples stay as they are. Raises OutputError.
    """
    try:
        if path.suffix.lower() in (".wav", ".bwf", ".rf64"):
            return _fill_bext(path, values)
        if path.suffix.lower() in _TAGGED:
            return _tag(path, take, values)
    except OSError as error:
        raise unwritable(error, path) from None
    return False


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


def _tag(path: Path, take: Path, values: Values) -> bool:
    import mutagen

    try:
        file: Any = mutagen.File(path)
        if file is None:
            return False
        changed = _renew_gains(file, values)
        changed |= _add_cover(file, take)
        if changed:
            file.save()
    except mutagen.MutagenError as error:
        raise OutputError(f"its tags cannot be written ({error})", subject=path) from None
    return changed


# --- gains ----------------------------------------------------------------------------------------


def _renew_gains(file: Any, values: Values) -> bool:
    """Gains that are there already are set to what was measured; where none are, none are added."""
    loudness_lufs, peak_dbtp = values.get("integrated_lufs"), values.get("true_peak_dbtp")
    if not file.tags or loudness_lufs is None or peak_dbtp is None:
        return False
    fresh = {
        "replaygain_track_gain": f"{-18 - loudness_lufs:+.2f} dB",
        "replaygain_track_peak": f"{10 ** (peak_dbtp / 20):.6f}",
        "r128_track_gain": str(round(256 * (-23 - loudness_lufs))),
    }
    changed = False
    for key in list(file.tags.keys()):
        name = key.lower().removeprefix("txxx:").removeprefix("----:com.apple.itunes:")
        if name in _OF_THE_ALBUM:
            del file.tags[key]
        elif name in _TRACK:
            _set_text(file.tags, key, fresh[name])
        else:
            continue
        changed = True
    return changed


def _set_text(tags: Any, key: str, text: str) -> None:
    if key.startswith("TXXX:"):  # ID3
        tags[key].text = [text]
    elif key.startswith("----:"):  # MP4
        tags[key] = [text.encode()]
    else:
        tags[key] = text


# --- cover ----------------------------------------------------------------------------------------


def _cover(take: Path) -> tuple[bytes, str] | None:
    """The first picture that goes with the take, and its media type."""
    import mutagen

    try:
        file: Any = mutagen.File(take)
    except (mutagen.MutagenError, OSError):
        return None
    if file is None:
        return None
    for picture in getattr(file, "pictures", ()):  # FLAC
        return bytes(picture.data), _media_type(picture.mime)
    tags = file.tags or {}
    for key in list(tags.keys()):  # iterated, Vorbis comments are pairs
        if key.startswith("APIC"):
            return bytes(tags[key].data), _media_type(tags[key].mime)
        if key == "covr" and tags[key]:
            kind = "png" if tags[key][0].imageformat == tags[key][0].FORMAT_PNG else "jpeg"
            return bytes(tags[key][0]), f"image/{kind}"
    return None


def _media_type(stated: object) -> str:
    """As stated, but for letters that no tag may hold here (ID3v2.4, section 4.14; RFC 2045)."""
    return str(stated).encode("ascii", "ignore").decode() or "image/jpeg"


def _add_cover(file: Any, take: Path) -> bool:
    """The take's cover, where the file has none and its kind of tags holds one."""
    from mutagen import flac, id3, mp4

    flac_, id3_, mp4_ = _untyped(flac), _untyped(id3), _untyped(mp4)
    found = _cover(take)
    if found is None:
        return False
    data, kind = found
    if isinstance(file, flac_.FLAC) and not file.pictures:
        picture = flac_.Picture()
        picture.data, picture.mime, picture.type = data, kind, 3
        file.add_picture(picture)
        return True
    if isinstance(file, mp4_.MP4) and "covr" not in (file.tags or {}):
        cover = mp4_.MP4Cover
        form = cover.FORMAT_PNG if kind.endswith("png") else cover.FORMAT_JPEG
        _with_tags(file)["covr"] = [cover(data, form)]
        return True
    if isinstance(file, id3_.ID3FileType) and not _with_tags(file).getall("APIC"):
        file.tags.add(id3_.APIC(encoding=3, mime=kind, type=3, desc="", data=data))
        return True
    return False


def _with_tags(file: Any) -> Any:
    if file.tags is None:
        file.add_tags()
    return file.tags


def _untyped(module: Any) -> Any:
    """mutagen's classes have no types."""
    return module
