"""The command on many files: batch."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from asmrmaster.cli.help import command, note
from asmrmaster.cli.hooks import is_web, post, run_command
from asmrmaster.cli.options import read_settings, recipe_options
from asmrmaster.cli.progress import Update, progress
from asmrmaster.cli.results import EXIT_MEETS
from asmrmaster.cli.values import Time
from asmrmaster.errors import AsmrmasterError
from asmrmaster.library.causes import EXIT_SOME_WITHOUT

if TYPE_CHECKING:
    from asmrmaster.library.ledger import Ledger
    from asmrmaster.library.options import RunOptions
    from asmrmaster.library.schema import Entry
    from asmrmaster.library.summary import Progress, Summary
    from asmrmaster.presets.recipe import Recipe


@dataclass(frozen=True)
class _Telling:
    """How, and to whom, it is told what came of a run."""

    as_json: bool
    full: bool
    on_done: str | None
    webhook: str | None


Way = Literal["same-loudness", "common-gain"]


@command(
    examples=(
        ("asmrmaster batch takes masters --preset tactile", "Every take of a folder, in its tree."),
        ("asmrmaster batch takes masters --dry-run", "What would be done, and how long it takes."),
        (
            "asmrmaster batch album masters --series common-gain",
            "One album: its takes keep their levels to each other.",
        ),
        ("asmrmaster batch --check delivered --profile sleep", "Judges a folder; keeps verdicts."),
        ("asmrmaster batch inbox masters --watch", "Goes on as takes come in."),
    )
)
@click.argument("given", nargs=-1, required=True, metavar="IN... OUT")
@click.option("--check", is_flag=True, help="Only judge what lies in IN; no OUT, no masters.")
@recipe_options
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N",
              help="Takes at a time. Default: one a core.")  # fmt: skip
@click.option("--cluster", metavar="ADDRESS", help="Let a Dask cluster do the work: tcp://…")
@click.option("--series", "way", type=click.Choice(["same-loudness", "common-gain"]),
              help="Master all as one programme: equally loud, or by one gain.")  # fmt: skip
@click.option(
    "--series-per",
    "per",
    type=click.Choice(["all", "folder"]),
    default="all",
    help="With --series: one series of all, or one for each folder, as albums are.",
)
@click.option("--watch", is_flag=True, help="Go on, and take new files once they stop growing.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--force", is_flag=True, help="Make all again and replace what lies there.")
@click.option("--keep", type=click.IntRange(min=0), default=1, show_default=True, metavar="N",
              help="Earlier masters to keep of each that is replaced.")  # fmt: skip
@click.option(
    "--checksum", is_flag=True, help="Compare the bytes of every take, not only its time."
)
@click.option("--retry", is_flag=True, help="Try again what was refused or set aside.")
@click.option("--timeout-per-take", "timeout_s", type=Time(), metavar="TIME",
              help="Give up a take that takes longer, and name it: 30:00.")  # fmt: skip
@click.option("--wait", "wait_for_it", is_flag=True, help="Wait for another run on OUT to end.")
@click.option("--ledger", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Where the ledger lies. Default: OUT/.asmrmaster/ledger.db.")  # fmt: skip
@click.option(
    "--paths",
    "places",
    is_flag=True,
    help="Let saved reports say where files lie, not only their names.",
)
@click.option("--report", "report_dir", type=click.Path(file_okay=False, path_type=Path),
              help="Also save each report below this folder, in the same tree.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--full", is_flag=True, help="Name every take, however many.")
@click.option("--progress", "told", type=click.Choice(["jsonl"]),
              help="Print a line of JSON for each take as it ends, on standard error.")  # fmt: skip
@click.option("--on-done", metavar="CMD", help="Run this at the end; it reads the summary as JSON.")
@click.option("--webhook", metavar="URL", callback=lambda ctx, option, url: url and is_web(url),
              help="Send the summary here at the end, signed if ASMRMASTER_WEBHOOK_SECRET is set."
              )  # fmt: skip
def batch(
    given: tuple[str, ...],
    check: bool,
    preset: str,
    profile: str | None,
    eq: str | None,
    settings: tuple[str, ...],
    target: float | None,
    jobs: int | None,
    cluster: str | None,
    way: Way | None,
    per: str,
    watch: bool,
    dry_run: bool,
    force: bool,
    keep: int,
    checksum: bool,
    retry: bool,
    timeout_s: float | None,
    wait_for_it: bool,
    ledger: Path | None,
    report_dir: Path | None,
    places: bool,
    as_json: bool,
    full: bool,
    told: str | None,
    on_done: str | None,
    webhook: str | None,
) -> None:
    """Master every take in IN into OUT, in the same tree of folders.

    IN is a folder, a pattern, a list (.txt, .m3u: one take a line) or a file, on a disk or in
    object storage (s3://…). A second run does only what changed; a killed one is continued by the
    next. One bad file never stops the others.
    """
    if check and (way or watch or cluster):
        raise click.UsageError("--check goes without --series, --watch and --cluster")
    if len(given) < 2 and not check:
        raise click.UsageError("name where the takes are, then the folder for the masters")
    if way and watch:
        raise click.UsageError("--series needs all takes at once; --watch takes them as they come")
    from asmrmaster.library.batch import check as judge
    from asmrmaster.library.batch import for_checks
    from asmrmaster.library.discovery import absolute
    from asmrmaster.library.ledger import default_ledger
    from asmrmaster.presets.recipe import load_recipe

    *takes, out = (*given, "") if check else given
    values = read_settings(settings, target)

    def make(target_lufs: float) -> Recipe:
        aimed = {**values, "target.integrated_lufs": target_lufs}
        return load_recipe(preset=preset, profile=profile, eq=eq, settings=aimed)

    recipe = load_recipe(preset=preset, profile=profile, eq=eq, settings=values)
    with ExitStack() as stack:
        options: RunOptions = {
            "check": check, "ledger": ledger, "jobs": jobs, "force": force, "retry": retry,
            "keep": keep, "checksum": checksum, "timeout_s": timeout_s,
        }  # fmt: skip
        if check:
            out, options = for_checks(takes, options)
            ledger = options["ledger"]
        if dry_run:
            sys.exit(_preview(takes, out, recipe, options))
        options["on_wait"] = note if wait_for_it else None
        options["on_progress"] = _drawn(stack.enter_context(progress("Takes", estimate=False)))
        telling = _Telling(as_json, full, on_done, webhook)
        tell = [_saver(report_dir, places)] if report_dir is not None else []
        tell += [_line] if told else []

        def ended(entry: Entry, records: Ledger) -> None:
            for one in tell:
                one(entry, records)

        options["on_take"] = ended
        if cluster is not None:
            from asmrmaster.library.cluster import Cluster

            options["workers"] = stack.enter_context(Cluster(cluster))
        try:
            if watch:
                code = _watch(takes, out, recipe, options, telling)
            elif way is not None:
                code = _series(takes, out, way, per == "folder", make, recipe, options, telling)
            elif check:
                code = _print(judge(takes, recipe, **options), telling)
            else:
                from asmrmaster.library.batch import batch as run

                code = _print(run(takes, out, recipe, **options), telling)
            if report_dir is not None and not watch:
                _save_missing(ledger or default_ledger(absolute(out)), report_dir)
        except KeyboardInterrupt:
            note("Interrupted. What is made is published; run it again to go on.")
            code = EXIT_SOME_WITHOUT
    sys.exit(code)


def _preview(takes: list[str], out: str, recipe: Recipe, options: RunOptions) -> int:
    from asmrmaster.library.batch import preview
    from asmrmaster.runtime.threads import usable_cores
    from asmrmaster.views import library as words

    seen = preview(takes, out, recipe, **options)
    click.echo(words.planned(seen, options.get("jobs") or usable_cores()))
    return EXIT_SOME_WITHOUT if seen.problems else EXIT_MEETS


def _series(
    takes: list[str],
    out: str,
    way: Way,
    per_folder: bool,
    make: Callable[[float], Recipe],
    recipe: Recipe,
    options: RunOptions,
    telling: _Telling,
) -> int:
    from asmrmaster.library.album import series
    from asmrmaster.views import library as words

    wanted = recipe.preset.target.integrated_lufs
    found = series(takes, out, way, make, wanted, per_folder, **options)
    more = {
        "aim": found.aim,
        "aims": dict(found.aims),
        "outliers": [item._asdict() for item in found.outliers],
    }
    return _print(found.summary, telling, more, words.series(found))


def _watch(
    takes: list[str], out: str, recipe: Recipe, options: RunOptions, telling: _Telling
) -> int:
    from asmrmaster.library.watch import watch

    code = EXIT_MEETS
    note("Watching. Ctrl-C ends it.")
    with suppress(KeyboardInterrupt):
        for found in watch(takes, out, recipe, **options):
            code = max(code, _print(found, telling))
    return code


def _print(
    found: Summary, telling: _Telling, more: Mapping[str, object] | None = None, below: str = ""
) -> int:
    """Print what came of a run, and tell whoever is to be told; its exit code."""
    from asmrmaster.views import library as words

    code = found.exit_code
    message = json.dumps(_data(found) | {"exit_code": code} | dict(more or {}), indent=2)
    lines = words.summary(found, full=telling.full) + (f"\n{below}" if below else "")
    click.echo(message if telling.as_json else lines)
    if telling.on_done:
        run_command(telling.on_done, message, code)
    if telling.webhook:
        post(telling.webhook, message)
    return code


def _data(found: Summary) -> dict[str, object]:
    plain = {"verdicts": dict(found.verdicts), "failed": sorted(found.failed),
             "changes": dict(found.changes), "skipped": dict(found.skipped)}  # fmt: skip
    return {**asdict(found), **plain, "not_made": found.not_made}


def _saver(folder: Path, places: bool) -> Callable[[Entry, Ledger], None]:
    """Saves the report on each master that was made, in the tree the masters lie in."""

    def save_one(entry: Entry, ledger: Ledger) -> None:
        from asmrmaster.report import Report
        from asmrmaster.views.files import save

        text = ledger.report(entry) if entry.state == "done" else None
        if text is not None:
            try:
                # Excerpts would have the sound read again, here, while the workers wait.
                into = (folder / (entry.output or entry.name)).parent
                save(Report.from_json(text), into, audio=False, force=True, places=places)
            except AsmrmasterError as error:
                click.echo(f"asmrmaster: {error}", err=True)

    return save_one


def _line(entry: Entry, ledger: Ledger) -> None:
    """One take that has ended, as a line of JSON on standard error."""
    fields = ("name", "state", "verdict", "code", "cause", "take", "output", "seconds")
    click.echo(json.dumps({name: getattr(entry, name) for name in fields}), err=True)


def _save_missing(path: Path, folder: Path) -> None:
    """Saves the reports that are not there, on masters that earlier runs made."""
    from asmrmaster.library.ledger import Ledger
    from asmrmaster.library.queries import Choice
    from asmrmaster.views.files import SAVED
    from asmrmaster.views.library_reports import write

    with Ledger(path, write=False) as ledger:
        write(ledger, Choice(), folder, SAVED, force=True, missing=True)


def _drawn(update: Update) -> Callable[[Progress], None]:
    """Draws how far a run is."""

    def draw(now: Progress) -> None:
        from asmrmaster.views import library as words

        update(now.share, words.progress(now))

    return draw


COMMANDS = (batch,)
