"""A file's tags, as mutagen reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any


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
