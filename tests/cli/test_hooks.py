"""Telling other programs how a batch went."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import click
import pytest

from asmrmaster.cli.hooks import SECRET, SIGNATURE, WAITS_S, is_web, post, run_command


@contextmanager
def server(*answers: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """An address that answers so, one after the other, and what it was told: text and signature."""
    told: list[tuple[str, str]] = []
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told.append((text, self.headers.get(SIGNATURE, "")))
            self.send_response(left.pop(0))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{found.server_port}/", told
        finally:
            found.shutdown()
            thread.join()


def test_a_message_is_signed_where_there_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRET, raising=False)
    with server(200, 204) as (url, told):
        assert post(url, "{}", pause=lambda s: None)
        monkeypatch.setenv(SECRET, "between us")
        assert post(url, '{"takes": 1}', pause=lambda s: None)
    wanted = hmac.new(b"between us", b'{"takes": 1}', hashlib.sha256).hexdigest()
    assert told == [("{}", ""), ('{"takes": 1}', f"sha256={wanted}")]


def test_a_server_in_trouble_is_tried_again_and_one_that_refuses_is_not() -> None:
    waited: list[float] = []
    with server(503, 429, 200) as (url, told):
        assert post(url, "{}", pause=waited.append)
    assert (len(told), waited) == (3, [0.0, *WAITS_S[:2]])
    with server(403) as (url, told):
        assert not post(url, "{}", pause=waited.append)
    assert len(told) == 1
    with server(*[500] * 4) as (url, told):
        assert not post(url, "{}", pause=lambda s: None)
    assert len(told) == 1 + len(WAITS_S)


def test_nobody_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with server() as (url, _):
        pass
    assert not post(url, "{}", pause=lambda s: None)
    assert "--webhook was not told" in capsys.readouterr().err


def test_only_addresses_of_the_web_are_told() -> None:
    with pytest.raises(click.BadParameter):
        is_web("file:///etc/passwd")


def test_a_command_reads_the_message_and_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "told"
    assert run_command(f"(cat; echo $ASMRMASTER_EXIT_CODE) > '{file}'", '{"takes": 1}\n', 3)
    message, code = file.read_text().splitlines()
    assert (json.loads(message), code) == ({"takes": 1}, "3")
    assert not run_command("exit 7", "", 0)
    assert "ended with 7" in capsys.readouterr().err
