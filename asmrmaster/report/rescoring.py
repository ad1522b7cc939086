"""An old measurement judged anew: by another profile, or with what people said of it since."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from asmrmaster.audio.regular import read_regular
from asmrmaster.presets import Profile
from asmrmaster.report import saved_page
from asmrmaster.report.answered import Judgement
from asmrmaster.report.changed_limits import judged_by
from asmrmaster.report.document import Report
from asmrmaster.report.judging import judge
from asmrmaster.report.moments import of_place, settled

ALL_SETTLED = 10.0
"""Where all places that are offered are settled, they count as all a profile may ask for."""


def rescore(report: Report, profile: Profile, by: str = "", on: str = "") -> Report:
    """An old measurement judged by another profile, without the sound.

    by, on: who changed the profile and when, where it is not the shipped one.
    """
    facts = report.output or report.input
    verdict, findings = judge(report.after, facts, profile)
    same = profile.sha256 == report.profile.sha256
    if same and not by:
        by, on = report.profile.changed_by, on or report.profile.changed_on
    return report.model_copy(
        update={
            "verdict": verdict,
            "findings": findings,
            "profile": judged_by(profile, by, on),
            # Who signed did so by the limits of then.
            "signatures": report.signatures if same else (),
        }
    )


def with_judgements(report: Report, said: Iterable[Judgement], profile: Profile) -> Report:
    """The report with these judgements beside those it holds, judged anew.

    Which places are offered hangs on what fails, so they are found first and counted then.
    """
    judgements = (*report.judgements, *said)
    report = rescore(report.model_copy(update={"judgements": judgements}), profile)
    if not judgements:
        return report
    places = report.answered.places
    done = sum(settled(place, judgements) for place in places)
    bad = sum(any(j.answer == "unwelcome" for j in of_place(p, judgements)) for p in places)
    known = {j for place in places for j in of_place(place, judgements)}
    bad += sum(j.answer == "unwelcome" for j in set(judgements) - known)
    values = {
        **report.after.values,
        "review_points_confirmed": ALL_SETTLED if places and done == len(places) else float(done),
        "moments_unwelcome": float(bad),
    }
    after = report.after.model_copy(update={"values": values})
    return rescore(report.model_copy(update={"after": after}), profile)


def open_saved(path: Path) -> Report:
    """A saved report, JSON or page, with the judgements that were added in the page since.

    Raises ReportError where it cannot be read, is none, or was altered.
    """
    report = Report.load(path)
    text = read_regular(path)
    said = saved_page.added(text, path) if saved_page.is_page(text) else ()
    whole = report.profile.whole
    return with_judgements(report, said, whole) if said and whole is not None else report


def resaved(path: Path, report: Report) -> str:
    """What a saved report, JSON or page, holds with this report in place of its own."""
    text = read_regular(path)
    if not saved_page.is_page(text):
        return report.to_json()
    inside = json.dumps(report.to_dict(), separators=(",", ":"))
    return saved_page.with_report(text.decode("utf-8", "replace"), inside)
