"""The command line. It parses, calls and prints; every figure comes from elsewhere.

Exit codes: 0 every file meets (advisories allowed), 1 at least one does not meet, 2 at least one
gave no verdict (usage, unreadable, not assessed, could not write). Results go to standard output,
progress and messages to standard error.

Heavy imports happen inside the commands, so that help and completion answer at once.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from asmrmaster import __version__
from asmrmaster.errors import AsmrmasterError

if TYPE_CHECKING:
    from asmrmaster.presets import Document
    from asmrmaster.report import Report

EXIT_MEETS, EXIT_DOES_NOT_MEET, EXIT_NO_VERDICT = 0, 1, 2
F = TypeVar("F", bound=Callable[..., Any])


class Group(click.Group):
    """Turns every intended error into one line of text and exit code 2, in one place."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AsmrmasterError as error:
            click.echo(f"asmrmaster: {error}", err=True)
        except (KeyboardInterrupt, click.Abort):
            click.echo("asmrmaster: interrupted; nothing was published", err=True)
        except BrokenPipeError:
            sys.stderr.close()
        ctx.exit(EXIT_NO_VERDICT)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="asmrmaster %(version)s")
def main() -> None:
    """Master ASMR recordings so that a screening profile accepts them, and prove it.

    Start with `asmrmaster demo`. Not a medical device: it reports what it measured against a
    named profile.
    """


# --- shared pieces --------------------------------------------------------------------------------


