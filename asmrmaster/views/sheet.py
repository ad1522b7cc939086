"""The delivery sheet: one printable A4 page that goes with the track and can be filed.

What the track is, what was declared of it, what was checked and what that does not mean, and room
for the clinician's own words. It holds nothing about any client.
"""

from __future__ import annotations

import json
from pathlib import PurePath

from asmrmaster.declarations.content import TAGS
from asmrmaster.report import Declared, Report, limits_in_words, name_of
from asmrmaster.report.saved_page import REPORT_ID
from asmrmaster.report.sentences import title as plain_title
from asmrmaster.views import phrases
from asmrmaster.views.page import render as render_page
from asmrmaster.views.signed import signed
from asmrmaster.views.text import shipped_sentence

MOST_DECLARED = 12
MANY = 24
"""With more criteria than this they stand in three columns."""


MOST_NOTES = 4
"""Notes there is room for, those on the take first."""

MOST_LISTED = 36
"""Criteria there is room for, those that matter first; the page says how many are left out."""


def render(report: Report, *, title: str = "", creator: str = "") -> str:
    """The page. title: of the track, by default as declared, or the file's name.

    Content that was not declared is left to be ticked by hand.
    """
    file = phrases.subject(report)
    name = phrases.name(file)
    given = report.declared or Declared()
    judged = [f for f in report.findings if f.applies and f.requirement != "report"]
    listed = sorted(judged, key=lambda f: phrases.ORDER.index(f.state))
    notes = phrases.notes(report)
    said = [_own(tag) for tag in given.tags or ()]
    head, changed = limits_in_words(report.profile)
    return render_page(
        "sheet.html.j2",
        styles=("page.css", "sheet.css"),
        data=[(REPORT_ID, json.dumps(report.without_places().to_dict(), separators=(",", ":")))],
        day=phrases.day,
        report=report,
        found=report.answered,
        name_of=name_of,
        plain_title=plain_title,
        limits_head=head,
        limits_changed=changed,
        by_shipped=shipped_sentence(report),
        file=file,
        name=name,
        title=title or given.title or PurePath(name).stem or name,
        creator=creator,
        given=given,
        signed=signed(report),
        boxes=list(TAGS.values()) if given.tags is None else (),
        said=said[:MOST_DECLARED],
        more=max(0, len(said) - MOST_DECLARED),
        listed=listed[:MOST_LISTED],
        unlisted=listed[MOST_LISTED:],
        many=len(listed) > MANY,
        notes=notes[:MOST_NOTES],
        notes_left=max(0, len(notes) - MOST_NOTES),
        aside=len(report.findings) - len(listed),
    )


def _own(tag: str) -> str:
    """What a tag means; of one this version does not know, the tag."""
    return TAGS.get(tag, tag)
