"""Containers and codecs beyond libsndfile, through FFmpeg; the only home of PyAV.

Importing this package loads FFmpeg (50 ms): import it where it is needed.
"""

from asmrmaster.audio.container.decode import open_source

__all__ = ["open_source"]