def _options(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    def apply(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


_profile_option = click.option(
    "--profile", "-p", metavar="P", help="Screening profile: a shipped name or a TOML file."
)
_report_options = _options(
    click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
    click.option(
        "--report",
        "report_dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Also save each report in this folder, as text and JSON.",
    ),
    click.option("--full", is_flag=True, help="List the criteria that pass, too."),
)
_takes = click.argument(
    "paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[float], None]]:
    """A line on standard error that is drawn only once something takes over two seconds."""
    began = shown = time.monotonic()
    drawn = False
    tty = sys.stderr.isatty()

    def update(share: float) -> None:
        nonlocal shown, drawn
        now = time.monotonic()
        if now - began < 2 or now - shown < (0.2 if tty else 10):
            return
        shown, drawn = now, True
        left = (now - began) / max(share, 1e-3) * (1 - share)
        text = f"{label}: {share:4.0%}, about {left:.0f} s left"
        click.echo(f"\r{text}\x1b[K" if tty else text, err=True, nl=not tty)

    try:
        yield update
    finally:
        if drawn and tty:
            click.echo("\r\x1b[K", err=True, nl=False)


def _each(
    paths: Sequence[Path], work: Callable[[Path, Callable[[float], None]], Report]
) -> tuple[list[Report], bool]:
    """Run ``work`` on every path; an error is told and does not stop the others."""
    reports, failed = [], False
    for path in paths:
        try:
            with _progress(path.name) as update:
                reports.append(work(path, update))
        except AsmrmasterError as error:
            failed = True
            click.echo(f"asmrmaster: {error}", err=True)
    return reports, failed


def _finish(
    reports: Sequence[Report],
    failed: bool,
    *,
    many: bool,
    as_json: bool,
    report_dir: Path | None,
    full: bool,
    force: bool = False,
) -> None:
    """Print and save the reports, and leave with the code their verdicts call for."""
    from asmrmaster.views import text
    from asmrmaster.views.files import save

    if report_dir is not None:
        for report in reports:
            save(report, report_dir, force=force)
    if as_json:
        data = [report.to_dict() for report in reports]
        if many or data:
            shown = data if many else data[0]
            click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        click.echo("\n\n".join(text.render(report, full=full) for report in reports))
        if many:
            click.echo("\n" + "\n".join(text.headline(report) for report in reports))
    sys.exit(exit_code(reports, failed))


def exit_code(reports: Iterable[Report], failed: bool = False) -> int:
    """The code of the contract: no verdict weighs more than a verdict against."""
    verdicts = {report.verdict for report in reports}
    if failed or "not assessed" in verdicts:
        return EXIT_NO_VERDICT
    return EXIT_DOES_NOT_MEET if "does not meet" in verdicts else EXIT_MEETS


# --- the work -------------------------------------------------------------------------------------


@main.command()
@_takes
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Master to write (one take only)."
)
@click.option("--preset", default="gentle", show_default=True, metavar="P",
              help="How to make it: a shipped name or a TOML file.")  # fmt: skip
@_profile_option
@click.option("--eq", metavar="CURVE", help="EQ curve: a shipped name or a TOML file.")
@click.option("--set", "settings", multiple=True, metavar="STAGE.PARAM=VALUE",
              help="Change one parameter of the preset; may be repeated.")  # fmt: skip
@click.option("--target", type=float, metavar="LUFS", help="Loudness to aim for.")
@click.option("--dry-run", is_flag=True, help="Plan and forecast; write nothing.")
@click.option("--force", is_flag=True, help="Replace an existing output.")
@_report_options
def master(
    paths: tuple[Path, ...],
    output: Path | None,
    preset: str,
    profile: str | None,
    eq: str | None,
    settings: tuple[str, ...],
    target: float | None,
    dry_run: bool,
    force: bool,
    as_json: bool,
    report_dir: Path | None,
    full: bool,
) -> None:
    """Turn each take FILE into a master, and judge the written file.

    Without -o the master is written beside the take as NAME.master.EXT. A master that does not
    meet the profile is named so: NAME.master.does-not-meet.EXT.
    """
    if output is not None and len(paths) > 1:
        raise click.UsageError("-o names one file; give one take, or leave it out")
    from asmrmaster import mastering

    recipe = mastering.recipe(
        preset=preset, profile=profile, eq=eq, settings=_settings(settings, target)
    )

    def work(path: Path, update: Callable[[float], None]) -> Report:
        return mastering.master(
            path, output, recipe=recipe, force=force, dry_run=dry_run, progress=update
        )

    reports, failed = _each(paths, work)
    _finish(reports, failed, many=len(paths) > 1, as_json=as_json, report_dir=report_dir,
            full=full, force=force)  # fmt: skip


def _settings(pairs: Iterable[str], target: float | None) -> dict[str, object]:
    """``stage.param=value`` texts as a mapping; values are read as TOML, else as text."""
    import tomllib

    settings: dict[str, object] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key or not value:
            raise click.UsageError(f"--set {pair}: write it as stage.param=value")
        try:
            settings[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            settings[key.strip()] = value
    if target is not None:
        settings["target.integrated_lufs"] = target
    return settings


@main.command()
@_takes
@_profile_option
@click.option("--second-meter", is_flag=True,
              help="Also measure loudness with pyloudnorm, for files that fit in memory.")  # fmt: skip
@_report_options
def check(
    paths: tuple[Path, ...],
    profile: str | None,
    second_meter: bool,
    as_json: bool,
    report_dir: Path | None,
    full: bool,
) -> None:
    """Judge each FILE, from any tool, by a screening profile."""
    from asmrmaster import mastering

    asked = mastering.profile(profile)

    def work(path: Path, update: Callable[[float], None]) -> Report:
        return mastering.check(path, asked, progress=update)

    reports, failed = _each(paths, work)
    if second_meter:
        for path, report in zip(paths, reports, strict=False):
            _second_opinion(path, report)
    _finish(reports, failed, many=len(paths) > 1, as_json=as_json, report_dir=report_dir, full=full)


def _second_opinion(path: Path, report: Report) -> None:
    from asmrmaster.second_meter import integrated_lufs

    ours, theirs = report.after.values.get("integrated_lufs"), integrated_lufs(path)
    shown = "not measurable" if ours is None else f"{ours:.2f} LUFS"
    click.echo(f"{path}: asmrmaster {shown}, pyloudnorm {theirs:.2f} LUFS", err=True)


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="REPORT.json...",
                type=click.Path(path_type=Path))  # fmt: skip
@_profile_option
@_report_options
def rescore(
    paths: tuple[Path, ...],
    profile: str | None,
    as_json: bool,
    report_dir: Path | None,
    full: bool,
) -> None:
    """Judge old measurements again by another profile; no audio needed."""
    from asmrmaster import mastering
    from asmrmaster.report import Report
    from asmrmaster.report import rescore as judge_again

    asked = mastering.profile(profile)
    reports, failed = _each(paths, lambda path, _: judge_again(Report.load(path), asked))
    _finish(reports, failed, many=len(paths) > 1, as_json=as_json, report_dir=report_dir, full=full)


@main.command()
@click.argument("folder", default="demo", type=click.Path(file_okay=False, path_type=Path))
def demo(folder: Path) -> None:
    """Make a flawed take in FOLDER (default: demo), master it, show before and after."""
    from asmrmaster import demo as maker
    from asmrmaster import mastering
    from asmrmaster.views import text

    take = maker.make_take(folder)
    click.echo(f"Made a flawed take: {take}", err=True)
    with _progress("mastering") as update:
        report = mastering.master(
            take, folder / "demo-master.wav", recipe=mastering.recipe(preset="whisper"), force=True,
            progress=update,
        )  # fmt: skip
    click.echo(text.render(report, full=True))
    sys.exit(exit_code([report]))


# --- data files -----------------------------------------------------------------------------------


def _data_command(name: str, kind_name: str, what: str) -> None:
    """One group of commands for one kind of data file: list, show, new, diff, schema."""

    def kind() -> type[Document]:
        from asmrmaster import presets

        found: type[Document] = getattr(presets, kind_name)
        return found

    @main.group(name=name, invoke_without_command=True, help=f"List, show and make {what}.")
    @click.pass_context
    def group(ctx: click.Context) -> None:
        if ctx.invoked_subcommand is None:
            ctx.invoke(list_)

    @group.command(name="list", help=f"The shipped {what}, with when to use each.")
    def list_() -> None:
        from asmrmaster.presets import load, shipped

        for shipped_name in shipped(kind()):
            document = load(kind(), shipped_name)
            click.echo(f"{document.id:<16}{document.version:<8}{document.title}")
            click.echo(f"{'':<24}{document.when}")

    @group.command(help="Show one, resolved.")
    @click.argument("name")
    @click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
    def show(name: str, as_json: bool) -> None:
        from asmrmaster.presets import load
        from asmrmaster.views.documents import show as show_document

        document = load(kind(), name)
        text = document.model_dump_json(indent=2) if as_json else show_document(document)
        click.echo(text)

    @group.command(help="Write a copy to start your own from.")
    @click.argument("name")
    @click.option("--from", "base", required=True, help="The shipped one to copy.")
    @click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: NAME.toml.")
    def new(name: str, base: str, output: Path | None) -> None:
        from asmrmaster.presets import write_copy

        path = write_copy(kind(), base, name, output or Path(f"{name}.toml"))
        click.echo(f"Wrote {path}. Change it, then use it by its path.")

    @group.command(help="What differs between two.")
    @click.argument("first")
    @click.argument("second")
    def diff(first: str, second: str) -> None:
        from asmrmaster.presets import load
        from asmrmaster.views.documents import diff as diff_documents

        click.echo(diff_documents(load(kind(), first), load(kind(), second)))

    @group.command(help="JSON Schema of this kind of file.")
    def schema() -> None:
        click.echo(json.dumps(kind().model_json_schema(), indent=2))


_data_command("presets", "Preset", "presets: how a master is made")
_data_command("eq", "EqCurve", "EQ curves: gentle tone")
_data_command("profiles", "Profile", "screening profiles: what is accepted")


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell; see the README for where it goes."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "asmrmaster", "_ASMRMASTER_COMPLETE").source())
