"""Containers and codecs beyond libsndfile, through FFmpeg; the only home of PyAV.

Importing this package loads FFmpeg (50 ms): import it where it is needed.
"""

from asmrmaster.audio.container.codecs import container_format
from asmrmaster.audio.container.decode import open_source
from asmrmaster.audio.container.encode import encode

__all__ = ["container_format", "encode", "open_source"]
