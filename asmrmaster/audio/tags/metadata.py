"""What travels with a take besides its sound, gathered once and put into a master of any kind."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asmrmaster.audio.chunks import scan
from asmrmaster.audio.keeping import Keeping
from asmrmaster.audio.source import Source
from asmrmaster.audio.tags.chapters import Chapter, add_chapters, chapters_of, is_chapter
from asmrmaster.audio.tags.cover_art import Picture, add_pictures, pictures_of
from asmrmaster.audio.tags.native import copy_native, left_over
from asmrmaster.audio.tags.personal import (
    is_personal,
    looks_like_a_clients,
    scrub,
    told,
    without_exif,
)
from asmrmaster.audio.tags.text import GAINS, MAKERS, Words, add_words, plain, words_of
from asmrmaster.audio.validation import unwritable

_RIFF = (".wav", ".bwf")
TAGGED = (
    *(".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".m4b", ".mp4", ".m4v", ".aif", ".aiff"),
    *_RIFF,
)
"""Ends of names whose tags are written here; a WAV's only where its INFO does not suffice."""

_INFO = frozenset({"title", "artist", "album", "comment", "date", "genre", "copyright",
                   "tracknumber"})  # fmt: skip


@dataclass(frozen=True)
class Metadata:
    """words: texts. pictures, chapters: those of the take. file: the take as mutagen opened it.

    chunked: whether the take is a WAV, whose chunks a WAV takes over as they are.
    moments: whether what names moments of the take is true of the master. keeping: which of it
    travels; withheld: names of what does not.
    """

    words: Words = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    file: Any = None
    chunked: bool = False
    moments: bool = True
    keeping: Keeping = "all"
    withheld: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        like: Source | None,
        tags: Mapping[str, str],
        *,
        moments: bool = True,
        keeping: Keeping = "all",
    ) -> Metadata:
        """Those of the take, with ``tags`` over its texts."""
        over = {plain(name): [text] for name, text in tags.items() if text}
        if like is None or keeping == "none":
            return cls(over, keeping=keeping)
        file = opened(like.path)
        header = {plain(n): [t] for n, t in like.tags.items() if t and plain(n) not in MAKERS}
        own = words_of(getattr(file, "tags", None))
        chunked = scan(like.path) is not None
        words = (header | own if chunked else own or header) | over
        words = {name: texts for name, texts in words.items() if not is_chapter(name)}
        named = [*header.items(), *words.items()] if keeping == "public" else []
        withheld = [n for n, t in named if is_personal(n, t)]
        words = {name: texts for name, texts in words.items() if name not in withheld}
        pictures = pictures_of(file) if file is not None else []
        if keeping == "public":
            pictures = [one._replace(data=without_exif(one.data)) for one in pictures]
            withheld += scrub(file) if file is not None else []  # it is never saved
        audio = like.audio
        chapters = chapters_of(like.path, file, audio.duration_s, audio.rate) if moments else []
        names = tuple(sorted({told(name) for name in withheld}))
        return cls(words, tuple(pictures), tuple(chapters), file, chunked, moments, keeping, names)

    @property
    def texts(self) -> dict[str, str]:
        """One text for each name, for libraries that hold no more; without gains for players."""
        plain_words = {n: t for n, t in self.words.items() if not n.startswith(GAINS)}
        return {name: "; ".join(texts) for name, texts in plain_words.items()}

    def put_into(self, path: Path) -> None:
        """Write into a finished file what it does not have yet; OutputError where it refuses.

        Tags that cannot be stored are left out: ``notes`` names them.
        """
        suffix = path.suffix.lower()
        as_it_was = self.chunked and self.keeping == "all"
        if suffix in _RIFF and (as_it_was or not self._beyond_info()):
            return
        if suffix not in TAGGED:
            return
        import mutagen

        new = opened(path)
        if new is None:
            return
        before = _state(new)
        try:
            if new.tags is None:
                new.add_tags()
            if self.file is not None:
                copy_native(self.file, new, moments=self.moments)
            add_words(new.tags, self.words)
            if self.pictures and not pictures_of(new):
                add_pictures(new, list(self.pictures))
            if self.chapters and suffix not in _RIFF and not _has_chapters(new.tags):
                add_chapters(new.tags, self.chapters)
            if _state(new) != before:
                new.save()
        except OSError as error:
            raise unwritable(error, path) from None
        except (mutagen.MutagenError, ValueError, TypeError, struct.error):
            return  # tags of the take are damaged: what is missing is named afterwards

    @property
    def cues(self) -> tuple[Chapter, ...]:
        """Chapters that a WAV has to be given: not those it takes over as chunks."""
        return () if self.chunked else self.chapters

    def notes(
        self, path: Path, container: str, header: Mapping[str, str], *, attached: bool = False
    ) -> tuple[str, ...]:
        """Plain sentences on what a finished file does not hold.

        header: the texts read back. attached: whether the pictures were attached to it.
        """
        new = opened(path)
        there = {plain(name): [text] for name, text in header.items()}
        there |= words_of(getattr(new, "tags", None))
        kept = {_even(name): "; ".join(texts) for name, texts in there.items()}
        lost = [
            name for name, texts in self.words.items()
            if kept.get(_even(name)) not in ("; ".join(texts), ";".join(texts))
        ]  # fmt: skip
        if self.pictures and not attached and not (new is not None and pictures_of(new)):
            lost.append("cover")
        if self.chapters and not self._chapters_kept(path, new):
            lost.append("chapters")
        lost += left_over(self.file, new, moments=self.moments)
        lines = [*self._given_away(), *(f"The {name} looks like a client's data: read it before "
                 "this is handed on." for name in looks_like_a_clients(self.words))]  # fmt: skip
        if lost:
            lines.append(f"{container} does not keep these tags: {', '.join(sorted(lost))}.")
        return tuple(lines)

    def _given_away(self) -> Iterator[str]:
        """What was left out so that nothing is given away."""
        if self.keeping == "none":
            yield "Tags, pictures and chapters of the take were left out, as was asked."
        elif self.withheld:
            yield (
                "Left out, because they tell where, with what or by whom it was recorded: "
                f"{', '.join(self.withheld)}. --tags all keeps them."
            )

    def _chapters_kept(self, path: Path, new: Any) -> bool:
        if self.chunked and path.suffix.lower() in (*_RIFF, ".rf64"):
            return True
        return len(chapters_of(path, new, 1e9, 1)) == len(self.chapters)

    def _beyond_info(self) -> bool:
        """Whether there is more than the LIST/INFO of a WAV holds."""
        return bool(set(self.words) - _INFO or self.pictures)


def _even(name: str) -> str:
    """Matroska has no spaces in names."""
    return name.replace(" ", "_")


def opened(path: Path) -> Any:
    """The file as mutagen opens it; None where it does not know the kind, or it is damaged."""
    import mutagen

    file: Any
    try:
        with path.open("rb") as start:
            magic = start.read(12)
        if magic[:4] == b"RIFF" and magic[8:] == b"WAVE":  # to ask all kinds loads them all
            from mutagen.wave import WAVE

            kind: Any = WAVE
            return kind(path)
        file = mutagen.File(path)
    except Exception:  # damaged tags let mutagen stumble in any way, and sound is what matters
        return None
    return file


def _has_chapters(tags: Any) -> bool:
    if hasattr(tags, "getall"):
        return bool(tags.getall("CHAP"))
    return hasattr(tags, "vendor") and any(is_chapter(key.lower()) for key, _ in tags)


def _state(file: Any) -> tuple[object, ...]:
    """What a change of tags changes."""
    tags = file.tags
    pairs = [] if tags is None else [(str(key), repr(tags[key])) for key in list(tags.keys())]
    return (sorted(pairs), len(getattr(file, "metadata_blocks", ())))
