"""Commands on single files: master, check, rescore, demo."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from asmrmaster.cli.help import command, group, is_quiet, note
from asmrmaster.cli.options import (
    content_options,
    length_options,
    listening_options,
    mark_options,
    profile_option,
    read_corrections,
    read_settings,
    recipe_options,
    report_options,
    stream_option,
    takes,
)
from asmrmaster.cli.progress import progress
from asmrmaster.cli.results import each, exit_code, finish
from asmrmaster.cli.values import DocumentName
from asmrmaster.errors import AsmrmasterError

if TYPE_CHECKING:
    from asmrmaster.audio import Source
    from asmrmaster.audio.keeping import Keeping
    from asmrmaster.engine.job import Mend
    from asmrmaster.report import Report


@command(
    examples=(
        ("asmrmaster master take.wav", "A master beside the take, judged by the general profile."),
        (
            "asmrmaster master take.wav -o rain.wav --preset nature --profile sleep",
            "Made and judged as a bed to sleep by.",
        ),
        (
            "asmrmaster master film.mov --deliver youtube,podcast --report reports",
            "Files for two destinations besides, and the report to keep.",
        ),
    )
)
@takes
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Master to write (one take only)."
)
@stream_option
@length_options
@recipe_options
@click.option(
    "--deliver",
    type=DocumentName("DeliveryTarget", several=True),
    default="",
    metavar="TARGET,...",
    help="Also make files for destinations: youtube,podcast; see asmrmaster deliveries.",
)
@click.option(
    "--tags",
    type=click.Choice(["public", "all", "none"]),
    default="public",
    show_default=True,
    help="Tags of the take that travel: none that tell where, with what or by whom it was "
    "recorded; all; or none at all.",
)
@click.option("--dry-run", is_flag=True, help="Plan and forecast; write nothing.")
@click.option("--force", is_flag=True, help="Replace an existing output.")
@mark_options
@click.option(
    "--mend",
    "mending",
    type=click.Choice(["auto", "advise", "none"]),
    default="auto",
    show_default=True,
    help="Repairs that the take asks for: make those the preset allows, only name them, or none.",
)
@content_options
@report_options
def master(
    paths: tuple[Path, ...],
    output: Path | None,
    stream: str | None,
    start: float | None,
    duration: float | None,
    loop: float | None,
    preset: str,
    profile: str | None,
    eq: str | None,
    settings: tuple[str, ...],
    target: float | None,
    deliver: str,
    tags: Keeping,
    dry_run: bool,
    force: bool,
    protect: tuple[str, ...],
    mend: tuple[str, ...],
    undo: tuple[str, ...],
    removed: Path | None,
    labels: Path | None,
    mending: Mend,
    content: Path | None,
    reviewed_by: str,
    as_json: bool,
    report_dir: Path | None,
    full: bool,
    audio: bool,
    places: bool,
) -> None:
    """Turn each take FILE into a master, and judge the written file.

    Without -o the master is written beside the take as NAME.master.EXT. A master that does not
    meet the profile is named so: NAME.master.does-not-meet.EXT.
    """
    if len(paths) > 1 and (output or protect or mend or undo or removed or labels):
        raise click.UsageError(
            "-o, --protect, --repair, --undo, --removed and --labels are about one take; give one"
        )
    from asmrmaster import engine
    from asmrmaster.delivery import targets
    from asmrmaster.delivery.length import Length
    from asmrmaster.presets.recipe import load_recipe
    from asmrmaster.views import edit_labels

    if dry_run and (removed is not None or edit_labels.needs_master(labels)):
        raise click.UsageError(
            "--removed needs a render, as labels in a WAV do; leave out --dry-run"
        )
    corrections = read_corrections(protect, mend, undo)
    if labels is not None:
        edit_labels.check(labels, paths, force=force)

    recipe = load_recipe(
        preset=preset, profile=profile, eq=eq, settings=read_settings(settings, target)
    )

    wanted = (start, duration, loop)
    length = None if wanted == (None,) * 3 else Length(start or 0.0, duration, loop)
    destinations = targets.targets(deliver) if deliver else ()

    def work(path: Path, update: Callable[[float], None]) -> Report:
        report = engine.master(
            path, output, recipe=recipe, force=force, dry_run=dry_run, stream=stream,
            length=length, corrections=corrections, mend=mending, removed=removed,
            content=content,
            reviewed_by=reviewed_by, tags=tags, progress=update,
        )  # fmt: skip
        return targets.deliver(report, destinations, force=force) if destinations else report

    reports, failed = each(_without_masters(paths), work)
    if labels is not None:
        for report in reports:
            edit_labels.write(report, labels, force=force)
    finish(reports, failed, many=len(paths) > 1, as_json=as_json, report_dir=report_dir,
            full=full, audio=audio, force=force, places=places)  # fmt: skip


@command(
    examples=(
        ("asmrmaster check take.wav", "Whether a file meets the general profile, and if not, why."),
        (
            "asmrmaster check -q --profile sleep *.wav",
            "One line for each file; the exit code tells whether all meet.",
        ),
        (
            "asmrmaster check take.wav --report reports --codec aac:160k",
            "Also what an encoder makes of it, and a page to hand on.",
        ),
    )
)
@takes
@stream_option
@profile_option
@click.option("--codec", default="", metavar="CODEC[:RATE]",
              help="Also measure what aac, opus or mp3 would make of it: aac:160k.")  # fmt: skip
@click.option("--advise", is_flag=True,
              help="Also say what to fix at the source: hum, gain, noise, clipping.")  # fmt: skip
@click.option("--mouth-clicks", type=click.Path(path_type=Path), metavar="FILE",
              help="Also list soft clicks of a take to listen to, as labels for --repair: .txt, "
                   ".csv or .wav.")  # fmt: skip
@click.option("--second-meter", is_flag=True,
              help="Also measure loudness with pyloudnorm, for files in memory.")  # fmt: skip
@listening_options
@content_options
@report_options
def check(
    paths: tuple[Path, ...],
    stream: str | None,
    profile: str | None,
    codec: str,
    advise: bool,
    mouth_clicks: Path | None,
    second_meter: bool,
    at_ear: float | None,
    noise_at_ear: float | None,
    hours_a_week: float,
    sharpness: bool,
    content: Path | None,
    reviewed_by: str,
    as_json: bool,
    report_dir: Path | None,
    full: bool,
    audio: bool,
    places: bool,
) -> None:
    """Judge each FILE, from any tool, by a screening profile."""
    from asmrmaster import engine
    from asmrmaster.presets.recipe import load_profile
    from asmrmaster.report.at_ear import Listening
    from asmrmaster.views import edit_labels

    if mouth_clicks is not None and len(paths) > 1:
        raise click.UsageError("--mouth-clicks is about one take; give one")
    if mouth_clicks is not None:
        edit_labels.check(mouth_clicks, paths, force=False)
    asked = load_profile(profile)
    listening = Listening(at_ear, noise_at_ear, hours_a_week, sharpness)

    def work(path: Path, update: Callable[[float], None]) -> Report:
        return engine.check(
            path, asked, stream=stream, codec=codec, listening=listening, content=content,
            reviewed_by=reviewed_by, progress=update,
        )  # fmt: skip

    reports, failed = each(paths, work)
    if advise:
        checked = {Path(report.input.path): report for report in reports}
        reports, lost = each(
            tuple(checked), lambda path, update: _advised(checked[path], stream, profile, update)
        )
        failed = failed or lost
    if mouth_clicks is not None and reports:
        _list_mouth_clicks(paths[0], stream, mouth_clicks)
    if second_meter:
        for report in reports:
            _second_opinion(report, stream)
    finish(
        reports,
        failed,
        many=len(paths) > 1,
        as_json=as_json,
        report_dir=report_dir,
        full=full,
        audio=audio,
        places=places,
    )


def _without_masters(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Of several takes those that are no masters by name, so that *.wav may be given twice."""
    masters = [path for path in paths if is_master(path)]
    for path in masters:
        left = "left as it is" if len(paths) > 1 else "mastered once more"
        click.echo(f"{path}: is a master by its name, {left}", err=True)
    return paths if len(paths) == 1 else tuple(path for path in paths if path not in masters)


