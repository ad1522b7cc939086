"""Addresses of the page and what they answer."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from asmrmaster.errors import AsmrmasterError, PresetError
from asmrmaster.presets import Profile, load
from asmrmaster.report import Report
from asmrmaster.report.answered import NAME_CHARACTERS
from asmrmaster.views import compare as compare_view
from asmrmaster.views import html, phrases, playback, sheet
from asmrmaster.views import plan as plan_view
from asmrmaster.views.excerpts import MEDIA_TYPE
from asmrmaster.web import declaration_form, pages, picker, remaking, responses, review, upload
from asmrmaster.web.choices import Catalogue
from asmrmaster.web.job_files import JobRequest, State
from asmrmaster.web.jobs import Jobs
from asmrmaster.web.profile_edits import PREFIX, adjusted
from asmrmaster.web.security import ENTER, Access
from asmrmaster.web.worker import OPENED, REPORT, load_pieces, load_sounds, piece_path, sound_path


class _Few(Convertor[int]):
    """A number in an address, of so few digits that it is one."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("few", _Few())


@dataclass(frozen=True)
class Site:
    """What every address needs to respond. folder: whose files may be picked, None for none."""

    jobs: Jobs
    access: Access
    catalogue: Catalogue
    folder: Path | None = None

    def app(self) -> Starlette:
        """The application, to be put behind ``AccessMiddleware``."""
        return Starlette(
            routes=[
                Route("/", self.check_page),
                Route("/master", self.master_page),
                Route(ENTER, self.enter, methods=["GET", "POST"]),
                Route("/check", self.accept_file, methods=["POST"]),
                Route("/make", self.accept_file, methods=["POST"]),
                Route("/jobs/{key}", self.job),
                Route("/jobs/{key}/state", self.state),
                Route("/jobs/{key}/judge", self.judge),
                Route("/jobs/{key}/next", self.do_next, methods=["POST"]),
                Route("/jobs/{key}/take-back", self.take_back, methods=["POST"]),
                Route("/jobs/{key}/cancel", self.cancel, methods=["POST"]),
                Route("/jobs/{key}/remove", self.remove, methods=["POST"]),
                Route("/compare", self.compare),
                Route("/jobs/{key}/judged", self.judged, methods=["POST"]),
                Route("/jobs/{key}/plan", self.plan),
                Route("/jobs/{key}/play/{number:few}", self.play),
                Route("/jobs/{key}/declared", self.declared, methods=["POST"]),
                Route("/jobs/{key}/sound/{number:few}/{kind}", self.sound),
                Route("/jobs/{key}/save/{what}", self.save),
            ],
            exception_handlers={
                HTTPException: _http_error,
                AsmrmasterError: _known_error,
                Exception: _internal_error,
            },
        )

    # --- pages ------------------------------------------------------------------------------------

    def check_page(self, request: Request) -> Response:
        """Where a clinician drops a file."""
        return self._start("check", request)

    def master_page(self, request: Request) -> Response:
        """Where a creator drops a take."""
        return self._start("master", request)

    def _start(self, kind: str, request: Request) -> Response:
        self.jobs.prepare()
        query = {key: value[:80] for key, value in request.query_params.items()}
        again = query.get("again", "")
        take = ""
        if again:
            _, job, _ = self._job(again)
            take = job.name
        return pages.start(
            kind,
            self.catalogue,
            rows=self.jobs.all(),
            files=picker.offered(self.folder) if self.folder else (),
            folder=self.folder.name if self.folder else "",
            most_bytes=self.jobs.limits.upload_bytes,
            chosen=query,
            again=again,
            take=take,
        )

    async def enter(self, request: Request) -> Response:
        """The password, where one is asked for."""
        if request.method == "GET":
            return pages.enter()
        form = await responses.form(request)
        address = request.client.host if request.client else ""
        if await self.access.accepts_password("".join(form.get("password", [])), address):
            return self.access.log_in()
        return pages.enter(wrong=True)

    # --- files come in ----------------------------------------------------------------------------

    async def accept_file(self, request: Request) -> Response:
        """A form with a file, or with the name of one; redirects to its job."""
        folder = await run_in_threadpool(self.jobs.new_folder)
        try:
            received = await upload.receive(request, folder, self.jobs.limits)
            kind = "check" if request.url.path == "/check" else "master"
            job = await run_in_threadpool(self._requested, kind, received, folder)
            key = self.jobs.submit(folder, job)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return RedirectResponse(f"/jobs/{key}", status_code=303)

    def _requested(self, kind: str, received: upload.Received, folder: Path) -> JobRequest:
        asked, catalogue = received.fields, self.catalogue
        profile = catalogue.source(catalogue.profiles, asked.get("profile", ""))
        data: dict[str, object] = {"kind": kind, "profile": profile}
        if kind == "master":
            data |= remaking.NOTHING
            data["preset"] = catalogue.source(catalogue.presets, asked.get("preset", ""))
            if eq := asked.get("eq", ""):
                data["eq"] = catalogue.source(catalogue.curves, eq)
        if received.stored:
            return JobRequest(**data, name=received.name, stored=received.stored)
        if again := asked.get("again", ""):
            return self._again(again, data, folder)
        picked = asked.get("picked", "")
        if not picked or self.folder is None:
            raise HTTPException(400, "Choose a file first.")
        picker.find(self.folder, picked)
        where = str(self.folder)
        return JobRequest(**data, name=picked, picked_from=where, picked=picked)

    def _again(self, key: str, data: Mapping[str, object], folder: Path) -> JobRequest:
        """The take of an earlier job, made available to a new one without a second upload."""
        earlier, job, _ = self._job(key)
        data = {**job.model_dump(), **data}
        if job.stored:
            if not (earlier / job.stored).is_file():
                raise HTTPException(410, "This take is no longer here. Drop it again.")
            try:
                (folder / job.stored).hardlink_to(earlier / job.stored)
            except OSError:  # a file system without links
                shutil.copyfile(earlier / job.stored, folder / job.stored)
        return JobRequest.model_validate(data)

    def do_next(self, request: Request) -> Response:
        """Another master, as the report of this one says; redirects to its job."""
        earlier, job, _ = self._done(request)
        wanted = remaking.advised(Report.load(earlier / REPORT), job)
        if wanted is None:
            raise HTTPException(409, "Nothing that could be set would change this.")
        return self._remade(earlier.name, wanted)

    async def take_back(self, request: Request) -> Response:
        """Another master without some of the edits of this one; redirects to its job."""
        earlier, job, _ = await run_in_threadpool(self._done, request)
        form = await responses.form(request)
        report = await run_in_threadpool(Report.load, earlier / REPORT)
        return await run_in_threadpool(
            self._remade, earlier.name, remaking.taken_back(report, job, form)
        )

    def _remade(self, earlier: str, otherwise: Mapping[str, object]) -> Response:
        folder = self.jobs.new_folder()
        try:
            job = self._again(earlier, {**otherwise, "after": earlier}, folder)
            made = self.jobs.submit(folder, job)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return RedirectResponse(f"/jobs/{made}", status_code=303)

    # --- jobs -------------------------------------------------------------------------------------

    def _job(self, key: str) -> tuple[Path, JobRequest, State]:
        folder = self.jobs.folder(key)
        if folder is None:
            raise HTTPException(404, "There is no such file here; it may have been removed.")
        return folder, JobRequest.load(folder), State.load(folder)

    def job(self, request: Request) -> Response:
        """How far it is, or its report."""
        key = request.path_params["key"]
        folder, job, state = self._job(key)
        if state.status != "done":
            return pages.waiting(key, job, state)
        return pages.result(self._shown(folder, job, state, request), self.catalogue)

    def _shown(self, folder: Path, job: JobRequest, state: State, request: Request) -> pages.Shown:
        """The report as it is judged by the profile and the limits that are asked for."""
        query = parse_qsl(request.url.query)
        asked = {k: v for k, v in query if k == "profile" or (k.startswith(PREFIX) and v)}
        by = "".join(v for k, v in query if k == "by")[:NAME_CHARACTERS].strip()
        report = pages.named(Report.load(folder / REPORT), job.name)
        profile, base = self._profile(report, job, folder, asked)
        today = datetime.now(UTC).date().isoformat()
        content = declaration_form.recorded(folder)
        report = declaration_form.with_content(report, content)
        moved = profile.sha256 != base.sha256
        report = review.with_judged(
            report, review.recorded(folder), profile, by, phrases.day(today) if moved else ""
        )
        kept = _only_moved(asked, base)
        return pages.Shown(
            key=folder.name,
            job=job,
            state=state,
            report=report,
            sounds=load_sounds(folder) if state.sounds else (),
            pieces=load_pieces(folder) if state.sounds else (),
            base=base,
            profile=profile,
            asked={**kept, "by": by} if moved and by else kept,
            content=content,
        )

    def _profile(
        self, report: Report, job: JobRequest, folder: Path, asked: Mapping[str, str]
    ) -> tuple[Profile, Profile]:
        """The profile to judge by, and the one its limits are moved from.

        A saved report that was opened is judged as it was until another is asked for.
        """
        opened = (folder / OPENED).is_file()
        if opened and not asked and report.profile.whole is not None:
            return report.profile.whole, report.profile.whole
        source = job.profile
        if wanted := asked.get("profile"):
            source = self.catalogue.source(self.catalogue.profiles, wanted)
        elif opened and report.profile.id in self.catalogue.profiles:
            source = self.catalogue.source(self.catalogue.profiles, report.profile.id)
        return adjusted(source, asked), load(Profile, source)

    def state(self, request: Request) -> Response:
        """How far it is, as data."""
        _, _, state = self._job(request.path_params["key"])
        return JSONResponse(state.model_dump())

    def judge(self, request: Request) -> Response:
        """The verdict with the limits that are asked for, as data; nothing is measured again."""
        folder, job, state = self._done(request)
        try:
            shown = self._shown(folder, job, state, request)
        except PresetError as error:
            return JSONResponse({"error": str(error)}, status_code=422)
        return JSONResponse(pages.judged(shown.report))

    def _done(self, request: Request) -> tuple[Path, JobRequest, State]:
        folder, job, state = self._job(request.path_params["key"])
        if state.status != "done":
            raise HTTPException(409, "There is no report on this file.")
        return folder, job, state

    def cancel(self, request: Request) -> Response:
        """End a job."""
        key = request.path_params["key"]
        self._job(key)
        self.jobs.cancel(key)
        return RedirectResponse(f"/jobs/{key}", status_code=303)

    def remove(self, request: Request) -> Response:
        """Take a file and all about it away."""
        key = request.path_params["key"]
        _, job, _ = self._job(key)
        self.jobs.remove(key)
        return RedirectResponse("/" if job.kind == "check" else "/master", status_code=303)

    async def judged(self, request: Request) -> Response:
        """Record what somebody who listened says of the moments."""
        folder, _, _ = await run_in_threadpool(self._done, request)
        form = await responses.form(request)
        await run_in_threadpool(review.record, folder, form)
        return responses.back(request, folder, "to-judge")

    def compare(self, request: Request) -> Response:
        """The files of this start that are done, side by side; or those that are asked for."""
        wanted = {value for key, value in parse_qsl(request.url.query) if key == "job"}
        entries, unread = [], []
        for key, job, state in self.jobs.all():
            if state.status != "done" or (wanted and key not in wanted):
                if state.status in ("failed", "cancelled"):
                    unread.append(job.name)
                continue
            folder, job, state = self._job(key)
            shown = self._shown(folder, job, state, request)
            entries.append(compare_view.Entry(shown.report, f"/jobs/{key}"))
        if not entries:
            return pages.message_page("Check some files first; then they stand here.", back="/")
        return pages.answer(compare_view.render(entries, unread=unread, served=True))

    def plan(self, request: Request) -> Response:
        """A listening plan for a file; nothing that is typed into it is stored or sent."""
        folder, job, state = self._done(request)
        shown = self._shown(folder, job, state, request)
        tail = f"?{request.url.query}" if request.url.query else ""
        back = f"/jobs/{folder.name}{tail}"
        return pages.answer(plan_view.render(shown.report, served=True, back=back))

    def play(self, request: Request) -> Response:
        """A piece of the sound, turned as all of it is."""
        folder, _, _ = self._done(request)
        path = piece_path(folder, request.path_params["number"])
        if not path.is_file():
            raise HTTPException(404, "There is no such sound.")
        return FileResponse(path, media_type=playback.MEDIA_TYPE)

    async def declared(self, request: Request) -> Response:
        """Record what is declared of the sound."""
        folder, _, _ = await run_in_threadpool(self._done, request)
        form = await responses.form(request)
        await run_in_threadpool(declaration_form.record, folder, form)
        return responses.back(request, folder, "declared")

    def sound(self, request: Request) -> Response:
        """A sound of an excerpt."""
        folder, _, state = self._done(request)
        number, kind = request.path_params["number"], request.path_params["kind"]
        sounds = load_sounds(folder) if state.sounds else ()
        if kind not in ("before", "after") or number >= len(sounds):
            raise HTTPException(404, "There is no such sound.")
        path = sound_path(folder, number, kind)
        if not path.is_file():
            raise HTTPException(404, "There is no such sound.")
        return FileResponse(path, media_type=MEDIA_TYPE)

    # --- to keep ----------------------------------------------------------------------------------

    def save(self, request: Request) -> Response:
        """Report, sheet, record, master or video, as a download."""
        folder, job, state = self._done(request)
        what = request.path_params["what"]
        shown = self._shown(folder, job, state, request)
        stem = responses.plain_name(Path(job.name).stem)
        if what == "report.html":
            return responses.download(
                html.render(shown.report, shown.sounds, pieces=shown.pieces),
                f"{stem}.report.html",
            )
        if what == "report.json":
            return responses.download(shown.report.to_json() + "\n", f"{stem}.report.json")
        if what == "sheet.html":
            return responses.download(sheet.render(shown.report), f"{stem}.sheet.html")
        if what == "content.toml" and shown.content:
            return responses.download(
                declaration_form.as_file(shown.content), f"{stem}.content.toml"
            )
        if what == "master" and (path := next(folder.glob("master.*"), None)):
            return FileResponse(path, media_type=responses.BYTES, filename=f"{stem}.{path.name}")
        raise HTTPException(404, "There is nothing of this kind to save.")


def _only_moved(asked: Mapping[str, str], base: Profile) -> dict[str, str]:
    """What has to stand in an address to show the same report again."""
    kept = {}
    for key, text in asked.items():
        name, _, side = key.removeprefix(PREFIX).rpartition(".")
        criterion = base.criteria.get(name)
        if key == "profile" or (criterion and text != f"{getattr(criterion, side):g}"):
            kept[key] = text
    return kept


# --- what went wrong, in one sentence -------------------------------------------------------------


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return pages.message_page(error.detail, status=error.status_code, back="/")


def _known_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AsmrmasterError)
    text = f"{error.message}. {error.hint}" if error.hint else f"{error.message}."
    return pages.message_page(text[:1].upper() + text[1:], status=422, back="/")


def _internal_error(request: Request, error: Exception) -> Response:
    return pages.message_page("Something went wrong here; nothing was lost.", status=500, back="/")
