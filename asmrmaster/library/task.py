"""One take, from its place to a staged master: what a worker process does, here or elsewhere.

``work`` is given a ``Task`` and answers with an ``Outcome``; both are plain data, so that a process
of this machine and one of a cluster get the same. Nothing here touches the ledger or gives a
master its name: a worker may die at any moment.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from asmrmaster import __version__, engine
from asmrmaster.audio import read
from asmrmaster.audio.validation import unreadable
from asmrmaster.delivery.output import default_output
from asmrmaster.errors import AsmrmasterError, InputError
from asmrmaster.library.paths import join
from asmrmaster.library.report_files import packed
from asmrmaster.library.storage import Stamp, Storage, digest
from asmrmaster.library.stores import declarations, storage
from asmrmaster.presets.recipe import Recipe
from asmrmaster.report import Report
from asmrmaster.report.judging import deciding
from asmrmaster.runtime.blas import one_blas_thread
from asmrmaster.runtime.threads import Threads

YOUNG_S = 10.0
"""A take changed this short a time ago is hashed again after it was read: clocks of disks and
network shares are too coarse to tell."""


@dataclass(frozen=True)
class Task:
    """What to make of a take.

    folder, stem: place and name of the master without its ending. staging: the folder of this run
    for what is not finished. kind: make the master, judge the take, answer with the hash alone, or
    look what would become of the take. threads: what the work may have for itself; the workers
    know.
    """

    take: str
    recipe: Recipe
    folder: str
    stem: str
    staging: str
    kind: Literal["make", "check", "hash", "survey"] = "make"
    threads: int = 1


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    made: a master waits at ``staged`` and is to be called ``name``. The next three: as was asked.
    refused: the take is at fault. failed: something around it is. cause: why there is no master,
    or what decided the verdict of one. code: which of ``causes.CAUSES`` it is.
    """

    state: Literal["made", "checked", "hashed", "surveyed", "refused", "failed"]
    stamp: Stamp | None = None
    sha256: str = ""
    cause: str = ""
    code: str = ""
    verdict: str = ""
    staged: str = ""
    name: str = ""
    output_sha256: str = ""
    output_stamp: str = ""
    values: dict[str, float | None] = field(default_factory=dict)
    report: bytes = b""
    duration_s: float = 0.0
    seconds: float = 0.0
    version: str = __version__


def work(task: Task) -> Outcome:
    """Do a task. Never raises but for what ends the process."""
    began = time.perf_counter()
    try:
        with one_blas_thread():
            outcome = _watched(task)
    except AsmrmasterError as error:
        outcome = _failed("unwritable", message_of(error))
    except OSError as error:
        outcome = _failed("unreadable", message_of(unreadable(error, Path(task.take))))
    except MemoryError:
        outcome = _failed("memory", "there was not enough memory: use fewer --jobs")
    except Exception as error:
        cause = f"asmrmaster is at fault, please report it: {type(error).__name__}: {error}"
        outcome = _failed("internal", cause)
    return replace(outcome, seconds=time.perf_counter() - began)


def _failed(code: str, cause: str) -> Outcome:
    return Outcome("failed", cause=cause, code=code)


def message_of(error: AsmrmasterError) -> str:
    """The message of an error without the name of its file, which stands beside it."""
    return f"{error.message}. {error.hint}" if error.hint else error.message


def _watched(task: Task) -> Outcome:
    """The outcome, if the take stayed as it was all the while."""
    store = storage(task.take)
    stamp, began = store.stamp(task.take), time.time()
    declared = declarations(store, task.take)
    with ExitStack() as stack:
        local = stack.enter_context(store.fetch(task.take))
        content = stack.enter_context(store.fetch(declared[0])) if declared[0] else None
        outcome = _outcome(task, local, content)
        same = (store.stamp(task.take), declarations(store, task.take)) == (stamp, declared)
        if same and outcome.state in ("made", "checked") and _young(local, began):
            same = digest(local) == outcome.sha256
    if not same:
        if outcome.staged:
            with suppress(AsmrmasterError):
                storage(outcome.staged).remove(outcome.staged)
        return _failed("take-changed", "it changed while it was read")
    return replace(outcome, stamp=stamp._replace(beside=declared[1]))


