"""Text that travels with sound, under one name in every kind of tag.

    name          ID3   MP4    name             ID3   MP4      all other names
    title         TIT2  ©nam   artist           TPE1  ©ART     ID3: TXXX
    album         TALB  ©alb   albumartist      TPE2  aART     MP4: ----:com.apple.iTunes:
    date          TDRC  ©day   tracknumber      TRCK  trkn
    …             see ``_NAMES``

Names are those of Vorbis comments, in lower case; several texts under a name stay several where the
kind of tag can hold them.

Sources: ID3v2.4.0 frames (id3.org); Xiph, Ogg Vorbis I comment field names; the iTunes atoms as
mutagen documents them; APEv2 item keys; Microsoft, ASF attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Words = dict[str, list[str]]

_NAMES = {
    "title": ("TIT2", "\xa9nam"), "artist": ("TPE1", "\xa9ART"), "album": ("TALB", "\xa9alb"),
    "albumartist": ("TPE2", "aART"), "composer": ("TCOM", "\xa9wrt"), "genre": ("TCON", "\xa9gen"),
    "date": ("TDRC", "\xa9day"), "tracknumber": ("TRCK", "trkn"), "discnumber": ("TPOS", "disk"),
    "comment": ("COMM", "\xa9cmt"), "lyrics": ("USLT", "\xa9lyr"), "copyright": ("TCOP", "cprt"),
    "grouping": ("TIT1", "\xa9grp"), "bpm": ("TBPM", "tmpo"), "compilation": ("TCMP", "cpil"),
    "description": ("", "desc"), "titlesort": ("TSOT", "sonm"), "artistsort": ("TSOP", "soar"),
    "albumsort": ("TSOA", "soal"), "albumartistsort": ("TSO2", "soaa"),
    "composersort": ("TSOC", "soco"), "subtitle": ("TIT3", ""), "isrc": ("TSRC", ""),
    "language": ("TLAN", ""), "organization": ("TPUB", ""), "conductor": ("TPE3", ""),
    "lyricist": ("TEXT", ""), "remixer": ("TPE4", ""), "mood": ("TMOO", ""), "media": ("TMED", ""),
    "originaldate": ("TDOR", ""), "key": ("TKEY", ""), "encodedby": ("TENC", ""),
}  # fmt: skip
_BY_FRAME = {frame: name for name, (frame, _) in _NAMES.items() if frame}
_BY_ATOM = {atom: name for name, (_, atom) in _NAMES.items() if atom}
_FREEFORM = "----:com.apple.iTunes:"
_SAME = {
    "album artist": "albumartist", "album_artist": "albumartist", "unsyncedlyrics": "lyrics",
    "track": "tracknumber", "disc": "discnumber", "disk": "discnumber", "year": "date",
    "publisher": "organization", "tempo": "bpm", "author": "artist", "albumtitle": "album",
    "encoded_by": "encodedby", "tbpm": "bpm", "initialkey": "key", "encoded-by": "encodedby",
}  # fmt: skip

_ID3V1_BYTES = 128
_ID3V1 = {
    "title": (3, 33), "artist": (33, 63), "album": (63, 93), "date": (93, 97), "comment": (97, 125),
}  # fmt: skip
MAKERS = frozenset({
    "software", "encoder", "encodersettings", "encoder_options", "encoding", "tool", "length",
    "itunsmpb", "itunpgap", "encodingsettings", "encodingtime", "isvbr", "mediaprimaryclassid",
    "waveformatextensible_channel_mask", "metadata_block_picture", "coverart", "coverartmime",
    "picture", "cover art (front)",
})  # fmt: skip
"""Names of what describes how a file was coded, or is no text: these do not travel."""


def words_of(tags: Any) -> Words:
    """The texts in tags of any kind that mutagen reads; {} for none."""
    found: Words = {}
    for name, texts in _pairs(tags):
        kept = [text.encode(errors="replace").decode() for text in texts if text]
        if kept and name not in MAKERS:
            found.setdefault(name, []).extend(kept)
    return found


def words_of_id3v1(tail: bytes) -> Words:
    """The texts in the last 128 bytes of a file, if they are an ID3v1 tag (id3.org/ID3v1)."""
    if len(tail) != _ID3V1_BYTES or not tail.startswith(b"TAG"):
        return {}
    found = {
        name: tail[start:end].split(b"\0")[0].decode("latin-1").strip()
        for name, (start, end) in _ID3V1.items()
    }
    if not tail[125] and tail[126]:  # version 1.1
        found["tracknumber"] = str(tail[126])
    return {name: [text] for name, text in found.items() if text}


def plain(name: str) -> str:
    """The one name of what goes by several."""
    name = name.lower()
    return _SAME.get(name, name)


def _pairs(tags: Any) -> Iterator[tuple[str, list[str]]]:
    if tags is None:  # as in most takes
        return
    from mutagen import apev2, asf, id3, mp4

    kinds: tuple[Any, ...] = (id3.ID3Tags, mp4.MP4Tags, asf.ASFTags, apev2.APEv2)
    if isinstance(tags, kinds[0]):
        yield from _of_id3(tags)
    elif isinstance(tags, kinds[1]):
        yield from _of_mp4(tags)
    elif isinstance(tags, kinds[2]):
        for key, value in tags:
            if isinstance(value.value, str):
                name = plain(key.removeprefix("WM/"))
                yield ("comment" if key == "Description" else name), [str(value)]
    elif isinstance(tags, kinds[3]):
        for key in tags:
            if isinstance(tags[key], apev2.APETextValue):
                yield plain(key), list(tags[key])
    else:
        for key, text in tags:
            yield plain(key), [text]


def _of_id3(tags: Any) -> Iterator[tuple[str, list[str]]]:
    for frame in tags.values():
        kind = frame.FrameID
        if kind == "TXXX":
            yield plain(frame.desc), [str(text) for text in frame.text]
        elif kind == "COMM":
            # iTunes and others keep what machines read in comments with a name.
            yield (plain(frame.desc) if frame.desc else "comment"), list(frame.text)
        elif kind == "USLT":
            yield "lyrics", [frame.text]
        elif kind == "TCON":
            yield "genre", list(frame.genres)
        elif kind.startswith("T"):
            name = "" if kind == "TSSE" else _BY_FRAME.get(kind, kind.lower())
            yield name or "software", [str(text) for text in frame.text]


def _of_mp4(tags: Any) -> Iterator[tuple[str, list[str]]]:
    for key, value in tags.items():
        values = value if isinstance(value, list) else [value]
        if key.startswith("----:"):
            texts = [bytes(one).decode("utf-8", "replace") for one in values]
            yield plain(key.rpartition(":")[2]), texts
        elif key in ("trkn", "disk"):
            yield _BY_ATOM[key], ["/".join(str(n) for n in pair if n) for pair in values]
        elif key in _BY_ATOM:
            yield _BY_ATOM[key], [str(int(v) if isinstance(v, bool) else v) for v in values]


def add_words(tags: Any, words: Words) -> None:
    """Set these texts, over those of the same name; what the kind of tag cannot hold is left."""
    from mutagen import id3, mp4

    kinds: tuple[Any, ...] = (id3.ID3Tags, mp4.MP4Tags)
    there = words_of(tags)
    for name, texts in words.items():
        if there.get(name) == texts:
            continue
        if isinstance(tags, kinds[0]):
            _add_id3(tags, name, texts)
        elif isinstance(tags, kinds[1]):
            _add_mp4(tags, name, texts)
        elif all(" " <= letter <= "}" and letter != "=" for letter in name):
            tags[name] = texts


def _add_id3(tags: Any, name: str, texts: list[str]) -> None:
    from mutagen import id3

    frames: Any = id3
    kind = _NAMES.get(name, ("", ""))[0]
    if name == "comment":
        for frame in tags.getall("COMM"):
            if not frame.desc:
                tags.delall(frame.HashKey)
        tags.add(frames.COMM(encoding=3, lang="XXX", desc="", text=texts))
    elif name == "lyrics":
        tags.setall("USLT", [frames.USLT(encoding=3, lang="XXX", desc="", text="\n".join(texts))])
    elif kind:
        tags.setall(kind, [getattr(frames, kind)(encoding=3, text=texts)])
    else:
        tags.add(frames.TXXX(encoding=3, desc=name, text=texts))


def _add_mp4(tags: Any, name: str, texts: list[str]) -> None:
    atom = _NAMES.get(name, ("", ""))[1]
    if atom in ("trkn", "disk"):
        number, _, total = texts[0].partition("/")
        if number.isdigit():
            tags[atom] = [(int(number), int(total) if total.isdigit() else 0)]
    elif atom == "tmpo":
        if texts[0].split(".")[0].isdigit():
            tags[atom] = [int(texts[0].split(".")[0])]
    elif atom == "cpil":
        tags[atom] = texts[0] not in ("", "0")
    elif atom:
        tags[atom] = texts
    else:
        tags[_FREEFORM + name] = [text.encode() for text in texts]
