"""Telling other programs how a batch went: a command, or an address. Off unless asked for."""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import click

SECRET = "ASMRMASTER_WEBHOOK_SECRET"
"""What a message to the web is signed with, where the environment has it."""
SIGNATURE = "X-Asmrmaster-Signature"
"""The header with ``sha256=`` and the HMAC-SHA256 of the message (RFC 2104), in hexadecimal."""
WAITS_S = (1.0, 5.0, 25.0)
"""How long is waited before each further try."""
TIMEOUT_S = 20.0


def run_command(command: str, message: str, exit_code: int) -> bool:
    """Run a command line with the message on its standard input; whether it succeeded."""
    env = {**os.environ, "ASMRMASTER_EXIT_CODE": str(exit_code)}
    done = subprocess.run(command, shell=True, input=message, text=True, env=env, check=False)
    if done.returncode:
        click.echo(f"asmrmaster: --on-done ended with {done.returncode}", err=True)
    return not done.returncode


def post(url: str, message: str, *, pause: Callable[[float], None] = time.sleep) -> bool:
    """Send the message, a JSON text, to an address; whether it was taken.

    Tried again where nobody answers, or the answer is that of a server in trouble (5xx, 429).
    """
    data = message.encode()
    headers = {"Content-Type": "application/json"}
    if secret := os.environ.get(SECRET):
        signed = hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()
        headers[SIGNATURE] = f"sha256={signed}"
    why = ""
    for wait_s in (0.0, *WAITS_S):
        pause(wait_s)
        try:
            request = urllib.request.Request(url, data, headers, method="POST")
            with urllib.request.urlopen(request, timeout=TIMEOUT_S):
                return True
        except urllib.error.HTTPError as error:
            error.close()
            why = f"it answered {error.code}"
            if error.code < 500 and error.code != 429:
                break
        except (OSError, ValueError) as error:
            why = str(error)
    click.echo(f"asmrmaster: --webhook was not told: {why}", err=True)
    return False


def is_web(url: str) -> str:
    """The address, if it is one of the web; a usage error otherwise."""
    if not url.startswith(("https://", "http://")):
        raise click.BadParameter("an address begins with https:// or http://")
    return url
