"""Which file names are those of sound or video: one list, for batch, page and completion."""

from __future__ import annotations

from pathlib import PurePosixPath

_SOUND = (
    *(".wav", ".wave", ".bwf", ".rf64", ".w64", ".aif", ".aiff", ".aifc", ".caf", ".au", ".snd"),
    *(".flac", ".alac", ".ape", ".tta", ".wv", ".ogg", ".oga", ".opus", ".mp3", ".mp2", ".mka"),
    *(".m4a", ".m4b", ".aac", ".ac3", ".eac3", ".amr", ".dsf", ".voc", ".wma"),
)
_VIDEO = (
    *(".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts"),
    *(".m2ts", ".3gp", ".wmv", ".flv"),
)
EXTENSIONS = frozenset((*_SOUND, *_VIDEO))
"""Extensions of sound and video, lower-case. A file named outright may have any other."""


def is_sound(name: str) -> bool:
    """Whether a file of this name is taken for sound or video, where a folder is looked through.

    >>> is_sound("rain/Take 1.WAV"), is_sound("rain/notes.txt")
    (True, False)
    """
    return PurePosixPath(name.replace("\\", "/")).suffix.lower() in EXTENSIONS
