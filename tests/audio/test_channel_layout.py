"""Where channels belong: what is measured for another layout than the file's is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from asmrmaster.audio import read
from asmrmaster.audio.channel_layout import WAVE_ORDER, layout_notes, speakers_of
from asmrmaster.errors import InputError
from tests.media import ffmpeg
from tests.signals import noise


def test_a_mask_names_its_speakers() -> None:
    assert speakers_of(0x60F) == ("FL", "FR", "FC", "LFE", "SL", "SR")
    assert speakers_of(0) == ()


@pytest.mark.parametrize("speakers", [
    "FL FR", "FC", "FL FR FC", "FL FR SL SR", "FL FR FC LFE BL BR", "FL FR FC LFE BL BR SL SR",
])  # fmt: skip
def test_the_usual_layouts_need_no_word(speakers: str) -> None:
    names = speakers.split()
    assert set(names) <= set(WAVE_ORDER)
    assert layout_notes(len(names), names) == ()


def test_other_layouts_are_named_with_what_they_are_taken_for() -> None:
    (note,) = layout_notes(3, ["FL", "FR", "LFE"])
    assert note == "Its channels are FL FR LFE; loudness is measured as for FL FR FC."
    (note,) = layout_notes(4, ["", "", "", ""])
    assert note.startswith("It does not say where its 4 channels belong")


@pytest.mark.parametrize(("suffix", "codec"), [("wav", "pcm_s24le"), ("m4a", "aac"),
                                               ("wv", "wavpack")])  # fmt: skip
def test_a_file_with_its_own_layout_says_so(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"x.{suffix}"
    source = "aevalsrc=0.1*random(0)|0.1*random(1)|0.1*random(2):c=2.1:d=1:s=48000"
    ffmpeg("-f", "lavfi", "-i", source, "-c:a", codec, path)
    (note,) = read(path).notes
    assert "FL FR LFE" in note


def test_a_file_without_a_layout_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.mkv"
    source = "aevalsrc=0.1*random(0)|0.1*random(1)|0.1*random(2)|0.1*random(3):c=3.1:d=1:s=48000"
    ffmpeg("-f", "lavfi", "-i", source, "-c:a", "pcm_s16le", path)
    (note,) = read(path).notes
    assert "does not say where its 4 channels" in note


def test_seven_channels_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, noise(-20, 0.5, channels=7), 48_000)
    with pytest.raises(InputError, match=r"x\.wav: 7 channels; 1 to 6, or 8"):
        read(path)
