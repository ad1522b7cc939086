"""Options that several commands share, and how their texts are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from asmrmaster.cli.values import DocumentName, Time

if TYPE_CHECKING:
    from asmrmaster.edits.corrections import Corrections

F = TypeVar("F", bound=Callable[..., Any])


def options(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Several click options as one decorator, in the order they are listed in help."""

    def apply(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


profile_option = click.option(
    "--profile",
    "-p",
    type=DocumentName("Profile"),
    metavar="P",
    help="Screening profile: a shipped name or a TOML file.",
)
recipe_options = options(
    click.option(
        "--preset",
        type=DocumentName("Preset"),
        default="gentle",
        show_default=True,
        metavar="P",
        help="How to make it: a shipped name or a TOML file.",
    ),
    profile_option,
    click.option(
        "--eq",
        type=DocumentName("EqCurve"),
        metavar="CURVE",
        help="EQ curve: a shipped name or a TOML file.",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="STAGE.PARAM=VALUE",
        help="Change one parameter of the preset; may be repeated. STAGE=on or =off switches a "
        "stage: declip, declick, mouth_declick, hum, deplosive, denoise, plugin, highpass, "
        "equalize, deess; their parameters: asmrmaster presets show PRESET.",
    ),
    click.option("--target", type=float, metavar="LUFS", help="Loudness to aim for."),
)
report_options = options(
    click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
    click.option(
        "--report",
        "report_dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Also save each report in this folder: page, text, JSON and delivery sheet; "
        "of several files also a page that lists them.",
    ),
    click.option("--full", is_flag=True, help="Also print every figure, criterion and edit."),
    click.option(
        "--audio/--no-audio", default=True, help="Embed short excerpts in the saved page."
    ),
    click.option(
        "--paths",
        "places",
        is_flag=True,
        help="Let saved and JSON reports say where files lie, not only their names.",
    ),
)


length_options = options(
    click.option("--start", type=Time(), metavar="TIME", help="Begin here in the take."),
    click.option(
        "--duration", type=Time(), metavar="TIME",
        help="Cut to about this length, at the quietest place near it: 15:00.",
    ),
    click.option(
        "--loop", type=Time(), metavar="TIME",
        help="Repeat a bed without a seam to this length: 60:00.",
    ),
)  # fmt: skip
stream_option = click.option(
    "--stream", metavar="INDEX|LANG",
    help="Which of several sound streams: its number, from 0, or its language.",
)  # fmt: skip
takes = click.argument(
    "paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)


def read_settings(pairs: Iterable[str], target: float | None) -> dict[str, object]:
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


mark_options = options(
    click.option(
        "--protect", multiple=True, metavar="SPANS|FILE",
        help="Repair may not touch these: 1:02.5-1:03,2:10, a label file or a WAV with markers.",
    ),
    click.option(
        "--repair", "mend", multiple=True, metavar="SPANS|FILE",
        help="Mend a click in each of these, 50 ms at most.",
    ),
    click.option(
        "--undo", multiple=True, metavar="ID[,ID]",
        help="Leave these edits of an earlier render out.",
    ),
    click.option(
        "--removed", type=click.Path(path_type=Path), metavar="FILE",
        help="Also write what repair took away; a WAV has a marker at each edit.",
    ),
    click.option(
        "--labels", type=click.Path(path_type=Path), metavar="FILE",
        help="Also write the edit log: .txt for Audacity, .csv for REAPER, .wav for a copy of the "
        "master with markers.",
    ),
)  # fmt: skip


def read_corrections(
    protect: Iterable[str], mend: Iterable[str], undo: Iterable[str]
) -> Corrections:
    """Spans, label files and ids as typed. Raises ParameterError or PresetError."""
    from asmrmaster.edits.corrections import Corrections
    from asmrmaster.edits.label_files import read_spans

    def spans(texts: Iterable[str]) -> tuple[tuple[float, float], ...]:
        return tuple(span for text in texts for span in read_spans(text))

    ids = frozenset(part.strip() for text in undo for part in text.split(",") if part.strip())
    return Corrections(spans(protect), spans(mend), ids)


content_options = options(
    click.option(
        "--content",
        type=click.Path(path_type=Path),
        help="Declarations file; default NAME.content.toml beside the file, where there is one.",
    ),
    click.option(
        "--reviewed-by", default="", metavar="NAME",
        help="Who has listened to all the moments named for review.",
    ),
)  # fmt: skip
listening_options = options(
    click.option(
        "--at-ear", type=float, metavar="DBA",
        help="Mean level at the ear to assume, in dB(A); 40, 50 and 60 by default.",
    ),
    click.option(
        "--noise-at-ear", type=float, metavar="DBA",
        help="Instead: what the noise of asmrmaster calibrate reads there, at your volume.",
    ),
    click.option(
        "--hours-a-week", type=float, default=7.0, show_default=True,
        help="How long it is listened to, for the weekly dose.",
    ),
    click.option(
        "--sharpness", is_flag=True,
        help="Also work out sharpness and loudness at the assumed level.",
    ),
)  # fmt: skip
