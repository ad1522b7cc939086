"""Files for destinations: one master, each file within what is asked for, or named as not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.audio import read
from asmrmaster.cli.results import exit_code
from asmrmaster.delivery.targets import MOST_LIMITED_DB, deliver, targets
from asmrmaster.errors import OutputError, PresetError
from asmrmaster.meters import read_curves, run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.end_levels import EndLevels
from asmrmaster.meters.energy import Energy
from asmrmaster.presets import DeliveryTarget, Window, load, shipped
from asmrmaster.report import Report
from tests.media import ffmpeg, wav
from tests.signals import concat, noise, pink, silence, sine


@pytest.fixture(scope="module")
def mastered(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A steady master at -24 LUFS whose peaks leave room for 8 dB more."""
    folder = tmp_path_factory.mktemp("take")
    sound = np.tanh(pink(-20, 12) * 6) / 30
    return engine.master(wav(folder / "take.wav", sound), folder / "m.wav")


def test_what_is_shipped_is_dated_and_sourced() -> None:
    assert shipped(DeliveryTarget) == ["archive", "audiobook", "podcast", "streaming", "youtube"]
    for name in shipped(DeliveryTarget):
        target = load(DeliveryTarget, name)
        assert target.id == name
        assert target.source
        assert target.limits
        for name, window in target.limits.items():
            assert window.source, f"{target.id}: nobody is named who asks for {name}"
            assert window.read, f"{target.id}: {name}"


def test_each_file_is_made_from_one_master_and_measured(mastered: Report) -> None:
    report = deliver(mastered, targets("youtube,podcast,archive"))
    youtube, podcast, archive = report.deliveries
    assert report.output is not None
    master = read(report.output.path)
    assert youtube.file.path.endswith(".youtube.m4a")
    assert (youtube.gain_db, archive.gain_db) == (0, 0)
    assert np.array_equal(read(archive.file.path).audio.to_array(), master.audio.to_array())
    assert podcast.met
    assert podcast.file.path.endswith(".podcast.mp3")
    measured = engine.check(podcast.file.path).after.values
    assert -17 <= (measured["integrated_lufs"] or 0) <= -15
    assert (measured["true_peak_dbtp"] or 0) <= -1
    assert podcast.file.rate_hz == 44_100
    assert abs(podcast.file.duration_s - master.audio.duration_s) < 0.06
    by_name = {one.quantity: one.measured for one in podcast.requirements}
    assert by_name["integrated_lufs"] == pytest.approx(measured["integrated_lufs"], abs=1e-4)
    assert Report.from_json(report.to_json()) == report


def test_one_that_lacks_what_is_asked_says_so_in_its_name(mastered: Report) -> None:
    (book,) = deliver(mastered, targets(["audiobook"])).deliveries
    assert not book.met
    assert Path(book.file.path).name.endswith(".audiobook.does-not-meet.mp3")
    unmet = {one.quantity for one in book.requirements if not one.met}
    assert unmet == {"noise_floor_dbfs"}  # the sound never pauses
    assert any("digital silence" in note for note in book.file.notes)


def test_a_name_says_only_once_that_it_does_not_meet(mastered: Report) -> None:
    assert mastered.output is not None
    path = Path(mastered.output.path)
    failing = path.with_name("n.does-not-meet.wav")
    failing.write_bytes(path.read_bytes())
    facts = mastered.output.model_copy(update={"path": str(failing)})
    report = mastered.model_copy(update={"output": facts})
    made = deliver(report, targets(["podcast", "audiobook"])).deliveries
    names = [Path(one.file.path).name for one in made]
    assert names == ["n.podcast.does-not-meet.mp3", "n.audiobook.does-not-meet.mp3"]


def test_one_that_its_peaks_hold_back_says_so(tmp_path: Path) -> None:
    """Taps of -3 dBFS over quiet noise: they may come down by 8 dB, and more is needed."""
    sound = pink(-40, 8)
    sound[48_000 : 7 * 48_000 : 24_000] = 0.7
    path = wav(tmp_path / "m.wav", sound, subtype="PCM_24")
    report = engine.check(path)
    report = report.model_copy(update={"output": report.input})
    (made,) = deliver(report, targets("podcast")).deliveries
    assert not made.met
    assert made.gain_db == pytest.approx(1.5 + MOST_LIMITED_DB, abs=0.5)
    assert any(note.startswith("It is quieter than asked for") for note in made.file.notes)
    assert exit_code([report.model_copy(update={"deliveries": (made,), "verdict": "meets"})]) == 1


