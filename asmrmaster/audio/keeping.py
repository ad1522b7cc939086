"""Which tags of a take travel to its master."""

from __future__ import annotations

from typing import Literal, get_args

Keeping = Literal["all", "public", "none"]
"""All; those that tell nothing of a person, place or device; or none."""
KEEPING: tuple[Keeping, ...] = get_args(Keeping)