def is_master(path: Path) -> bool:
    """Whether a file is named as ``master`` names what it writes beside a take."""
    return ".master." in path.name.lower() or path.stem.lower().endswith(".master")


def _advised(
    report: Report, stream: str | None, profile: str | None, update: Callable[[float], None]
) -> Report:
    """The report with what to fix at the source, and what mastering could mend, and how."""
    from asmrmaster import engine
    from asmrmaster.advice.recording import advised
    from asmrmaster.presets.recipe import load_recipe
    from asmrmaster.report.next_step import next_for_take

    path = Path(report.input.path)
    recipe = load_recipe(profile=profile)
    planned = engine.master(path, recipe=recipe, dry_run=True, mend="advise", stream=stream)
    known = advised(report, _read_again(path, stream, update))
    return known.model_copy(
        update={"repairs": planned.repairs, "next": next_for_take(planned.repairs, str(path))}
    )


def _read_again(path: Path, stream: str | None, update: Callable[[float], None]) -> Source:
    """A file for one more pass over it, whose progress goes to ``update``."""
    from asmrmaster.audio import read
    from asmrmaster.engine.job import telling

    source = read(path, stream=stream)
    return replace(source, audio=telling(source.audio, update))


def _list_mouth_clicks(take: Path, stream: str | None, path: Path) -> None:
    from asmrmaster.stages.mouth_declick import find_mouth_clicks
    from asmrmaster.views.edit_labels import write_marks
    from asmrmaster.views.mouth_clicks import mouth_marks

    with progress(take.name) as update:
        marks = mouth_marks(find_mouth_clicks(_read_again(take, stream, update).audio))
    write_marks(marks, path, take, force=False)
    note(
        f"{path}: {len(marks)} soft clicks to listen to. Many will be wanted: delete those, then "
        f"asmrmaster master {take} --repair {path}"
    )


