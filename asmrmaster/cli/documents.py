"""Commands on data files: list, show, new, diff and schema for presets, EQ curves and profiles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from asmrmaster.cli.help import Group, note
from asmrmaster.cli.help import group as help_group
from asmrmaster.cli.progress import progress
from asmrmaster.cli.values import DocumentName, Kind

if TYPE_CHECKING:
    from asmrmaster.presets import Document


Names = tuple[str, str, str]
"""Two shipped documents and a name for one's own, for the examples."""


def _group(name: str, kind_name: Kind, what: str, examples: Names) -> Group:
    """One group of commands for one kind of data file: list, show, new, diff, schema."""

    def kind() -> type[Document]:
        from asmrmaster import presets

        found: type[Document] = getattr(presets, kind_name)
        return found

    first, second, own = examples
    shipped_name = DocumentName(kind_name)

    @help_group(
        name,
        examples=(
            (f"asmrmaster {name}", f"The shipped {what.split(':')[0]}."),
            (f"asmrmaster {name} show {first}", "Everything one of them says."),
        ),
        invoke_without_command=True,
        help=f"List, show and make {what}.",
    )
    @click.pass_context
    def group(ctx: click.Context) -> None:
        if ctx.invoked_subcommand is None:
            ctx.invoke(list_)

    @group.command(
        name="list",
        examples=((f"asmrmaster {name} list", "Each with its version and when to use it."),),
        help=f"The shipped {what}, with when to use each.",
    )
    def list_() -> None:
        from asmrmaster.presets import load, shipped

        for each in shipped(kind()):
            document = load(kind(), each)
            click.echo(f"{document.id:<16}{document.version:<8}{document.title}")
            click.echo(f"{'':<24}{document.when}")
            if kind_name == "Profile":  # whoever is handed a verdict compares it
                click.echo(f"{'':<24}sha256 {document.sha256}")

    @group.command(
        examples=((f"asmrmaster {name} show {first} --json", "For other programs to read."),),
        help="Show one, with all that it inherits.",
    )
    @click.argument("name", type=shipped_name)
    @click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
    def show(name: str, as_json: bool) -> None:
        from asmrmaster.presets import load
        from asmrmaster.views.documents import show as show_document

        document = load(kind(), name)
        text = document.model_dump_json(indent=2) if as_json else show_document(document)
        click.echo(text)
        if kind_name == "Preset" and not as_json:
            click.echo(f"\nStages, and what --set STAGE.PARAMETER=VALUE can change:\n{_stages()}")

    @group.command(
        examples=((f"asmrmaster {name} new {own} --from {first}", f"Writes {own}.toml."),),
        help="Write a copy to start your own from.",
    )
    @click.argument("name")
    @click.option(
        "--from", "base", required=True, type=shipped_name, help="The shipped one to copy."
    )
    @click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: NAME.toml.")
    def new(name: str, base: str, output: Path | None) -> None:
        from asmrmaster.presets import write_copy

        path = write_copy(kind(), base, name, output or Path(f"{name}.toml"))
        note(f"Wrote {path}. Change it, then use it by its path.")

    @group.command(
        examples=((f"asmrmaster {name} diff {first} {second}", "Line by line."),),
        help="What differs between two.",
    )
    @click.argument("first", type=shipped_name)
    @click.argument("second", type=shipped_name)
    def diff(first: str, second: str) -> None:
        from asmrmaster.presets import load
        from asmrmaster.views.documents import diff as diff_documents

        click.echo(diff_documents(load(kind(), first), load(kind(), second)))

    @group.command(
        examples=((f"asmrmaster {name} schema", "What an editor checks such a file by."),),
        help="Print the JSON Schema of this kind of file.",
    )
    def schema() -> None:
        click.echo(json.dumps(_schema(kind()), indent=2))

    return group


def _stages() -> str:
    """Every stage with its parameters, their defaults and what they are."""
    from asmrmaster.stages import STAGES

    lines = []
    for name, stage in STAGES.items():
        lines.append(f"  {name}: {stage.title}")
        for key, field in stage.model_fields.items():
            usual = field.get_default(call_default_factory=True)
            default = "" if field.is_required() else f" = {usual}"
            lines.append(f"    {name}.{key}{default}: {field.description or ''}".rstrip(": "))
    return "\n".join(lines)


def _schema(kind: type[Document]) -> dict[str, Any]:
    """JSON Schema of a kind of file; of a preset with every stage and its parameters."""
    from asmrmaster.stages import STAGES

    schema = kind.model_json_schema()
    stages = schema.get("properties", {}).get("stages")
    if stages is not None:
        switch = {"enum": ["on", "off", True, False]}
        stages["properties"] = {
            name: {"anyOf": [switch, stage.model_json_schema()]} for name, stage in STAGES.items()
        }
    return schema


_profiles = _group(
    "profiles",
    "Profile",
    "screening profiles: what is accepted",
    ("general", "sleep", "clinic"),
)


@_profiles.command(
    examples=(
        (
            "asmrmaster profiles learn clinic good/*.wav",
            "Proposes limits that all of these keep, and asks before it writes clinic.toml.",
        ),
    )
)
@click.argument("name")
@click.argument(
    "paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option("--from", "base", type=DocumentName("Profile"), default="general", show_default=True,
              help="Profile to start from.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: NAME.toml.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def learn(name: str, paths: tuple[Path, ...], base: str, output: Path | None, yes: bool) -> None:
    """Propose limits from each FILE you accept; shown before they are written."""
    from asmrmaster import engine
    from asmrmaster.advice import profile_limits
    from asmrmaster.presets import write_new
    from asmrmaster.presets.recipe import load_profile

    profile = load_profile(base)
    reports = []
    for path in paths:
        with progress(path.name) as update:
            reports.append(engine.check(path, profile, progress=update))
    proposals = profile_limits.propose(profile, reports)
    click.echo("\n".join(str(proposal) for proposal in proposals) or "No limit would move.")
    if not yes and not click.confirm(f"Write these limits as {name}?", err=True):
        return
    target = output or Path(f"{name}.toml")
    write_new(type(profile), profile_limits.as_toml(base, name, proposals, len(reports)), target)
    note(f"Wrote {target}. Read it, then use it by its path.")


COMMANDS = (
    _group("presets", "Preset", "presets: how a master is made", ("gentle", "tactile", "mine")),
    _group("eq", "EqCurve", "EQ curves: gentle tone", ("warm", "flat", "mine")),
    _profiles,
    _group(
        "deliveries",
        "DeliveryTarget",
        "delivery targets: what a destination asks for",
        ("youtube", "podcast", "mine"),
    ),
)
