"""Errors are one line of words, whatever file they are about."""

from __future__ import annotations

from asmrmaster.errors import InputError
from asmrmaster.views import text
from tests import made_reports


def test_a_message_names_the_file_and_what_to_do() -> None:
    error = InputError("is empty", subject="take.wav", hint="Export it again")
    assert str(error) == "take.wav: is empty. Export it again"
    assert str(InputError("is empty")) == "is empty"


def test_what_would_move_a_terminal_is_escaped() -> None:
    error = InputError("tag \x1b[2J\r\nnot allowed", subject="a\u202eb\udcff.wav")
    assert str(error) == r"a\u202eb\udcff.wav: tag \x1b[2J\r\nnot allowed"
    assert str(InputError("ein Ü, 音")) == "ein Ü, 音"


def test_a_report_in_text_does_not_move_a_terminal() -> None:
    report = made_reports.checked(made_reports.HOSTILE)
    shown = text.render(report, full=True) + text.headline(report)
    assert not set("\x07\x1b\u202e") & set(shown)
    assert "<script>" in shown
