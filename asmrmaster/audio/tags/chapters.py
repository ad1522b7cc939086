"""Chapters: out of whatever tells them and into ID3 and Vorbis comments.

MP4 and Matroska get theirs from FFmpeg while they are written.

Sources: ID3v2 Chapter Frame Addendum 1.0 (CHAP, CTOC); the Chapter Extension of Vorbis comments
(wiki.xiph.org); Microsoft/IBM Multimedia Programming Interface 1.0 (``cue``, ``adtl``/``labl``).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from asmrmaster.audio.chunks import scan
from asmrmaster.audio.riff_metadata import pack
from asmrmaster.audio.times import clock, in_seconds
from asmrmaster.errors import InputError


class Chapter(NamedTuple):
    """From start_s to end_s, both in seconds."""

    start_s: float
    end_s: float
    title: str


_TIME = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")


def chapters_of(path: Path, file: Any, duration_s: float, rate: int) -> list[Chapter]:
    """The chapters of a file. file: as mutagen opened it, None where it cannot. duration_s, rate:
    of its sound."""
    chunks = scan(path)
    if chunks is not None and (cue := chunks.first(b"cue ")):
        return _of_cues(cue, _labels(path), duration_s, rate)
    tags = getattr(file, "tags", None)
    if tags is not None and hasattr(tags, "getall"):
        frames = tags.getall("CHAP")
        return sorted(Chapter(f.start_time / 1000, f.end_time / 1000, _title(f)) for f in frames)
    if hasattr(tags, "vendor"):
        return _of_comments(tags, duration_s)
    if (file is None and chunks is None) or type(file).__name__ in ("MP4", "ASF"):
        return _of_container(path)
    return []


def within(chapters: Sequence[Chapter], duration_s: float) -> list[Chapter]:
    """Those that begin before the end of the sound, none going on behind it."""
    return [
        one._replace(end_s=min(one.end_s, duration_s))
        for one in chapters
        if one.start_s < duration_s
    ]


def add_chapters(tags: Any, chapters: Sequence[Chapter]) -> bool:
    """Write them into ID3 or Vorbis comments; whether this kind of tag holds them."""
    from mutagen import id3

    frames: Any = id3
    if isinstance(tags, frames.ID3Tags):
        names = [f"chp{k}" for k in range(len(chapters))]
        for name, one in zip(names, chapters, strict=True):
            title = [frames.TIT2(encoding=3, text=[one.title])] if one.title else []
            times = (round(1000 * one.start_s), round(1000 * one.end_s))
            tags.add(frames.CHAP(element_id=name, start_time=times[0], end_time=times[1],
                                 start_offset=0xFFFF_FFFF, end_offset=0xFFFF_FFFF,
                                 sub_frames=title))  # fmt: skip
        flags = frames.CTOCFlags.TOP_LEVEL | frames.CTOCFlags.ORDERED
        tags.add(frames.CTOC(element_id="toc", flags=flags, child_element_ids=names, sub_frames=[]))
        return True
    if hasattr(tags, "vendor"):
        for number, one in enumerate(chapters):
            tags[f"CHAPTER{number:03}"] = clock(one.start_s, 3, hours=True).zfill(
                len("00:00:00.000")
            )
            tags[f"CHAPTER{number:03}NAME"] = one.title
        return True
    return False


def cue_chunks(chapters: Sequence[Chapter], rate: int) -> bytes:
    """Chapters as the cue points and labels of a WAV, ready to be written; b"" for none."""
    if not chapters:
        return b""
    points, labels = struct.pack("<I", len(chapters)), b"adtl"
    for number, one in enumerate(chapters, 1):
        frame = round(one.start_s * rate)
        points += struct.pack("<II4sIII", number, frame, b"data", 0, 0, frame)
        labels += pack(b"labl", struct.pack("<I", number) + one.title.encode() + b"\0")
    return pack(b"cue ", points) + pack(b"LIST", labels)


def without_chapters(tags: Any) -> None:
    """Take the chapters out of ID3 or Vorbis comments."""
    if hasattr(tags, "delall"):
        tags.delall("CHAP")
        tags.delall("CTOC")
    elif hasattr(tags, "vendor"):
        for key in {key for key, _ in tags if is_chapter(key.lower())}:
            del tags[key]


def is_chapter(name: str) -> bool:
    """Whether a comment of this name tells of a chapter."""
    return re.fullmatch(r"chapter\d{3}(name|url)?", name) is not None


def _of_container(path: Path) -> list[Chapter]:
    from asmrmaster.audio.container.media import open_input  # only here: it loads FFmpeg

    found = []
    with suppress(InputError), open_input(path) as container:
        for one in container.chapters():
            tick_s = float(one["time_base"] or 0)
            title = one["metadata"].get("title", "")
            found.append(Chapter(one["start"] * tick_s, one["end"] * tick_s, title))
    return found


def _title(frame: Any) -> str:
    titles = [sub.text[0] for sub in frame.sub_frames.values() if sub.FrameID == "TIT2"]
    return str(titles[0]) if titles else ""


def _of_comments(tags: Any, duration_s: float) -> list[Chapter]:
    words = {key.lower(): text for key, text in tags}
    starts = []
    for name in sorted(words):
        if re.fullmatch(r"chapter\d{3}", name) and (found := _TIME.fullmatch(words[name])):
            start_s = in_seconds(*(float(group) for group in found.groups()))
            starts.append((start_s, words.get(f"{name}name", "")))
    return _spans(starts, duration_s)


def _of_cues(cue: bytes, labels: dict[int, str], duration_s: float, rate: int) -> list[Chapter]:
    starts = []
    for k in range(int.from_bytes(cue[:4], "little") if len(cue) >= 4 else 0):
        if len(cue) < 4 + 24 * (k + 1):
            break
        number, _, _, _, _, frame = struct.unpack_from("<II4sIII", cue, 4 + 24 * k)
        starts.append((frame / rate, labels.get(number, "")))
    return _spans(sorted(s for s in starts if s[0] < duration_s), duration_s)


def _spans(starts: list[tuple[float, str]], duration_s: float) -> list[Chapter]:
    ends = [start for start, _ in starts[1:]] + [duration_s]
    return [Chapter(start, end, title) for (start, title), end in zip(starts, ends, strict=False)]


def _labels(path: Path) -> dict[int, str]:
    """Texts of cue points, by number: the ``labl`` chunks in a LIST of kind ``adtl``."""
    chunks = scan(path)
    found: dict[int, str] = {}
    for part in chunks.parts if chunks else ():
        content = chunks.content(part) if chunks and part.id == b"LIST" else b""
        at = 4
        while content[:4] == b"adtl" and at + 8 <= len(content):
            name, size = struct.unpack_from("<4sI", content, at)
            body = content[at + 8 : at + 8 + size]
            if name == b"labl" and len(body) >= 4:
                text = body[4:].rstrip(b"\0").decode("utf-8", "replace")
                found[int.from_bytes(body[:4], "little")] = text
            at += 8 + size + size % 2
    return found
