"""Tags: text, pictures, chapters and gains that go with sound; the only home of mutagen.

Metadata: what travels with a take, gathered and put into a master. finish: what was measured of
a master, written into it.
"""

from __future__ import annotations

from asmrmaster.audio.tags.finishing import finish
from asmrmaster.audio.tags.metadata import Metadata

__all__ = ["Metadata", "finish"]
