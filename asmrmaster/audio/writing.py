"""Writing a master: what is stored is decided here, how it is stored by ``wav`` and ``pcm``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from numpy.typing import NDArray

from asmrmaster.audio import pcm, riff_metadata, wav
from asmrmaster.audio.chunks import scan
from asmrmaster.audio.formats import BITS, check_writable, stored_rate_hz
from asmrmaster.audio.keeping import Keeping
from asmrmaster.audio.quantize import Quantizer
from asmrmaster.audio.source import Format, Source
from asmrmaster.audio.tags import Metadata
from asmrmaster.audio.tags.chapters import cue_chunks
from asmrmaster.audio.validation import finite, unreadable, unwritable
from asmrmaster.errors import InputError, OutputError
from asmrmaster.streams.audio import Audio

_NO_TAGS: Mapping[str, str] = MappingProxyType({})


class _Sink(Protocol):
    def write(self, samples: NDArray[Any]) -> None: ...

    def close(self) -> None: ...


def write(
    audio: Audio,
    path: Path,
    format: Format,
    *,
    tags: Mapping[str, str] = _NO_TAGS,
    like: Source | None = None,
    moments: bool = True,
    keeping: Keeping = "all",
) -> tuple[str, ...]:
    """Write the sound to exactly ``path``, over what is there, and read its header back.

    tags: text to store; overrides that of ``like``. like: the take, whose chunks, tags, pictures
    and chapters the file takes over where it can; the name of the program that made the take only
    goes with its chunks. moments: whether chapters and marks of the take are true of this sound.
    keeping: which of all this the file takes over.
    Returns plain sentences on what could not be kept. Raises OutputError and leaves behind what
    was written up to then.
    """
    try:
        take = scan(like.path) if like else None
    except OSError as error:
        assert like is not None
        raise unreadable(error, like.path) from None
    own = Metadata.of(like, tags, moments=moments, keeping=keeping)
    texts = own.texts
    notes: list[str] = []
    left = riff_metadata.left_behind(take, wav=is_wav(format), moments=moments, keeping=keeping)
    if keeping == "public" and is_wav(format) and (told := riff_metadata.personal(take)):
        notes.append(f"Left out, because they tell of a person or device: {', '.join(told)}.")
    if left:
        notes.append(f"These parts of the take were not carried over: {', '.join(left)}.")
    if not pcm.knows(format):
        from asmrmaster.audio.container import encode  # only here: it loads FFmpeg

        return (*notes, *encode(audio, path, format, own))

    if (rate := stored_rate_hz(format.codec, audio.rate)) != audio.rate:
        from asmrmaster.audio.container.resample import resampled  # only here: it loads FFmpeg

        notes.append(f"This codec does not know {audio.rate} Hz: stored at {rate} Hz.")
        audio = resampled(audio, rate)
    check_writable(audio, format, path)
    keep_info = not tags and riff_metadata.has_info(take)
    extra = riff_metadata.carried(take, keep_info=keep_info, moments=moments, keeping=keeping)
    with _refusals(path):
        sink: _Sink
        if is_wav(format):
            sink = wav.Writer(
                path,
                audio,
                format.codec,
                rf64=format.container == "RF64",
                mask=wav.speakers(take),
                extra=extra
                + (b"" if keep_info else riff_metadata.info_list(texts))
                + cue_chunks(own.cues, audio.rate),
            )
        else:
            sink = pcm.Encoder(path, audio, format, texts)
    over = _pour(audio, sink, format, path)
    if over:
        notes.append(f"{over} samples lay beyond full scale and were held at it.")
    own.put_into(path)
    header = _read_back(audio, path).tags
    return (*notes, *own.notes(path, format.container, header))


def is_wav(format: Format) -> bool:
    """Whether it is written by ``wav``."""
    return format.container in ("WAV", "RF64") and format.codec in wav.CODECS


def _pour(audio: Audio, sink: _Sink, format: Format, path: Path) -> int:
    """Write all blocks; returns how many samples lay beyond full scale."""
    bits = BITS.get(format.codec)
    quantize = Quantizer(bits, audio.rate, audio.channels) if bits else None
    numbers = quantize or finite
    done = 0
    try:
        for block in audio.open():
            try:
                samples = numbers(block)
            except ValueError:
                raise OutputError(
                    f"a sample near {done / audio.rate:.0f} s became infinite or not a number",
                    subject=path,
                    hint="A stage is at fault: leave out one after the other, and report it",
                ) from None
            with _refusals(path):
                sink.write(samples)
            done += len(block)
    finally:
        with _refusals(path):
            sink.close()
    if done != audio.frames:
        raise OutputError(
            f"the sound ended after {done} frames, and {audio.frames} were promised",
            subject=path,
            hint="A stage is at fault: leave out one after the other, and report it",
        )
    return quantize.over if quantize else 0


def _read_back(audio: Audio, path: Path) -> Source:
    """What the header of the written file says, if it is what was to be written."""
    try:
        written = pcm.open_source(path)
    except InputError as error:
        raise OutputError(
            f"the written file is damaged ({error.message})",
            subject=path,
            hint="Check the disk and its free space",
        ) from None
    want = (audio.rate, audio.channels, audio.frames)
    got = written and (written.audio.rate, written.audio.channels, written.audio.frames)
    if written is None or got != want:
        raise OutputError(
            f"the written file reads as {got} instead of {want} (Hz, channels, frames)",
            subject=path,
            hint="Choose another format, such as WAV",
        )
    return written


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritable(error, path) from None
