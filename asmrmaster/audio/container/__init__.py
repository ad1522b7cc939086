"""Containers and codecs beyond libsndfile, through FFmpeg; the only home of PyAV.

Importing this package loads FFmpeg (50 ms): import it where it is needed.
"""

from asmrmaster.audio.container.codecs import container_format
from asmrmaster.audio.container.decode import open_source
from asmrmaster.audio.container.encode import encode
from asmrmaster.audio.container.remux import remux
from asmrmaster.audio.container.sync import Proof, SyncPoint, SyncResult, prove_sync

__all__ = [
    "Proof",
    "SyncPoint",
    "SyncResult",
    "container_format",
    "encode",
    "open_source",
    "prove_sync",
    "remux",
]