def _second_opinion(report: Report, stream: str | None) -> None:
    """Print what the other meter reads. Where it cannot measure, no verdict changes."""
    from asmrmaster.advice.second_meter import integrated_lufs

    path, ours = Path(report.input.path), report.after.values.get("integrated_lufs")
    shown = "not measurable" if ours is None else f"{ours:.2f} LUFS"
    try:
        theirs = integrated_lufs(path, stream)
    except AsmrmasterError as error:
        click.echo(f"asmrmaster: {error}", err=True)
        return
    note(f"{path}: asmrmaster {shown}, pyloudnorm {theirs:.2f} LUFS")


@command(
    examples=(
        (
            "asmrmaster rescore take.wav.report.json --profile trauma",
            "What another profile says of the same measurement.",
        ),
    )
)
@click.argument("paths", nargs=-1, required=True, metavar="REPORT.json...",
                type=click.Path(path_type=Path))  # fmt: skip
@profile_option
@report_options
def rescore(
    paths: tuple[Path, ...],
    profile: str | None,
    as_json: bool,
    report_dir: Path | None,
    full: bool,
    audio: bool,
    places: bool,
) -> None:
    """Judge old measurements again by another profile; no audio needed."""
    from asmrmaster.presets.recipe import load_profile
    from asmrmaster.report import Report
    from asmrmaster.report import rescore as judge_again

    asked = load_profile(profile)
    reports, failed = each(paths, lambda path, _: judge_again(Report.load(path), asked))
    finish(
        reports,
        failed,
        many=len(paths) > 1,
        as_json=as_json,
        report_dir=report_dir,
        full=full,
        audio=audio,
        places=places,
    )


@command(examples=(("asmrmaster demo", "A flawed take, its master and both reports, in demo/."),))
@click.argument("folder", default="demo", type=click.Path(file_okay=False, path_type=Path))
def demo(folder: Path) -> None:
    """Make a flawed take in FOLDER (default: demo), master it, show before and after."""
    from asmrmaster import demo as maker
    from asmrmaster import engine
    from asmrmaster.presets.recipe import load_recipe
    from asmrmaster.views import text

    take = maker.make_take(folder)
    note(f"Made a flawed take: {take}")
    with progress("mastering") as update:
        report = engine.master(
            take, folder / "demo-master.wav", recipe=load_recipe(preset="whisper"), force=True,
            progress=update,
        )  # fmt: skip
    if is_quiet():
        click.echo(text.headline(report))
    else:
        was = engine.check(take).answered.headline
        click.echo(f"Before: {was}. After:\n\n{text.render(report)}")
    sys.exit(exit_code([report]))


@group(examples=(("asmrmaster content new take.wav", "A form to fill in: take.content.toml."),))
def content() -> None:
    """Declare what no meter can hear: tags, forewarning, text, who listened."""


@content.command(
    name="new",
    examples=(("asmrmaster content new take.wav", "Then open take.content.toml and fill it in."),),
)
@click.argument("sound", type=click.Path(path_type=Path))
def content_new(sound: Path) -> None:
    """Write NAME.content.toml beside SOUND, with everything explained and nothing declared."""
    from asmrmaster.declarations.content import content_path, write_template

    note(f"Wrote {write_template(content_path(sound))}. Declare in it what applies.")


@command(
    examples=(
        ("asmrmaster calibrate", "Writes calibration-noise.wav and says how to measure it."),
        (
            "asmrmaster calibrate noise.wav",
            "What your sound level meter reads of it goes into check --noise-at-ear.",
        ),
    )
)
@click.argument("output", default="calibration-noise.wav", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace an existing file.")
def calibrate(output: Path, force: bool) -> None:
    """Write noise to measure a playback with, so that figures at the ear need no assumption."""
    from asmrmaster.advice import calibration_noise

    calibration_noise.write_noise(output, force=force)
    note(f"Wrote {output}. {calibration_noise.HOW_TO}")


COMMANDS = (master, check, rescore, demo, content, calibrate)
