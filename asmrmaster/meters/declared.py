"""Quantities that no pass over a file can give: they come from what is declared beside it.

Their values are worked out in ``asmrmaster.declarations.content``; without a declaration they
are None.
"""

from __future__ import annotations

from asmrmaster.meters.base import Quantity
from asmrmaster.meters.pace import WORDS_PER_MINUTE
from asmrmaster.meters.voice import VOICE_OVER_BED

_SOURCE = "declared by hand"

DECLARED: tuple[Quantity, ...] = (
    Quantity(
        "content_tags_declared", "", "content declared",
        "1 where the declarations hold a list of content tags, even an empty one, else 0.",
        _SOURCE,
        0, flag=True,
    ),
    Quantity(
        "misophonia_core_tags", "", "common misophonia triggers",
        "Declared tags among mouth, eating, breathing, throat and tapping or clicking.",
        "declared by hand; classes after Swedo et al. 2022",
        0,
    ),
    Quantity(
        "forewarning_given", "", "forewarning",
        "1 where what is to come is told beforehand, spoken or written, else 0.",
        _SOURCE,
        0, flag=True,
    ),
    Quantity(
        "volume_passage_given", "", "passage to set the volume by",
        "1 where the declarations name a passage for setting the volume, else 0.",
        _SOURCE,
        0, flag=True,
    ),
    Quantity(
        "chapter_marks", "", "chapter marks",
        "How many chapters the declarations name.",
        _SOURCE,
        0,
    ),
    Quantity(
        "health_claims", "", "health claims",
        "How many claims of healing, treating or proof the declared title and description make, by "
        "a short list of English phrases; what the list does not know it does not find.",
        "asmrmaster",
        0,
    ),
    Quantity(
        "review_points_confirmed", "", "moments listened to",
        "How many of the most novel moments a person declares to have listened to.",
        _SOURCE,
        0,
    ),
    Quantity(
        "moments_unwelcome", "", "moments judged unwelcome",
        "How many moments at least one person who listened judged unwelcome.",
        _SOURCE,
        0,
    ),
    WORDS_PER_MINUTE,
    VOICE_OVER_BED,
)  # fmt: skip
"""All of them."""
