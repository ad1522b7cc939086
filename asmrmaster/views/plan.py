"""A listening plan on one A4 page, in plain words, to be filled in and printed.

It says what the track is and what was found of it; when, how long and how loud is the reader's.
Nothing that is typed is stored or sent.
"""

from __future__ import annotations

from pathlib import PurePath

from asmrmaster.audio.times import duration
from asmrmaster.errors import ReportError
from asmrmaster.report import Report, limits_in_words, name_of
from asmrmaster.report.sentences import listed, tag
from asmrmaster.views import phrases
from asmrmaster.views.page import Page
from asmrmaster.views.page import render as render_page
from asmrmaster.views.shape import shape
from asmrmaster.views.text import shipped_sentence

WIDTH, HEIGHT = 700, 36
CAUTION = {
    "close": "Listen to the place named here yourself before you hand this on.",
    "finish": "It is not finished: see how it begins and ends, and how loud it is.",
    "unknown": "Not everything could be measured: listen to all of it first.",
    "waiting": "Not everything has been declared and heard yet.",
}


def render(report: Report, *, served: bool = False, back: str = "") -> Page:
    """The plan. Raises ReportError for a track with a deciding failure. back: of a served one, the
    address of its report."""
    found = report.answered
    file = phrases.subject(report)
    if found.state == "stop":
        raise ReportError(
            f"is not as it is: {found.headline}", subject=file.path,
            hint="A plan is made for another track, or for a master of this one",
        )  # fmt: skip
    declared = report.declared
    name = (declared.title if declared else "") or PurePath(phrases.name(file)).stem
    head, changed = limits_in_words(report.profile)
    level = next((one for one in report.at_ear if one.basis == "calibrated"), None)
    return render_page(
        "plan.html.j2",
        styles=("verdict.css", "plan.css"),
        script="plan.js",
        served=served,
        back=back,
        report=report,
        found=found,
        file=file,
        title=name,
        length=duration(file.duration_s),
        contents=_contents(report),
        listened=found.answer("heard").sentence,
        caution=CAUTION.get(found.state, ""),
        shape=shape(report, found.moments, WIDTH, HEIGHT),
        name_of=name_of,
        limits_head=head,
        limits_changed=changed,
        by_shipped=shipped_sentence(report),
        calibrated=f"{level.laeq_at_ear_dba:.0f}" if level else "",
    )


def _contents(report: Report) -> str:
    given = report.declared
    if given is None or given.tags is None:
        return "Nobody has said what is heard in it."
    who = "The maker says" if given.declared_as != "checker" else "Declared by who checked it"
    return f"{who}: {listed([tag(one) for one in given.tags]) or 'none of the listed sounds'}."
