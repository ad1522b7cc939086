"""Where sound begins behind ID3v2 tags.

Source: ID3v2.4.0 structure, sections 3.1 (header) and 3.4 (footer).
"""

from __future__ import annotations

import mmap


def after_id3(data: mmap.mmap, position: int = 0) -> int:
    """The byte after the ID3v2 tags that start at ``position``, if any do."""
    while data[position : position + 3] == b"ID3" and len(data) >= position + 10:
        size = 0
        for octet in data[position + 6 : position + 10]:
            size = size << 7 | octet & 0x7F
        position += 10 + size + (10 if data[position + 5] & 0x10 else 0)
    return position
