"""Commands on keys, and signing reports with them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from asmrmaster.cli.help import command, group, note


@group(
    "keys",
    examples=(
        ('asmrmaster keys new "Anna Weber" -o anna', "Writes anna.key and anna.pub."),
        ("asmrmaster keys show anna.pub", "The words to read out."),
    ),
)
def keys() -> None:
    """Make keys that sign reports, and show them in words that can be read out.

    NAME.key stays with its owner; NAME.pub is handed out. Whoever is handed one asks its owner for
    the words, and adds its line to a file of keys for `verify --trust`.
    """


@keys.command(
    examples=(('asmrmaster keys new "Anna Weber" -o anna', "Writes anna.key and anna.pub."),)
)
@click.argument("name")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="BASE",
              help="Where to write BASE.key and BASE.pub. Default: from the name.")  # fmt: skip
def new(name: str, output: Path | None) -> None:
    """Make a key for NAME. No file is ever written over."""
    from asmrmaster.signatures import new_key

    base = output or Path("-".join("".join(c if c.isalnum() else " " for c in name).split()).lower()
                          or "key")  # fmt: skip
    key = new_key(name, base)
    click.echo(f"{key.public.name}: {key.public.words}")
    note(
        f"Keep {base}.key to yourself, and a copy of it: it cannot be made again. "
        f"Hand out {base}.pub, and read these words to whoever asks."
    )


@keys.command(examples=(("asmrmaster keys show anna.pub", "Name and words of each key in it."),))
@click.argument("file", type=click.Path(path_type=Path))
def show(file: Path) -> None:
    """Show the public keys in a FILE: each with its name and its words."""
    from asmrmaster.signatures import read_keys

    for key in read_keys(file):
        click.echo(f"{key.name}: {key.words}")


@command(
    examples=(
        (
            "asmrmaster sign rain.wav.report.html --key anna.key",
            "Inside, beside who signed before.",
        ),
        (
            "asmrmaster sign rain.wav.report.json --key anna.key --detached",
            "Into rain.wav.report.json.signatures.json; the report stays as it is.",
        ),
    )
)
@click.argument("report", type=click.Path(path_type=Path))
@click.option("--key", "key_file", required=True, type=click.Path(path_type=Path),
              metavar="FILE.key", help="Your private key; see asmrmaster keys new.")  # fmt: skip
@click.option("--detached", is_flag=True, help="Into a file beside the report.")
def sign(report: Path, key_file: Path, detached: bool) -> None:
    """Sign a REPORT: say that you stand behind it.

    REPORT is the JSON, the saved page or the delivery sheet. Signed is all it states: the hash of
    its file, values, profile, declarations, what was listened to and how it was judged. It does
    not say that any of it is true; `verify` measures that.
    """
    from asmrmaster import signatures
    from asmrmaster.report import open_saved, resaved
    from asmrmaster.views import files

    key = signatures.read_private(key_file)
    stated = open_saved(report)
    beside = signatures.beside(report)
    before = signatures.read_beside(beside) if detached else stated.signatures
    on = datetime.now(UTC).date().isoformat()
    stated = stated.model_copy(update={"signatures": before})
    made = signatures.sign(stated, key, on)
    if detached:
        files.write({beside: signatures.store((*before, made))}, force=True)
    else:
        signed = stated.model_copy(update={"signatures": (*before, made)})
        files.write({report: resaved(report, signed)}, force=True)
    click.echo(f"Signed by {key.public.name}, {stated.verdict!r}: {key.public.words}")
    note(f"Hand on {report}{f' and {beside.name}' if detached else ''} with {key_file.stem}.pub; "
         "who is handed it says: asmrmaster verify REPORT FILE --trust KEYS")  # fmt: skip


COMMANDS = (keys, sign)
