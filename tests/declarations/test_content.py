"""Declarations: what they may hold, what they are worth, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.audio import write
from asmrmaster.audio.source import Format
from asmrmaster.declarations.content import (
    MISOPHONIA_CORE,
    TAGS,
    Content,
    content_path,
    load_content,
    measure_content,
    undeclared,
    write_template,
)
from asmrmaster.errors import AsmrmasterError, InputError, OutputError, PresetError
from asmrmaster.meters import QUANTITIES
from asmrmaster.meters.declared import DECLARED
from asmrmaster.streams.audio import Audio
from tests.signals import noise


def load(text: str, folder: Path) -> Content:
    path = folder / "take.content.toml"
    path.write_text(text, encoding="utf-8")
    return load_content(path)


def measure(
    text: str, folder: Path, duration_s: float = 60.0, review_s: tuple[float, ...] = ()
) -> dict[str, float | None]:
    return dict(measure_content(load(text, folder), folder, duration_s, review_s).values)


FULL = """
title = "Soft tapping"
description = "Tapping on wood and glass, whispered introduction."
tags = ["whisper", "tapping-clicking", "breathing"]
forewarning = "spoken"
volume_passage_s = [0.0, 12.0]
transcript = "take.srt"

[[chapters]]
at_s = 0
title = "Welcome"
[[chapters]]
at_s = 30.5
title = "Wood"

