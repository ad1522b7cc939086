"""What travels with a take besides its sound, gathered once and put into a master of any kind."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asmrmaster.audio.chunks import scan
from asmrmaster.audio.keeping import Keeping
from asmrmaster.audio.source import Source
from asmrmaster.audio.tags.chapters import (
    Chapter,
    add_chapters,
    chapters_of,
    is_chapter,
    within,
    without_chapters,
)
from asmrmaster.audio.tags.cover_art import Picture, add_pictures, pictures_of
from asmrmaster.audio.tags.gains import GAINS, stated_gains, without_gains
from asmrmaster.audio.tags.native import copy_native, left_over
from asmrmaster.audio.tags.personal import (
    is_personal,
    looks_like_a_clients,
    scrub,
    told,
    without_exif,
)
from asmrmaster.audio.tags.reading import opened
from asmrmaster.audio.tags.text import MAKERS, Words, add_words, plain, words_of, words_of_id3v1
from asmrmaster.audio.validation import unwritable

_RIFF = (".wav", ".bwf")
TAGGED = (
    *(".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".m4b", ".mp4", ".m4v", ".aif", ".aiff"),
    *_RIFF,
)
"""Ends of names whose tags are written here; a WAV's only where its INFO does not suffice."""

_INFO = frozenset({"title", "artist", "album", "comment", "date", "genre", "copyright",
                   "tracknumber"})  # fmt: skip


_CLIPPED_S = 1.0
"""A last chapter may end so far behind the sound, by rounding and padding, without a word."""


@dataclass(frozen=True)
class Metadata:
    """words: texts. pictures, chapters: those of the take. file: the take as mutagen opened it.

    chunked: whether the take is a WAV, whose chunks a WAV takes over as they are.
    moments: whether what names moments of the take is true of the master. keeping: which of it
    travels; withheld: names of what does not. clipped: whether chapters lay behind the end of its
    sound.
    """

    words: Words = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    file: Any = None
    chunked: bool = False
    moments: bool = True
    keeping: Keeping = "all"
    withheld: tuple[str, ...] = ()
    clipped: bool = False

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
        header = _words_behind(like.path) | header
        own = words_of(getattr(file, "tags", None))
        chunked = scan(like.path) is not None
        words = (header | own if chunked else own or header) | over
        words = {
            name: texts
            for name, texts in words.items()
            if not is_chapter(name) and not name.startswith(GAINS)
        }
        named = [*header.items(), *words.items()] if keeping == "public" else []
        withheld = [n for n, t in named if is_personal(n, t)]
        words = {name: texts for name, texts in words.items() if name not in withheld}
        pictures = pictures_of(file) if file is not None else []
        if keeping == "public":
            pictures = [one._replace(data=without_exif(one.data)) for one in pictures]
            withheld += scrub(file) if file is not None else []  # it is never saved
        audio = like.audio
        stated = chapters_of(like.path, file, audio.duration_s, audio.rate) if moments else []
        names = tuple(sorted({told(name) for name in withheld}))
        return cls(
            words,
            tuple(pictures),
            tuple(within(stated, audio.duration_s)),
            file,
            chunked,
            moments,
            keeping,
            names,
            max((one.end_s for one in stated), default=0.0) > audio.duration_s + _CLIPPED_S,
        )

    @property
    def texts(self) -> dict[str, str]:
        """One text for each name, for libraries that hold no more."""
        return {name: "; ".join(texts) for name, texts in self.words.items()}

    def put_into(self, path: Path) -> None:
        """Write into a finished file what it does not have yet; OutputError where it refuses.

        Tags that cannot be stored are left out: ``notes`` names them.
        """
        suffix = path.suffix.lower()
        as_it_was = self.chunked and self.keeping == "all"
        plain_wav = suffix in _RIFF and (as_it_was or not self._beyond_info())
        if suffix not in TAGGED or (plain_wav and not stated_gains(path, {})):
            return
        import mutagen

        new = opened(path)
        if new is None:
            return
        before = _state(new)
        try:
            if plain_wav:  # its tags came along with the chunks
                without_gains(new.tags)
                new.save()
                return
            if new.tags is None:
                new.add_tags()
            if self.file is not None:
                copy_native(self.file, new, moments=self.moments)
                without_gains(new.tags)
                if self.clipped:
                    without_chapters(new.tags)
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
        if self.clipped:
            lines.append("Chapters behind the end of the sound were cut off there.")
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


def _words_behind(path: Path) -> Words:
    """The texts of an ID3v1 tag behind everything else, which no chunk holds."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 128))
        return words_of_id3v1(file.read())


def _even(name: str) -> str:
    """Matroska has no spaces in names."""
    return name.replace(" ", "_")


def _has_chapters(tags: Any) -> bool:
    if hasattr(tags, "getall"):
        return bool(tags.getall("CHAP"))
    return hasattr(tags, "vendor") and any(is_chapter(key.lower()) for key, _ in tags)


def _state(file: Any) -> tuple[object, ...]:
    """What a change of tags changes."""
    tags = file.tags
    pairs = [] if tags is None else [(str(key), repr(tags[key])) for key in list(tags.keys())]
    return (sorted(pairs), len(getattr(file, "metadata_blocks", ())))
