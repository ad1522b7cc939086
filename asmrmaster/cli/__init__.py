"""The command line. It parses, calls and prints; every figure comes from elsewhere.

Exit codes: 0 every file meets (advisories allowed), 1 at least one does not meet, 2 at least one
gave no verdict (usage, unreadable, not assessed, could not write). Results go to standard output,
progress and messages to standard error.

One file for each group of commands. Heavy imports happen inside the commands, so that help and
completion answer at once.
"""

from __future__ import annotations

import errno
import os
import shlex
import sys
import warnings
from pathlib import Path
from typing import Any

import click

from asmrmaster import __version__
from asmrmaster.cli import batch, documents, files, library, serve, sign, together, verify, view
from asmrmaster.cli.help import Group
from asmrmaster.cli.results import EXIT_NO_VERDICT, exit_code
from asmrmaster.errors import AsmrmasterError
from asmrmaster.runtime.memory import leave_uncollected, reuse_freed_memory, seldom_collect
from asmrmaster.runtime.signals import reap_children

__all__ = ["exit_code", "main"]

TOO_MANY = (
    "asmrmaster: this system lets a program have too few files open at once. Use fewer --jobs, or"
    " raise the limit: ulimit -n 256"
)
WIDTH = 100
"""Help is no wider than this, however wide the terminal."""

# The matrices here are small: waking OpenBLAS's own threads costs more than they earn. It must be
# set before NumPy is loaded; where the user has set it, that stands.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class Program(Group):
    """The program. It turns every intended error into one line and exit code 2, in one place."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AsmrmasterError as error:
            click.echo(f"asmrmaster: {error}", err=True)
            ctx.exit(error.exit_code)
        except (KeyboardInterrupt, click.Abort):
            click.echo("asmrmaster: interrupted; nothing was published", err=True)
        except BrokenPipeError:
            sys.stderr.close()
        ctx.exit(EXIT_NO_VERDICT)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command. For a file or folder in its place, a usage error names what was meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            if not (meant := _meant(args)):
                raise
            lines = "\n".join(f"  {line}" for line in meant)
            text = f"{args[0]} is no command. Did you mean one of these?\n{lines}"
            raise click.UsageError(text, ctx) from None

    def main(self, *args: Any, **options: Any) -> Any:
        try:
            return super().main(*args, **options)
        except OSError as error:  # such as a full disk behind standard output
            if error.errno == errno.EMFILE:
                click.echo(TOO_MANY, err=True)
                sys.exit(EXIT_NO_VERDICT)
            place = error.filename or "the result cannot be printed"
            click.echo(f"asmrmaster: {place}: {error.strerror or error}", err=True)
            sys.exit(EXIT_NO_VERDICT)


def _meant(args: list[str]) -> list[str]:
    """The commands somebody may have meant who began with a file or folder, not with a command."""
    from asmrmaster.audio.extensions import is_sound

    first, rest = Path(args[0]), shlex.join(args)
    if first.is_dir():
        return [f"asmrmaster batch {rest} masters", f"asmrmaster serve {rest}"]
    if first.suffix == ".json" and first.is_file():
        return [f"asmrmaster view {rest}"]
    if is_sound(first.name) or first.is_file():
        return [f"asmrmaster master {rest}", f"asmrmaster check {rest}"]
    return []


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
    examples=(
        ("asmrmaster demo", "See it work: a flawed take, mastered, before and after."),
        ("asmrmaster master take.wav", "Turn a take into a master."),
        ("asmrmaster check any.wav", "Judge any file, from any tool."),
    ),
)
@click.version_option(__version__, message="asmrmaster %(version)s")
def main() -> None:
    """Master ASMR recordings so that a screening profile accepts them, and prove it.

    Start with `asmrmaster demo`. Not a medical device: it reports what it measured against a
    named profile.
    """
    reap_children()
    reuse_freed_memory()
    warnings.showwarning = _print_warning


def _print_warning(message: Warning | str, *where: object, **more: object) -> None:
    """A warning as one line for people; the place in the code it comes from tells them nothing."""
    click.echo(f"asmrmaster: {message}", err=True)


def run() -> None:
    """The program; it ends with the exit code of the contract."""
    seldom_collect()
    try:
        main(prog_name="asmrmaster")
    finally:
        leave_uncollected()


for _command in (
    *files.COMMANDS,
    *batch.COMMANDS,
    *library.COMMANDS,
    *documents.COMMANDS,
    *serve.COMMANDS,
    *view.COMMANDS,
    *together.COMMANDS,
    *verify.COMMANDS,
    *sign.COMMANDS,
):
    main.add_command(_command)


@main.command(
    examples=(
        (
            "asmrmaster completion bash >> ~/.bashrc",
            "Commands, options, presets, profiles, curves.",
        ),
    )
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell; see the README for where it goes."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "asmrmaster", "_ASMRMASTER_COMPLETE").source())