def test_peaks_are_limited_for_a_louder_destination(tmp_path: Path) -> None:
    """A voice that needs 4 dB more than its peaks leave room for has them, and stays under -1 dBTP.

    The profile of its master judges it again.
    """
    sound = pink(-27, 8)
    sound[48_000 : 7 * 48_000 : 24_000] += 0.25
    path = wav(tmp_path / "m.wav", sound, subtype="PCM_24")
    report = engine.check(path)
    report = report.model_copy(update={"output": report.input})
    (made,) = deliver(report, targets("podcast")).deliveries
    values = {one.quantity: one.measured or 0.0 for one in made.requirements}
    assert made.met, values
    assert values["true_peak_dbtp"] <= -1
    heard, rate_hz = soundfile.read(made.file.path)
    assert -17 <= pyloudnorm.Meter(rate_hz).integrated_loudness(heard) <= -15
    (again,) = [note for note in made.file.notes if note.startswith("Judged again by")]
    assert again.startswith("Judged again by General screening: does not meet: start")


def test_an_audiobook_gets_its_room_tone(tmp_path: Path) -> None:
    """A voice that starts and ends at once, in a room at -75 dBFS, as ACX wants to have it."""
    room = noise(-75, 14, channels=1)
    for start_s in (0, 3, 6, 9, 12):
        part = slice(start_s * 48_000, (start_s + 2) * 48_000)
        room[part] += np.tanh(pink(-20, 2) * 4)[:, :1] / 12
    report = engine.master(wav(tmp_path / "take.wav", room), tmp_path / "m.wav")
    assert report.output is not None
    (book,) = deliver(report, targets("audiobook")).deliveries
    values = {one.quantity: one.measured or 0.0 for one in book.requirements}
    assert book.met, values
    assert 0.5 <= values["head_silence_s"] <= 1.0
    assert 1.0 <= values["tail_silence_s"] <= 5.0
    measured = engine.check(book.file.path)
    assert measured.input.duration_s == book.file.duration_s > report.output.duration_s
    assert sum("room tone" in note for note in book.file.notes) == 2


def test_a_film_keeps_its_length(mastered: Report, tmp_path: Path) -> None:
    """Quiet ends are for sound alone: what a picture stands beside is never moved."""
    film = tmp_path / "film.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=4", "-f", "lavfi", "-i",
           "anoisesrc=c=pink:a=0.1:d=4", "-shortest", "-c:a", "aac", film)  # fmt: skip
    asked = load(DeliveryTarget, "youtube").model_copy(
        update={"limits": {"head_silence_s": Window(min=2.0)}}
    )
    report = engine.master(film, tmp_path / "m.mp4")
    (made,) = deliver(report, [asked]).deliveries
    assert not made.met
    assert made.file.duration_s == pytest.approx(4, abs=0.03)


def test_nothing_is_replaced_unasked_and_nothing_unknown_is_made(mastered: Report) -> None:
    deliver(mastered, targets("streaming"))
    with pytest.raises(OutputError, match="--force"):
        deliver(mastered, targets("streaming"))
    with pytest.raises(PresetError, match="youtube"):
        targets("yuotube")


def test_ends_are_timed_to_a_hundredth(tmp_path: Path) -> None:
    sound = concat(silence(0.7), sine(1000, -20, 2), silence(1.3))
    path = tmp_path / "x.wav"
    soundfile.write(path, sound, 48_000, "PCM_24")
    values = read_curves(run_meters(read(path).audio, (Energy,)), (EndLevels,)).values
    assert values["head_silence_s"] == pytest.approx(0.7, abs=0.011)
    assert values["tail_silence_s"] == pytest.approx(1.3, abs=0.011)
    assert values["rms_dbfs"] == pytest.approx(-23.01 + 10 * np.log10(0.5), abs=0.02)


def test_silence_has_no_ends(tmp_path: Path) -> None:
    measured = run_meters(read(wav(tmp_path / "s.wav", silence(1))).audio, (Energy,))
    values = EndLevels.read(Measurement({}, measured.curves)).values
    assert set(values.values()) == {None}
