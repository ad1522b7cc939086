"""What a person adds to a measurement: declarations, and having listened to the review points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asmrmaster.audio.source import Source
from asmrmaster.declarations.content import (
    Content,
    claims_of,
    content_path,
    load_content,
    measure_content,
    undeclared,
)
from asmrmaster.dsp.novelty import review_moments
from asmrmaster.meters.base import Measurement
from asmrmaster.report.facts import Declared, ReviewPoint

REVIEW_POINTS = 10
"""The newest moments a person is asked to listen to; profiles ask for the first five or for all."""


@dataclass(frozen=True)
class DeclaredMeasurement:
    """A measurement with what was declared, and what there is to listen to."""

    measured: Measurement
    declared: Declared | None
    review: tuple[ReviewPoint, ...]


def declare(
    measured: Measurement, source: Source, content: Path | None = None, reviewed_by: str = ""
) -> DeclaredMeasurement:
    """``measured`` with every declared quantity in its values.

    content: a declarations file; without one, ``NAME.content.toml`` beside the sound is used where
    it exists. reviewed_by: who listened to all review points; recorded, never inferred. Raises
    PresetError or InputError where a declaration is wrong or does not fit the file.
    """
    review = review_points(measured)
    beside = content_path(source.path)
    path = content or (beside if beside.is_file() else None)
    declared, found = None, undeclared()
    if path is not None:
        given = load_content(path)
        times_s = [(point.start_s + point.end_s) / 2 for point in review]
        found = measure_content(given, path.parent, source.audio.duration_s, times_s)
        declared = as_declared(given, given.review.by if given.review else "")
    values = dict(found.values)
    if reviewed_by:
        values["review_points_confirmed"] = len(review)
        declared = (declared or Declared()).model_copy(update={"reviewed_by": reviewed_by})
    confirmed = values["review_points_confirmed"]
    if confirmed is not None and confirmed >= len(review):
        values["review_points_confirmed"] = REVIEW_POINTS  # all there are count as all asked for
    return DeclaredMeasurement(Measurement.merge([measured, Measurement(values)]), declared, review)


def as_declared(content: Content, reviewed_by: str) -> Declared:
    """What a report says of declarations, and of who listened."""
    return Declared(
        title=content.title or "",
        tags=content.tags,
        forewarning=content.forewarning,
        reviewed_by=reviewed_by,
        declared_by=content.declared_by or "",
        declared_as=content.declared_as or "",
        declared_on=content.declared_on or "",
        claims=tuple(claim.text for claim in claims_of(content)),
    )


def review_points(measured: Measurement) -> tuple[ReviewPoint, ...]:
    """The newest moments of what was measured, for a person to hear."""
    level, band = measured.curves.get("level_novelty"), measured.curves.get("band_novelty")
    if level is None or band is None:
        return ()
    return tuple(
        ReviewPoint(
            start_s=round(moment.start_s, 2),
            end_s=round(moment.end_s, 2),
            level_novelty_lu=round(moment.level_novelty_lu, 2),
            band_novelty_lu=round(moment.band_novelty_lu, 2),
        )
        for moment in review_moments(level.values, band.values, REVIEW_POINTS)
    )