def _young(local: Path, now_s: float) -> bool:
    return local.stat().st_mtime > now_s - YOUNG_S


def _outcome(task: Task, local: Path, content: Path | None) -> Outcome:
    if task.kind == "hash":
        return Outcome("hashed", sha256=digest(local))
    try:
        if task.kind == "check":
            return _checked(task, local, content)
        return _surveyed(task, local) if task.kind == "survey" else _made(task, local, content)
    except InputError as error:
        # A take whose bytes can all be read is itself at fault; else it is the way to it.
        return Outcome(
            "refused", cause=message_of(error), code="take-refused", sha256=digest(local)
        )


def _made(task: Task, local: Path, content: Path | None) -> Outcome:
    target = target_name(task.stem, task.take, local)
    out: Storage = storage(task.staging)
    with out.scratch(task.staging) as scratch:
        report = engine.master(
            local,
            scratch.folder / target,
            recipe=task.recipe,
            content=content,
            runner=Threads(task.threads),
        )
        assert report.output is not None
        made = Path(report.output.path)
        staged = scratch.keep(made)
    report = _placed(report, task.take, join(task.folder, made.name))
    assert report.output is not None
    return Outcome(
        "made",
        sha256=report.input.sha256,
        cause=cause_of(report),
        verdict=report.verdict,
        staged=staged,
        name=made.name,
        output_sha256=report.output.sha256,
        output_stamp=out.stamp(staged).coarse,
        values=report.after.values,
        report=packed(report.model_dump_json(by_alias=True)),
        duration_s=report.input.duration_s,
    )


def _checked(task: Task, local: Path, content: Path | None) -> Outcome:
    """The take judged as it is."""
    runner = Threads(task.threads)
    report = engine.check(local, task.recipe.profile, content=content, runner=runner)
    facts = report.input.model_copy(update={"path": task.take})
    report = report.model_copy(update={"input": facts})
    return Outcome(
        "checked",
        sha256=report.input.sha256,
        cause=cause_of(report),
        verdict=report.verdict,
        values=report.after.values,
        report=packed(report.model_dump_json(by_alias=True)),
        duration_s=report.input.duration_s,
    )


def _surveyed(task: Task, local: Path) -> Outcome:
    """What a ``series`` wants to know of a take before any of them is made."""
    report = engine.master(local, recipe=task.recipe, dry_run=True, runner=Threads(task.threads))
    ride, loudness = report.ride, report.after.values["integrated_lufs"]
    assert ride is not None
    assert loudness is not None
    found: dict[str, float | None] = {
        "level_lufs": loudness - ride.static_gain_db,
        "reach_lufs": ride.target_lufs,
        "duration_s": report.input.duration_s,
    }
    return Outcome("surveyed", values=found)


def target_name(stem: str, take: str, local: Path) -> str:
    """The master's name: with the take's ending, or after it where another format is written.

    So a.wav and a.mp3 become a.wav and a.mp3.wav, whichever comes first or alone. Raises InputError
    where the take's header cannot be read.
    """
    ending = PurePosixPath(take.replace("\\", "/")).suffix
    wanted = default_output(read(local)).suffix
    return f"{stem}{wanted}" if wanted == ending else f"{stem}{ending}{wanted}"


def _placed(report: Report, take: str, output: str) -> Report:
    """The report with the places its files have in the library."""
    assert report.output is not None
    return report.model_copy(
        update={
            "input": report.input.model_copy(update={"path": take}),
            "output": report.output.model_copy(update={"path": output}),
        }
    )


def cause_of(report: Report) -> str:
    """The titles of what decided a verdict that is not plain ``meets``, in one line."""
    return "; ".join(f.title for f in deciding(report.verdict, report.findings))
