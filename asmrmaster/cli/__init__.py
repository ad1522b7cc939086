"""The command line. It parses, calls and prints; every figure comes from elsewhere.

Exit codes: 0 every file meets (advisories allowed), 1 at least one does not meet, 2 at least one
gave no verdict (usage, unreadable, not assessed, could not write). Results go to standard output,
progress and messages to standard error.

One file for each group of commands. Heavy imports happen inside the commands, so that help and
completion answer at once.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

import click

from asmrmaster import __version__
from asmrmaster.cli import batch, documents, files, library, serve, together, verify, view
from asmrmaster.cli.results import EXIT_NO_VERDICT, exit_code
from asmrmaster.errors import AsmrmasterError
from asmrmaster.runtime.signals import reap_children

__all__ = ["exit_code", "main"]

# The matrices here are small: waking OpenBLAS's own threads costs more than they earn. It must be
# said before NumPy is loaded, and a user who set it otherwise is right.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


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

    def main(self, *args: Any, **options: Any) -> Any:
        try:
            return super().main(*args, **options)
        except OSError as error:  # such as a full disk behind standard output
            place = error.filename or "the result cannot be printed"
            click.echo(f"asmrmaster: {place}: {error.strerror or error}", err=True)
            sys.exit(EXIT_NO_VERDICT)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="asmrmaster %(version)s")
def main() -> None:
    """Master ASMR recordings so that a screening profile accepts them, and prove it.

    Start with `asmrmaster demo`. Not a medical device: it reports what it measured against a
    named profile.
    """
    reap_children()
    warnings.showwarning = _tell


def _tell(message: Warning | str, *given: object, **named: object) -> None:
    """A warning as one line for people; the place in the code it comes from tells them nothing."""
    click.echo(f"asmrmaster: {message}", err=True)


def run() -> None:
    """The program; it ends with the exit code of the contract."""
    main(prog_name="asmrmaster")


for _command in (
    *files.COMMANDS,
    *batch.COMMANDS,
    *library.COMMANDS,
    *documents.COMMANDS,
    *serve.COMMANDS,
    *view.COMMANDS,
    *together.COMMANDS,
    *verify.COMMANDS,
    *verify.COMMANDS,
):
    main.add_command(_command)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell; see the README for where it goes."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "asmrmaster", "_ASMRMASTER_COMPLETE").source())
