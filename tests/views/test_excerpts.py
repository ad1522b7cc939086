"""Excerpts: the right stretch, at one loudness, quiet, faded, small, and none where none can be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from asmrmaster.audio import Audio, Format, read, write
from asmrmaster.errors import InputError
from asmrmaster.report import EditData, Report, ReviewPoint
from asmrmaster.views import excerpts
from asmrmaster.views.excerpts import LOUDEST_LUFS, Excerpt, cut, loudest_lufs, places
from tests import made_reports
from tests.signals import Array, noise, pink

RATE_HZ = 48_000
WAV = Format("WAV", "PCM_24", bits=24)
SECONDS = 75.0


def pair(folder: Path, *, rate_hz: int = RATE_HZ, channels: int = 2) -> Report:
    """A take at −45 LUFS or so with a burst at 0:32, its master 19 dB up without one."""
    sound = pink(-45, SECONDS, rate_hz, channels)
    master = sound * 10 ** (19 / 20)
    sound[32 * rate_hz : 32 * rate_hz + rate_hz // 2] += noise(-12, 0.5, rate_hz, channels)
    for name, samples in (("take.wav", sound), ("master.wav", master)):
        write(Audio.from_array(np.clip(samples, -1, 1), rate_hz), folder / name, WAV)
    report = made_reports.mastered(str(folder / "take.wav"), str(folder / "master.wav"))
    facts = {"rate_hz": rate_hz, "frames": round(SECONDS * rate_hz), "channels": channels}
    assert report.output is not None
    return report.model_copy(
        update={
            "input": report.input.model_copy(update=facts),
            "output": report.output.model_copy(update=facts),
        }
    )


def decoded(folder: Path, sound: bytes | None, suffix: str = ".mp3") -> Array:
    assert sound is not None
    path = folder / f"heard{suffix}"
    path.write_bytes(sound)
    return read(path).audio.to_array()


def loudness_lufs(samples: Array) -> float:
    return loudest_lufs(samples.astype(np.float32), RATE_HZ)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return pair(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def measured(report: Report) -> tuple[Excerpt, ...]:
    return cut(report)


def test_what_matters_most_comes_first_and_shares_its_stretch() -> None:
    found = places(made_reports.checked())
    assert [round(place.start_s, 1) for place in found] == [30.5, 50.5]
    assert "louder than anything before; new sound" in found[0].label
    edited = places(made_reports.mastered())
    assert edited[0].label.startswith("turned down 21.3 dB")
    kinds = [place.label.split(":")[0] for place in edited[2:]]
    assert kinds == ["declick", "limiter", "a stretch like most of it"]


def test_a_file_full_of_edits_gives_no_more_than_asked_for() -> None:
    assert len(places(made_reports.ten_hours(), most=5)) == 5
    assert all(place.end_s <= 36_000 for place in places(made_reports.ten_hours()))


def test_a_stretch_stays_inside_the_file() -> None:
    edits = (
        EditData(stage="a", start_s=0.1, end_s=0.2, channel=None, amount_db=-9, reason="x"),
        EditData(stage="b", start_s=74.9, end_s=75.0, channel=None, amount_db=-8, reason="y"),
    )
    starts = sorted((p.start_s, p.end_s) for p in places(made_reports.mastered(edits=edits)))
    assert starts[0][0] == 0.0
    assert starts[-1] == (71.0, 75.0)


def test_the_burst_is_in_the_take_and_not_in_the_master(
    tmp_path: Path, measured: tuple[Excerpt, ...]
) -> None:
    found = next(e for e in measured if e.start_s <= 32 < e.end_s)
    before, after = decoded(tmp_path, found.before), decoded(tmp_path, found.after)
    assert len(before) == len(after) == pytest.approx(4 * RATE_HZ, abs=5000)
    burst = slice(
        round((32.05 - found.start_s) * RATE_HZ), round((32.45 - found.start_s) * RATE_HZ)
    )
    calm = slice(RATE_HZ * 3, round(RATE_HZ * 3.6))
    assert loudness_lufs(before[burst]) - loudness_lufs(before[calm]) > 20
    assert loudness_lufs(after[burst]) == pytest.approx(loudness_lufs(after[calm]), abs=2)


def test_take_and_master_have_one_programme_loudness(
    tmp_path: Path, measured: tuple[Excerpt, ...]
) -> None:
    """The master is 19 dB louder as a file; the report says 19.3; 0.3 dB and coding are left."""
    found = next(e for e in measured if e.end_s < 32)
    levels = [loudness_lufs(decoded(tmp_path, s)) for s in (found.before, found.after)]
    assert levels[0] == pytest.approx(levels[1], abs=0.5)


def test_nothing_is_louder_than_promised(tmp_path: Path, measured: tuple[Excerpt, ...]) -> None:
    for found in measured:
        for sound in (found.before, found.after):
            samples = decoded(tmp_path, sound)
            assert loudness_lufs(samples) < LOUDEST_LUFS + 0.2
            assert 20 * np.log10(np.abs(samples).max()) < excerpts.MAX_PEAK_DBFS + 1


def test_an_excerpt_begins_and_ends_in_silence(
    tmp_path: Path, measured: tuple[Excerpt, ...]
) -> None:
    samples = decoded(tmp_path, measured[0].after)
    edge = RATE_HZ // 50  # 20 ms, in which a raised cosine of 0.5 s stays 48 dB down
    middle = np.sqrt(np.mean(samples[RATE_HZ : 2 * RATE_HZ] ** 2))
    for part in (samples[:edge], samples[-edge:]):
        assert 20 * np.log10(np.sqrt(np.mean(part**2)) / middle) < -30


def test_size_is_bounded(report: Report, measured: tuple[Excerpt, ...]) -> None:
    assert len(measured) == 5
    one = next(e for e in measured if "21.3" in e.label)  # the deepest dip goes first
    size = len(one.after) + len(one.before or b"")
    assert cut(report, most=2, max_bytes=size) == (one,)
    assert cut(report, most=1, max_bytes=size - 1) == ()


def test_a_rate_mp3_does_not_know_is_brought_to_one_it_knows(tmp_path: Path) -> None:
    found = cut(pair(tmp_path, rate_hz=96_000, channels=1), most=1)[0]
    measured = decoded(tmp_path, found.before)
    assert measured.shape == (pytest.approx(4 * RATE_HZ, abs=5000), 1)
    at = round((32.05 - found.start_s) * RATE_HZ)  # the burst is still where it was
    burst, calm = measured[at : at + 19_200], measured[3 * RATE_HZ : 3 * RATE_HZ + 19_200]
    assert loudness_lufs(burst) - loudness_lufs(calm) > 20
    assert len(found.after) < 100_000


def test_one_finding_does_not_fill_the_page() -> None:
    """The largest few of each kind; then there is room for the moments to listen to."""
    report = made_reports.ten_hours()
    review = tuple(
        ReviewPoint(start_s=900.0 * k, end_s=900.0 * k + 1, level_novelty_lu=1, band_novelty_lu=1)
        for k in range(1, 11)
    )
    labels = [p.label for p in places(report.model_copy(update={"review": review}))]
    assert sum(label.startswith("turned down") for label in labels) == 2 * excerpts.EACH
    assert sum(label.startswith("declick") for label in labels) == excerpts.EACH
    assert sum(label.startswith("moment") for label in labels) == 10


def test_a_take_of_another_length_is_not_compared(report: Report) -> None:
    shorter = report.input.model_copy(update={"duration_s": SECONDS - 20})
    cut_down = report.model_copy(update={"input": shorter})
    assert [e.before for e in cut(cut_down, most=1)] == [None]


def test_a_checked_file_has_no_before(tmp_path: Path, report: Report) -> None:
    moved = tmp_path / "elsewhere.wav"
    moved.symlink_to(report.input.path)
    found = cut(made_reports.checked("gone.wav"), master=moved, most=1)
    assert [e.before for e in found] == [None]
    assert found[0].start_s <= 32 < found[0].end_s


def test_another_file_is_refused(tmp_path: Path, report: Report) -> None:
    other = tmp_path / "other.wav"
    write(Audio.from_array(noise(-30, 1.0), RATE_HZ), other, WAV)
    with pytest.raises(InputError, match="the report is about"):
        cut(report, master=other)


def test_a_plan_and_a_clean_file_have_nothing_to_hear() -> None:
    assert cut(made_reports.mastered().model_copy(update={"output": None})) == ()
    clean = made_reports.checked("gone.wav", made_reports.AFTER_VALUES)
    assert cut(clean) == ()
