"""The pages, drawn with the templates and styles of the views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from asmrmaster.declarations.content import Content
from asmrmaster.presets import Profile
from asmrmaster.presets.words import words
from asmrmaster.report import FileFacts, Report
from asmrmaster.views import html, phrases
from asmrmaster.views.excerpts import Excerpt
from asmrmaster.views.page import Page, render
from asmrmaster.views.playback import Piece
from asmrmaster.web import declaration_form, remaking
from asmrmaster.web.choices import Catalogue
from asmrmaster.web.job_files import JobRequest, State

STYLES = ("serve/serve.css",)


def answer(page: Page, status: int = 200) -> HTMLResponse:
    """A page as an answer, with the policy it was made under."""
    policy = f"{page.policy}; frame-ancestors 'none'"
    return HTMLResponse(page, status, {"Content-Security-Policy": policy})


def message_page(text: str, *, status: int = 200, back: str = "") -> HTMLResponse:
    """One sentence, and a way back."""
    page = render(
        "serve/message.html.j2", styles=("page.css", *STYLES), served=True, text=text, back=back
    )
    return answer(page, status)


def enter(wrong: bool = False) -> HTMLResponse:
    """Asks for the password."""
    page = render("serve/enter.html.j2", styles=("page.css", *STYLES), served=True, wrong=wrong)
    return answer(page, 403 if wrong else 200)


def start(
    kind: str,
    catalogue: Catalogue,
    *,
    rows: Sequence[tuple[str, JobRequest, State]],
    files: Sequence[str],
    folder: str,
    most_bytes: int,
    chosen: Mapping[str, str] | None = None,
    again: str = "",
    take: str = "",
) -> HTMLResponse:
    """Where a file is dropped: to be checked, or to be mastered.

    rows: the files of this start. files: what may be picked from ``folder``. chosen: ids already
    chosen. again, take: a job whose take is mastered once more, and its name.
    """
    page = render(
        f"serve/{kind}.html.j2",
        styles=("page.css", *STYLES),
        script="serve/drop.js",
        served=True,
        kind=kind,
        profiles=catalogue.profiles,
        presets=catalogue.presets,
        curves=catalogue.curves,
        chosen=chosen or {},
        rows=rows,
        files=files,
        folder=folder,
        most_bytes=most_bytes,
        again=again,
        take=take,
    )
    return answer(page)


def waiting(key: str, job: JobRequest, state: State) -> HTMLResponse:
    """How far a job is, or why it is no further."""
    page = render(
        "serve/job.html.j2",
        styles=("page.css", *STYLES),
        script="serve/wait.js" if state.status in ("waiting", "working") else (),
        served=True,
        key=key,
        kind=job.kind,
        job=job,
        state=state,
    )
    return answer(page)


@dataclass(frozen=True)
class Shown:
    """All that a result page is made from. base, profile: as shipped, and as judged by. asked: the
    moved limits as they came."""

    key: str
    job: JobRequest
    state: State
    report: Report
    sounds: tuple[Excerpt, ...]
    pieces: tuple[Piece, ...]
    base: Profile
    profile: Profile
    asked: Mapping[str, str]
    content: Content | None = None


def result(shown: Shown, catalogue: Catalogue) -> HTMLResponse:
    """The report, and what can be done with it."""
    report = shown.report
    tail = f"?{urlencode(shown.asked)}" if shown.asked else ""
    page = html.render(
        report,
        shown.sounds if shown.job.kind == "master" else (),
        pieces=shown.pieces,
        piece_address=lambda piece: f"/jobs/{shown.key}/play/{shown.pieces.index(piece)}",
        preparing="" if shown.state.sounds else f"/jobs/{shown.key}/state",
        judge_to=f"/jobs/{shown.key}/judged{tail}",
        address=lambda one, kind: f"/jobs/{shown.key}/sound/{shown.sounds.index(one)}/{kind}",
        template="serve/result.html.j2",
        styles=("serve/result.css",),
        scripts=("serve/result.js",),
        key=shown.key,
        kind=shown.job.kind,
        job=shown.job,
        state=shown.state,
        base=shown.base,
        profile=shown.profile,
        profiles=catalogue.profiles,
        again=report.next if remaking.advised(report, shown.job) else None,
        undoable=remaking.offered(report) if shown.job.kind == "master" else (),
        moved=shown.profile.sha256 != shown.base.sha256,
        query=urlencode(shown.asked),
        declares=declaration_form.asks(report),
        content=shown.content,
        tags=declaration_form.TAGS,
        none=declaration_form.NONE,
        findings={finding.criterion: finding for finding in report.findings},
    )
    return answer(page)


def judged(report: Report) -> dict[str, object]:
    """What a page shows anew when a limit moves."""
    found = report.answered
    return {
        "verdict": report.verdict,
        "state": words().states[found.state],
        "sentence": f"{found.headline}. {found.second_line}",
        "states": {f.criterion: phrases.result(f)[1] for f in report.findings},
    }


def named(report: Report, name: str) -> Report:
    """The report under the name its file has for people; where it lay here is nobody's matter."""

    def at(facts: FileFacts, path: str) -> FileFacts:
        return facts.model_copy(update={"path": path})

    output = report.output
    if output is not None:
        output = at(output, f"{PurePath(name).stem}.{PurePath(output.path).name}")
    return report.model_copy(update={"input": at(report.input, name), "output": output})
