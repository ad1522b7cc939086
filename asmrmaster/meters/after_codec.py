"""Quantities that need a codec: what becomes of a file after it was encoded and decoded again.

Their values are worked out in ``asmrmaster.delivery.codec_check``, where asked for.
"""

from __future__ import annotations

from asmrmaster.meters.base import Quantity

AFTER_CODEC: tuple[Quantity, ...] = (
    Quantity(
        "codec_true_peak_dbtp", "dBTP", "true peak after the codec",
        "True peak of the sound after it was encoded as asked and decoded again.",
        "ITU-R BS.1770-5 Annex 2; EBU Tech 3344",
        2,
    ),
    Quantity(
        "codec_momentary_change_lu", "LU", "change of the loudest moment by the codec",
        "Maximum momentary loudness after encoding and decoding, minus that before.",
        "ITU-R BS.1770-5; EBU Tech 3341 (2023)",
        2,
    ),
    Quantity(
        "codec_novelty_change_lu", "LU", "change of the newest moment by the codec",
        "Highest level novelty after encoding and decoding, minus that before.",
        "asmrmaster",
        2,
    ),
)  # fmt: skip
"""All of them; the codec asked for stands in the notes of the file."""
