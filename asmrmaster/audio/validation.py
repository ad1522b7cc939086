"""What must hold before sound comes in or goes out, and plain words where the system refuses."""

from __future__ import annotations

import errno
import math
from pathlib import Path

import numpy as np

from asmrmaster.audio.source import Source
from asmrmaster.errors import InputError, OutputError
from asmrmaster.streams.audio import Block

RATES_HZ = (8_000, 192_000)
"""Sampling rates read, lowest and highest."""

CHANNEL_COUNTS = (1, 2, 3, 4, 5, 6, 8)
"""Those whose loudness is defined (BS.1770-5 Annexes 1 and 3); 7.1 is the widest layout."""

LOUDEST_DBFS = 80
LOUDEST = 10.0 ** (LOUDEST_DBFS / 20)
"""A sample beyond this is damage, and not a sound. Float samples may exceed full scale, which
programs that keep headroom there use, but by tens of dB at most."""

_NO_SPACE = ("there is no space left on the disk", "Free some space or choose another folder")
_FORBIDDEN = ("writing here is not permitted", "Choose a folder you may write to")
_GONE = ("the folder does not exist", "Make the folder first, or choose another one")
_REFUSALS = {
    errno.ENOSPC: _NO_SPACE,
    getattr(errno, "EDQUOT", errno.ENOSPC): _NO_SPACE,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: _FORBIDDEN,
    errno.ENOENT: _GONE,
    errno.ENOTDIR: _GONE,
    errno.EFBIG: (
        "the disk does not take a file this large",
        "Write FLAC, which is smaller, or choose a disk without that limit",
    ),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter name"),
}


def unwritable(error: OSError, path: Path) -> OutputError:
    """The system's refusal to write ``path``, with what to do about it."""
    message, hint = _REFUSALS.get(
        error.errno or 0, (f"it cannot be written ({error.strerror or error})", "")
    )
    return OutputError(message, subject=path, hint=hint)


def unreadable(error: OSError, path: Path) -> InputError:
    """The system's refusal to read ``path``, with what to do about it."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return InputError("there is no such file", subject=path, hint="Check the name")
    if isinstance(error, PermissionError):
        return InputError(
            "reading it is not permitted", subject=path, hint="Change the permissions of the file"
        )
    return InputError(
        f"it cannot be read ({error.strerror or error})",
        subject=path,
        hint="Check the disk or the connection, and copy the file again",
    )


def readable(path: str | Path) -> Path:
    """``path``, if it is a file with something in it that may be read; else InputError."""
    file = Path(path)
    try:
        if file.is_dir():
            raise InputError("this is a folder", subject=file, hint="Name a sound file in it")
        if file.exists() and not file.is_file():
            raise InputError(
                "this is not a regular file", subject=file, hint="Save the sound to disk first"
            )
        with file.open("rb") as stream:
            empty = not stream.read(1)
    except OSError as error:
        raise unreadable(error, file) from None
    if empty:
        raise InputError("the file is empty (0 bytes)", subject=file, hint="Export it again")
    return file


def admitted(source: Source) -> Source:
    """``source``, if its sound has a length, rate and layout this project works on."""
    audio = source.audio
    if audio.channels < 1:
        raise InputError("it has no channels", subject=source.path, hint="Export it again")
    if audio.channels not in CHANNEL_COUNTS:
        raise InputError(
            f"{audio.channels} channels; 1 to 6, or 8, can be handled",
            subject=source.path,
            hint="Mix it down to stereo, or to one file per layout, and try again",
        )
    low, high = RATES_HZ
    if not low <= audio.rate <= high:
        raise InputError(
            f"a sampling rate of {audio.rate} Hz; {low} to {high} Hz can be handled",
            subject=source.path,
            hint="Convert it to 48000 Hz",
        )
    if audio.frames < 1:
        raise InputError("it holds no sound (0 frames)", subject=source.path, hint="Record again")
    return source


def finite(block: Block) -> Block:
    """The block itself. Raises ValueError where a sample is infinite or not a number."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(block.sum())  # a single one spoils the sum, which is quick to take
    if not math.isfinite(total) and not np.isfinite(block).all():
        raise ValueError("samples must be finite")
    return block


def check_floats(block: Block, start: int, rate: int, path: Path) -> None:
    """InputError naming the time of the first sample that no sound can have.

    start: frame of the block's first sample in the file.
    """
    flat = block.reshape(-1, order="A")
    with np.errstate(over="ignore", invalid="ignore"):
        if float(flat @ flat) < LOUDEST**2:  # then each is; NaN fails the comparison
            return
        sound = (np.abs(block) <= LOUDEST).all(axis=1)
    if sound.all():
        return
    at = int(np.argmin(sound))
    finite = np.isfinite(block[at]).all()
    raise InputError(
        f"a sample at {(start + at) / rate:.3f} s is "
        + (f"more than {LOUDEST_DBFS} dB above full scale" if finite
           else "infinite or not a number"),
        subject=path,
        hint="A plug-in wrote it, or integers were stored as floats: export again as 24-bit"
        " integers",
    )  # fmt: skip


def cut_off(path: Path, frames: int, promised: int, rate: int) -> InputError:
    """The error for a file that ends early: ``frames`` of the ``promised`` ones are there."""
    missing = promised - frames
    if missing < rate / 100:  # seconds with two decimals would be alike
        lacking = f"its last {missing} frame{'s' * (missing > 1)} of {promised} cannot be read"
    else:
        lacking = (
            f"only {frames / rate:.2f} s of {promised / rate:.2f} s can be read"
            f" ({frames} of {promised} frames)"
        )
    return InputError(
        f"cut off or damaged: {lacking}",
        subject=path,
        hint="Copy or export it again; to keep what is there, convert it with another program"
        " (ffmpeg -i OLD NEW.wav)",
    )


def goes_on(path: Path) -> InputError:
    """The error for a file that has more sound than its header says, which some players play."""
    return InputError(
        "sound goes on after its stated end: some players stop there, others play on",
        subject=path,
        hint="Export it again; to keep all of it, convert it with another program"
        " (ffmpeg -i OLD NEW.wav)",
    )
