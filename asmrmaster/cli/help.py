"""How help reads: examples first, options in groups, and every summary in full."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

QUIET = "asmrmaster.quiet"
"""Where the context keeps that ``--quiet`` was given, before the command or after it."""
MOST_UNGROUPED = 10
"""A list of options up to this long is read at a glance and needs no groups."""
OTHER = "Options"

OPTION_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Part of the take": ("stream", "start", "duration", "loop"),
    "How it is made and judged": ("preset", "profile", "eq", "settings", "target", "way", "per"),
    "Corrections": ("mending", "protect", "mend", "undo", "removed", "labels"),
    "More to measure": ("codec", "advise", "mouth_clicks", "second_meter"),
    "Level at the ear": ("at_ear", "noise_at_ear", "hours_a_week", "sharpness"),
    "Declarations": ("content", "reviewed_by"),
    "Work": (
        "jobs",
        "cluster",
        "watch",
        "retry",
        "keep",
        "checksum",
        "timeout_s",
        "wait_for_it",
        "ledger",
    ),
    "Output": ("output", "deliver", "tags", "check", "dry_run", "force"),
    "Report": ("as_json", "report_dir", "full", "audio", "places", "told", "on_done", "webhook"),
}
"""Groups in the order help lists them, with the names of their parameters."""

COMMAND_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Make and judge": ("master", "check", "batch", "serve", "demo"),
    "Reports": ("view", "rescore", "verify", "sign", "keys", "library"),
    "What it goes by": ("presets", "eq", "profiles", "deliveries"),
}
"""Groups of the commands of the program; whatever is in none comes last."""


class _Examples(click.Command):
    """A command that shows how it is called. examples: command lines and what each does."""

    def __init__(
        self, *args: Any, examples: Iterable[tuple[str, str]] = (), **attributes: Any
    ) -> None:
        super().__init__(*args, **attributes)
        self.examples = tuple(examples)
        self.params.append(_quiet_option())

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What it is for, then its examples."""
        super().format_help_text(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for line, meaning in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
                    formatter.indent()
                    formatter.write_text(meaning)
                    formatter.dedent()

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence of its help, whole."""
        first = inspect.cleandoc(self.short_help or self.help or "").split("\n\n")[0]
        sentence = " ".join(first.split()).partition(". ")[0]
        return sentence.removesuffix(".")


class Command(_Examples):
    """A command with examples, whose many options stand in groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, in the groups of ``OPTION_GROUPS`` where there are many."""
        rows: dict[str, list[tuple[str, str]]] = {title: [] for title in (*OPTION_GROUPS, OTHER)}
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        shown = [(option.name or "", option.get_help_record(ctx)) for option in options]
        listed = [(name, record) for name, record in shown if record is not None]
        grouped = len(listed) > MOST_UNGROUPED
        for name, record in listed:
            rows[group_of(name) if grouped else OTHER].append(record)
        for title, records in rows.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class Group(_Examples, click.Group):
    """A group of commands that lists them with whole summaries."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, in the groups of ``COMMAND_GROUPS`` where this is the program itself."""
        commands = {
            name: command.get_short_help_str()
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None and not command.hidden
        }
        groups = COMMAND_GROUPS if ctx.parent is None else {}
        listed = {name for names in groups.values() for name in names}
        more = tuple(name for name in commands if name not in listed)
        for title, names in {**groups, "More" if groups else "Commands": more}.items():
            rows = [(name, commands[name]) for name in names if name in commands]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def group_of(name: str) -> str:
    """The title of the group a parameter belongs to."""
    return next((title for title, names in OPTION_GROUPS.items() if name in names), OTHER)


def command(
    name: str | None = None, *, examples: Iterable[tuple[str, str]], **attributes: Any
) -> Callable[[Callable[..., Any]], Command]:
    """``click.command`` for a command with examples."""
    return click.command(name, cls=Command, examples=examples, **attributes)


def group(
    name: str | None = None, *, examples: Iterable[tuple[str, str]], **attributes: Any
) -> Callable[[Callable[..., Any]], Group]:
    """``click.group`` for a group with examples."""
    return click.group(name, cls=Group, examples=examples, **attributes)


def is_quiet() -> bool:
    """Whether ``--quiet`` was given to the command that runs."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(QUIET))


def note(text: str) -> None:
    """A message on standard error, which ``--quiet`` leaves out; errors are not messages."""
    if not is_quiet():
        click.echo(text, err=True)


def _quiet_option() -> click.Option:
    def keep(ctx: click.Context, option: click.Parameter, given: bool) -> None:
        if given:
            ctx.meta[QUIET] = True

    return click.Option(
        ["-q", "--quiet"],
        is_flag=True,
        expose_value=False,
        callback=keep,
        help="No progress and no messages but errors; of a report one line for each file.",
    )
