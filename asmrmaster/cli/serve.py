"""The command that serves the local page."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument(
    "folder", required=False, type=click.Path(file_okay=False, exists=True, path_type=Path)
)
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535),
              help="0 takes any that is free.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Address to serve. Beyond this machine a password is asked for.")  # fmt: skip
@click.option("--profile", "-p", "profiles", multiple=True, metavar="P",
              help="A profile of your own to offer, as a TOML file; may be repeated.")  # fmt: skip
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1, 64),
              help="Files worked on at once.")  # fmt: skip
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
def serve(
    folder: Path | None, port: int, host: str, profiles: tuple[str, ...], jobs: int, show: bool
) -> None:
    """Check and master files on a page of this machine.

    Files of FOLDER can be picked on the page; nothing is ever written there. Nothing leaves this
    machine. With --host beyond it, the page asks for the password in ASMRMASTER_PASSWORD (or typed
    here); sound and password are not encrypted on the way.
    """
    from asmrmaster.web import security, server

    password = ""
    if not security.is_loopback(host):
        click.echo(
            f"Others can reach {host}. The page asks them for a password; on the way, it and the "
            "sound can be read by whoever can listen to this network.",
            err=True,
        )
        password = _password()

    def tell(address: str) -> None:
        click.echo(f"{address}")
        click.echo("Open this address in a browser. Ctrl-C ends the page and forgets it all.",
                   err=True)  # fmt: skip
        if show:
            click.launch(address)

    server.serve(
        folder, host=host, port=port, password=password, profiles=profiles, jobs=jobs, tell=tell
    )


def _password() -> str:
    import os

    return os.environ.get("ASMRMASTER_PASSWORD") or str(
        click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )


COMMANDS = (serve,)
