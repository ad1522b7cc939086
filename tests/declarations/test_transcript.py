"""Transcripts: words and speech time from SubRip, WebVTT and plain text, and hostile files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.declarations.transcript import (
    MOST_BYTES,
    Transcript,
    count_words,
    decoded,
    parse_transcript,
    read_transcript,
)
from asmrmaster.errors import InputError
from asmrmaster.meters.pace import words_per_minute

SRT = """\
1
00:00:01,000 --> 00:00:04,000
<i>Hello</i> and welcome.

2
00:00:05,500 --> 00:00:08,000 X1:40 X2:600
{\\an8}It's a well-lit room [rain outside]
(whispering) tonight
"""

VTT = """\
WEBVTT - a title

NOTE
this is a remark, and no cue

STYLE
::cue { color: white }

intro
00:01.000 --> 00:04.000 align:start
<v Anna>Hello and welcome.

00:00:05.500 --> 00:00:08.000
It's a well-lit room tonight
"""


@pytest.mark.parametrize("text", [SRT, VTT, SRT.replace("\n", "\r\n"), VTT + "\n\n\n"])
def test_both_formats_read_alike(text: str) -> None:
    transcript = parse_transcript(text, timed=True)
    assert transcript.words == 8  # hello and welcome it's a well-lit room tonight
    assert transcript.speech_s == pytest.approx(5.5)
    assert transcript.end_s == 8


def test_plain_text_has_words_and_no_time() -> None:
    assert parse_transcript("One, two … three!\n\nfour", timed=False) == Transcript(4, None, 0.0)
    assert parse_transcript("", timed=False).words == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("don't stop", 2),
        ("e\u2019er so well-being", 3),
        ("naïve Überraschung, 42 things", 4),
        ("– — … ♪ ?!", 0),
        ("a_b", 2),
        ("<b>bold</b> [door closes] (sighs) yes", 2),
        ("3 < 4 and 5", 4),
    ],
)
def test_words(text: str, words: int) -> None:
    assert count_words(text) == words


def test_overlapping_and_unordered_cues_count_once() -> None:
    text = (
        "00:10.000 --> 00:20.000\nthree\n\n"
        "00:00.000 --> 00:05.000\none\n\n"
        "00:04.000 --> 00:12.000\ntwo\n\n"
        "00:11.000 --> 00:11.500\nfour\n"
    )
    transcript = parse_transcript(text, timed=True)
    assert transcript.speech_s == pytest.approx(20)
    assert transcript.words == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no cues"),
        ("just some words", "no cues"),
        ("1\n-00:00:01,000 --> 00:00:02,000\nx", "line 2: '-00:00:01,000' is not a time"),
        ("00:00:05,000 --> 00:00:02,000\nx", "line 1: the cue ends at 00:00:02,000 before"),
        ("\n\n00:61.000 --> 00:62.000\nx", "line 3: '00:61.000' has more than 59"),
        ("00:01.000 -->\nx", "line 1: '' is not a time"),
        ("--> 00:01.000\nx", "line 1: '' is not a time"),
        ("00:01 --> 00:02\nx", "line 1: '00:01' is not a time"),
        ("00:01.000 --> nan\nx", "line 1: 'nan' is not a time"),
        ("99999999999:00:00.000 --> 1\nx", "is not a time"),
        ("00:01.000 --> 00:02.000\nx\n00:03.000 --> 00:04.000\ny", "line 3: a cue must follow"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        parse_transcript(text, timed=True)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n\x1a\n\xff\xfe\x00", "not text in UTF-8"),
        (b"caf\xe9 noir", "not text in UTF-8"),
        (b"zero \x00 bytes", "zero bytes"),
        (b"\xff\xfea", "not text in UTF-8"),
        (b"a" * (MOST_BYTES + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decoded(data)


def test_marks_of_byte_order_are_read() -> None:
    assert decoded("\ufeffhello".encode()) == "hello"
    assert decoded("hello".encode("utf-16")) == "hello"


def test_files_are_read_by_their_extension(tmp_path: Path) -> None:
    for suffix, text in ((".srt", SRT), (".VTT", VTT), (".txt", "five words are in here")):
        path = tmp_path / f"take{suffix}"
        path.write_text(text, encoding="utf-8")
        assert read_transcript(path).words in (5, 8)
    wrong = tmp_path / "take.docx"
    wrong.write_text("x")
    with pytest.raises(InputError, match=r"docx is not a kind of transcript.*Use .srt"):
        read_transcript(wrong)
    with pytest.raises(InputError, match=r"missing.srt: cannot be read: No such file"):
        read_transcript(tmp_path / "missing.srt")
    (tmp_path / "bad.srt").write_text("nothing")
    with pytest.raises(InputError, match=r"bad.srt: holds no cues. A cue has"):
        read_transcript(tmp_path / "bad.srt")


@given(st.text(max_size=300) | st.text(alphabet="0123456789:.,-> \n<>[](){}ab", max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        transcript = parse_transcript(text, timed=True)
    except InputError:
        return
    assert transcript.speech_s is not None
    assert 0 <= transcript.speech_s <= transcript.end_s


def test_a_large_hostile_text_takes_no_time() -> None:
    for unit in ("<", "a'", "((", "{a", "0:", "a\n\n", "-->"):
        text = unit * (1_000_000 // len(unit))
        assert count_words(text) >= 0
        with pytest.raises(InputError):
            parse_transcript(text, timed=True)


def test_pace_is_words_over_speech() -> None:
    assert words_per_minute(120, 60) == 120
    assert words_per_minute(10, 5) == 120
    assert words_per_minute(10, 4.9) is None
    assert words_per_minute(0, 60) is None
