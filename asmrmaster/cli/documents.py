"""Commands on data files: list, show, new, diff and schema for presets, EQ curves and profiles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from asmrmaster.presets import Document


def _group(name: str, kind_name: str, what: str) -> click.Group:
    """One group of commands for one kind of data file: list, show, new, diff, schema."""

    def kind() -> type[Document]:
        from asmrmaster import presets

        found: type[Document] = getattr(presets, kind_name)
        return found

    @click.group(name=name, invoke_without_command=True, help=f"List, show and make {what}.")
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
            if kind_name == "Profile":  # whoever is handed a verdict compares it
                click.echo(f"{'':<24}sha256 {document.sha256}")

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

    return group


_profiles = _group("profiles", "Profile", "screening profiles: what is accepted")


@_profiles.command()
@click.argument("name")
@click.argument(
    "paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option("--from", "base", default="general", show_default=True, help="Profile to start from.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: NAME.toml.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def learn(name: str, paths: tuple[Path, ...], base: str, output: Path | None, yes: bool) -> None:
    """Propose limits from each FILE you accept; shown before they are written."""
    from asmrmaster import engine
    from asmrmaster.advice import profile_limits
    from asmrmaster.cli.results import progress
    from asmrmaster.presets import write_new
    from asmrmaster.presets.recipe import load_profile

    profile = load_profile(base)
    reports = []
    for path in paths:
        with progress(path.name) as update:
            reports.append(engine.check(path, profile, progress=update))
    proposals = profile_limits.propose(profile, reports)
    click.echo("\n".join(str(one) for one in proposals) or "No limit would move.")
    if not yes and not click.confirm(f"Write these limits as {name}?", err=True):
        return
    target = output or Path(f"{name}.toml")
    write_new(type(profile), profile_limits.as_toml(base, name, proposals, len(reports)), target)
    click.echo(f"Wrote {target}. Read it, then use it by its path.")


COMMANDS = (
    _group("presets", "Preset", "presets: how a master is made"),
    _group("eq", "EqCurve", "EQ curves: gentle tone"),
    _profiles,
    _group("deliveries", "DeliveryTarget", "delivery targets: what a destination asks for"),
)
