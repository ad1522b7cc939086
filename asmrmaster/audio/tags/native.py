"""What only one kind of tag can hold, copied to a file that has the same kind, as it is."""

from __future__ import annotations

from typing import Any

from asmrmaster.audio.tags.text import MAKERS, plain

_OF_THE_CODING = frozenset({"TSSE", "TLEN", "TFLT", "MLLT", "ASPI", "TSIZ", "AENC"})
_OF_THE_LEVEL = frozenset({"RVA2", "RVAD", "EQU2", "EQUA"})  # of the take, not of the master
_WITH_MOMENTS = frozenset({"CHAP", "CTOC", "SYLT", "SYTC", "ETCO", "POSS"})
_MAKERS_ATOMS = ("\xa9too", "----:com.apple.iTunes:iTunSMPB", "----:com.apple.iTunes:iTunPGAP")
_WORDS = {
    "SYLT": "timed lyrics", "PRIV": "private data", "GEOB": "objects", "POPM": "ratings",
    "UFID": "identifiers", "WXXX": "links", "WOAR": "links",
}  # fmt: skip
_APPLICATION, _CUESHEET = 2, 5  # FLAC blocks: RFC 9639 section 8.1


def copy_native(old: Any, new: Any, *, moments: bool) -> None:
    """Copy frames, atoms or comments between files that mutagen opened.

    moments: whether what names moments of the take is true of the master.
    """
    from mutagen import id3, mp4

    kinds: tuple[Any, ...] = (id3.ID3Tags, mp4.MP4Tags)
    if old.tags is None or new.tags is None:
        return
    if isinstance(old.tags, kinds[0]) and isinstance(new.tags, kinds[0]):
        passed = _OF_THE_CODING | _OF_THE_LEVEL | (frozenset() if moments else _WITH_MOMENTS)
        frames = [frame for frame in old.tags.values() if frame.FrameID not in passed]
        for frame in frames:  # what the encoder wrote from the take's texts makes way
            new.tags.delall(frame.FrameID)
        for frame in frames:
            new.tags.add(frame)
    elif isinstance(old.tags, kinds[1]) and isinstance(new.tags, kinds[1]):
        for key, value in old.tags.items():
            if key not in _MAKERS_ATOMS:
                new.tags[key] = value
    elif hasattr(old.tags, "vendor") and hasattr(new.tags, "vendor"):
        for key in {key.lower() for key, _ in old.tags}:
            if plain(key) not in MAKERS:
                new.tags[key] = old.tags[key]
        _copy_blocks(old, new, moments)


def _copy_blocks(old: Any, new: Any, moments: bool) -> None:
    wanted = {_APPLICATION, _CUESHEET} if moments else {_APPLICATION}
    if not (hasattr(old, "metadata_blocks") and hasattr(new, "metadata_blocks")):
        return
    if any(block.code in wanted for block in new.metadata_blocks):
        return
    new.metadata_blocks += [block for block in old.metadata_blocks if block.code in wanted]


def left_over(old: Any, new: Any, *, moments: bool) -> list[str]:
    """What of the take's tags is neither text nor picture nor chapter, and is not kept."""
    tags = getattr(old, "tags", None)
    if tags is None or not hasattr(tags, "getall"):
        return []
    kept = getattr(new, "tags", None)
    found = {frame.FrameID for frame in tags.values()} & set(_WORDS)
    if kept is not None and hasattr(kept, "getall"):
        found -= {frame.FrameID for frame in kept.values()}
    return sorted({_WORDS[frame] for frame in found})
