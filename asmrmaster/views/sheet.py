"""The delivery sheet: one printable A4 page that goes with the track and can be filed.

What the track is, what was declared of it, what was checked and what that does not mean, and room
for the clinician's own words. It holds nothing about any client.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from asmrmaster.report import Report
from asmrmaster.views import wording
from asmrmaster.views.page import render as render_page

CONTENTS = (
    "whispering",
    "soft speech",
    "mouth sounds",
    "eating or drinking",
    "breathing",
    "throat sounds",
    "tapping or clicking",
    "typing",
    "scratching",
    "crinkling",
    "brushing",
    "water",
    "fire",
    "thunder or wind",
    "footsteps or doors",
    "medical role-play",
    "personal attention",
    "crying",
    "alarms or bells",
)
"""What a creator can tick by hand; no meter hears what a sound means to someone."""

MOST_DECLARED = 12
MANY = 28
"""With more criteria than this they stand in three columns."""


def render(
    report: Report,
    *,
    title: str = "",
    creator: str = "",
    declared: Sequence[str] | None = None,
) -> str:
    """The page. title: of the track, by default the file's name. declared: what the creator says
    the track contains; None leaves boxes to tick by hand."""
    file = wording.subject(report)
    name = wording.name(file)
    listed = sorted(report.findings, key=lambda f: (not f.applies, wording.ORDER.index(f.state)))
    said = list(declared or ())
    return render_page(
        "sheet.html.j2",
        styles=("page.css", "sheet.css"),
        report=report,
        file=file,
        name=name,
        title=title or PurePath(name).stem or name,
        creator=creator,
        boxes=CONTENTS if declared is None else (),
        declared=said[:MOST_DECLARED],
        more=max(0, len(said) - MOST_DECLARED),
        listed=listed,
        many=len(listed) > MANY,
    )