[review]
by = "A. Listener"
moments = [{ at_s = 12.0, note = "a page turns" }, { at_s = 41.0 }]
"""


def test_full_declarations_have_all_their_values(tmp_path: Path) -> None:
    (tmp_path / "take.srt").write_text(f"00:01.000 --> 00:31.000\n{'word ' * 55}\n")
    values = measure(FULL, tmp_path, review_s=(10.5, 25.0, 43.0))
    assert values == {
        "content_tags_declared": 1,
        "moments_unwelcome": None,
        "misophonia_core_tags": 2,
        "forewarning_given": 1,
        "volume_passage_given": 1,
        "chapter_marks": 2,
        "health_claims": 0,
        "review_points_confirmed": 2,
        "words_per_minute": 110,
        "voice_over_bed_db": None,
    }


def test_what_is_not_declared_is_not_known(tmp_path: Path) -> None:
    assert set(undeclared().values.values()) == {None}
    assert set(undeclared().values) == {quantity.name for quantity in DECLARED} <= set(QUANTITIES)
    values = measure("", tmp_path)
    assert values.pop("content_tags_declared") == 0  # the file is there and lists none
    assert set(values.values()) == {None}


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("tags = []", "content_tags_declared", 1),
        ("tags = []", "misophonia_core_tags", 0),
        ('tags = ["water", "fire"]', "misophonia_core_tags", 0),
        ('tags = ["mouth", "mouth"]', "misophonia_core_tags", 1),
        ('forewarning = "none"', "forewarning_given", 0),
        ('forewarning = "written"', "forewarning_given", 1),
        ('title = "Cures insomnia"', "health_claims", 1),
        ('title = "x"\ndescription = "Heals trauma. Reduces stress."', "health_claims", 2),
        ('title = ""', "health_claims", 0),
        ('[review]\nby = "me"', "review_points_confirmed", 0),
    ],
)
def test_single_declarations(tmp_path: Path, text: str, name: str, value: float) -> None:
    assert measure(text, tmp_path, review_s=(5.0,))[name] == value


def test_every_core_tag_is_in_the_vocabulary(tmp_path: Path) -> None:
    assert set(TAGS) >= MISOPHONIA_CORE
    every = ", ".join(f'"{tag}"' for tag in TAGS)
    assert measure(f"tags = [{every}]", tmp_path)["misophonia_core_tags"] == len(MISOPHONIA_CORE)


@pytest.mark.parametrize(("at_s", "confirmed"), [(17.9, 0), (18.1, 1), (21.9, 1), (22.1, 0)])
def test_a_moment_is_covered_within_two_seconds(
    tmp_path: Path, at_s: float, confirmed: int
) -> None:
    text = f'[review]\nby = "me"\nmoments = [{{ at_s = {at_s} }}]'
    assert measure(text, tmp_path, review_s=(20.0,))["review_points_confirmed"] == confirmed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tagz = []", "unknown key 'tagz'; did you mean 'tags'?"),
        ('tags = ["wisper"]', "tags: unknown tag 'wisper'; did you mean 'whisper'?"),
        ('tags = "whisper"', "tags = 'whisper'"),
        ('forewarning = "perhaps"', "forewarning = 'perhaps'"),
        ("[stems]\nvoice = 'v.wav'", "stems.background is missing"),
        ("[stems]\nvoise = 'v.wav'\nbackground = 'b.wav'", "did you mean 'voice'?"),
        ("[review]\nmoments = []", "review.by is missing"),
        ('[review]\nby = "x"\nmoments = [{ at = 3 }]', "unknown key 'at'; did you mean 'at_s'?"),
        ("[[chapters]]\nat_s = -1\ntitle = 'x'", "chapters.0.at_s = -1"),
        ("[[chapters]]\nat_s = nan\ntitle = 'x'", "chapters.0.at_s = nan"),
        ("volume_passage_s = [5, 5]", "5 to 5 s is no passage"),
        ("volume_passage_s = [5]", "volume_passage_s"),
        ("tags = [", "is not readable TOML"),
        ("title = 1", "title = 1"),
        (f"title = '{'x' * 501}'", "at most 500"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PresetError) as error:
        load(text, tmp_path)
    assert message in str(error.value)
    assert str(error.value).startswith("take.content.toml: ")


def test_files_that_are_no_declarations(tmp_path: Path) -> None:
    path = tmp_path / "take.content.toml"
    with pytest.raises(PresetError, match="cannot be read: No such file"):
        load_content(path)
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(PresetError, match="is not readable TOML"):
        load_content(path)
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(PresetError, match="larger than 1 MB"):
        load_content(path)
    path.write_text("x = " + "[" * 5000)
    with pytest.raises(PresetError, match="is not readable TOML"):
        load_content(path)


@given(st.text(max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        try:
            load(text.replace("\0", ""), Path(folder))
        except AsmrmasterError:
            return


def test_a_passage_or_transcript_beyond_the_end_belongs_to_another_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends at 12 s, after the end of the file \(10.0 s\)"):
        measure("volume_passage_s = [0, 12]", tmp_path, 10)
    (tmp_path / "take.srt").write_text("00:01.000 --> 01:01.500\nwords\n")
    with pytest.raises(InputError, match=r"take.srt: runs to 61.5 s and the file only to 60.0 s"):
        measure('transcript = "take.srt"', tmp_path, 60)
    assert measure('transcript = "take.srt"', tmp_path, 61)["words_per_minute"] is not None


def test_plain_text_is_spread_over_the_whole_file(tmp_path: Path) -> None:
    (tmp_path / "take.txt").write_text("word " * 100)
    assert measure('transcript = "take.txt"', tmp_path, 60)["words_per_minute"] == 100
    assert measure('transcript = "take.txt"', tmp_path, 4)["words_per_minute"] is None


def test_stems_are_measured_and_must_fit(tmp_path: Path) -> None:
    for name, level in (("voice", -30), ("bed", -52)):
        audio = Audio.from_array(noise(level, 6, seed=-level), 48_000)
        write(audio, tmp_path / f"{name}.wav", Format("WAV", "PCM_16", bits=16))
    text = '[stems]\nvoice = "voice.wav"\nbackground = "bed.wav"'
    assert measure(text, tmp_path, 6)["voice_over_bed_db"] == pytest.approx(22, abs=0.1)
    with pytest.raises(InputError, match=r"voice.wav: is 6.0 s long and the file 60.0 s"):
        measure(text, tmp_path, 60)
    with pytest.raises(InputError, match=r"missing.wav"):
        measure(text.replace("bed", "missing"), tmp_path, 6)


def test_the_template_declares_nothing_and_loads_with_all_of_it(tmp_path: Path) -> None:
    path = write_template(content_path(tmp_path / "take.wav"))
    assert path == tmp_path / "take.content.toml"
    assert load_content(path) == Content()
    everything = "\n".join(
        line.removeprefix("# ")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("# ") and (" = " in line or line[2] in '[]" }')
    )
    other = tmp_path / "other"
    other.mkdir()
    content = load(everything.replace('by = ""', 'by = "me"'), other)
    assert content.tags == tuple(TAGS)
    assert content.review is not None
    assert content.review.moments[0].at_s == 92.5
    assert content.stems is not None
    assert content.chapters[0].title == "Welcome"
    with pytest.raises(OutputError, match="exists already"):
        write_template(path)
    with pytest.raises(OutputError, match="cannot be written: No such file"):
        write_template(tmp_path / "missing" / "take.content.toml")


@pytest.mark.parametrize("name", ["../out.txt", "/etc/hostname.txt", "link.txt", "a/../../out.txt"])
def test_a_transcript_elsewhere_is_not_read(tmp_path: Path, name: str) -> None:
    """Declarations come from somebody else, and shall not tell what lies on this machine."""
    folder = tmp_path / "take"
    (folder / "a").mkdir(parents=True)
    (tmp_path / "out.txt").write_text("one two three")
    (folder / "link.txt").symlink_to(tmp_path / "out.txt")
    with pytest.raises(InputError, match="does not lie beside"):
        measure(f'transcript = "{name}"', folder, 60)
    with pytest.raises(InputError, match="does not lie beside"):
        measure(f'[stems]\nvoice = "{name}"\nbackground = "b.wav"', folder, 60)
    (folder / "a" / "in.txt").write_text("one two three")
    assert measure('transcript = "a/in.txt"', folder, 60)["words_per_minute"] is not None
