"""The functions on files and arrays: whatever way it is given, the same sound gets the same."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import asmrmaster
from asmrmaster.engine import in_memory
from asmrmaster.presets import SHIPPED
from asmrmaster.ride.rules import SUDDEN
from tests.signals import Array, pink

RATE = 8_000


@pytest.fixture(scope="module")
def take() -> Array:
    """Three seconds in 24 bits, so that every precision holds them."""
    return np.round(pink(-35, 3.0, RATE) * 2**23) / 2**23


@pytest.fixture(scope="module")
def file(take: Array, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("calls") / "take.wav"
    soundfile.write(path, take, RATE, "PCM_24")
    return path


@pytest.fixture(scope="module")
def slammed() -> Array:
    """A bed of 40 s with 0.3 s of noise, 30 dB above it, at 30 s."""
    x = pink(-45, 40.0, RATE)
    x[30 * RATE : round(30.3 * RATE)] += pink(-15, 0.3, RATE, seed=9)
    return x


# --- the top --------------------------------------------------------------------------------------


def test_importing_costs_next_to_nothing_and_everything_is_shown() -> None:
    program = (
        "import sys, asmrmaster\n"
        "print(sorted({'numpy', 'scipy', 'pydantic', 'soundfile'} & set(sys.modules)))\n"
        "print(set(asmrmaster.__all__) <= set(dir(asmrmaster)))\n"
        "help(asmrmaster)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[]\nTrue\n")
    for name in set(asmrmaster.__all__) - {"__version__"}:
        assert name in done.stdout, name
    with pytest.raises(AttributeError, match="no attribute 'recipe'"):
        _ = asmrmaster.recipe  # type: ignore[attr-defined]


# --- files ----------------------------------------------------------------------------------------


def test_a_path_an_open_file_and_an_array_get_the_same_verdict(file: Path, take: Array) -> None:
    by_name = asmrmaster.check(str(file))
    assert asmrmaster.check(file) == by_name
    with file.open("rb") as stream:
        assert asmrmaster.check(stream) == by_name
    in_bytes = asmrmaster.check(io.BytesIO(file.read_bytes()))
    assert in_bytes.input.path == "open file"
    assert in_bytes.input.sha256 == by_name.input.sha256
    of_array = asmrmaster.check(take, RATE)
    for other in (in_bytes, of_array):
        assert (other.verdict, other.findings) == (by_name.verdict, by_name.findings)
        assert other.after == by_name.after
    assert (of_array.input.path, of_array.input.format) == ("array", "array/float")
    assert of_array.input.sha256 == in_memory.digest(take)


def test_a_master_of_an_array_is_that_of_its_file(file: Path, take: Array, tmp_path: Path) -> None:
    report = asmrmaster.master(file, tmp_path / "m.wav", profile="sleep", eq="warm")
    assert report.output is not None
    stored, _ = soundfile.read(report.output.path)
    y, again = asmrmaster.master_array(take, RATE, profile="sleep", eq="warm")
    np.testing.assert_array_equal(y, stored)
    assert again.findings == report.findings
    assert again.output is not None
    assert again.output.sha256 == in_memory.digest(y)


def test_a_master_of_an_open_file_needs_a_place(file: Path, tmp_path: Path) -> None:
    with file.open("rb") as stream, pytest.raises(asmrmaster.ParameterError, match="an output"):
        asmrmaster.master(stream)
    with file.open("rb") as stream:
        assert asmrmaster.master(stream, dry_run=True).output is None
    with file.open("rb") as stream:
        report = asmrmaster.master(stream, tmp_path / "m.wav")
    assert report.input.path == str(file)
    assert len(list(tmp_path.iterdir())) == 1


def test_names_paths_and_objects_are_taken_for_all_data(
    file: Path, take: Array, tmp_path: Path
) -> None:
    own = {}
    for kind, name in (("mastering", "whisper"), ("profiles", "sleep"), ("eq", "warm")):
        own[kind] = tmp_path / f"{name}-copy.toml"
        shipped = SHIPPED / kind / f"{name}.toml"
        own[kind].write_text(shipped.read_text())
    declared = tmp_path / "own.content.toml"
    declared.write_text('tags = ["whisper"]\n')
    settings = {"target.integrated_lufs": -26}
    reports = [
        asmrmaster.master(
            file, dry_run=True, preset=preset, profile=profile, eq=eq, content=content,
            settings=settings,
        )
        for preset, profile, eq, content in (
            ("whisper", "sleep", "warm", str(declared)),
            (own["mastering"], own["profiles"], str(own["eq"]), declared),
            (
                asmrmaster.Preset.load("whisper"),
                asmrmaster.Profile.load("sleep"),
                asmrmaster.EqCurve.load("warm"),
                asmrmaster.Content.load(declared),
            ),
        )
    ]  # fmt: skip
    assert reports[0] == reports[1] == reports[2]
    assert reports[0].ride is not None
    assert reports[0].ride.wanted_lufs == -26
    assert reports[0].declared is not None


# --- what is refused, before anything is measured -------------------------------------------------


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda m, f, x: m.check(3), "the take has to be a path"),
        (lambda m, f, x: m.check([0.0, 0.1], 48_000), "a sampling rate is given for what is no"),
        (lambda m, f, x: m.check(io.StringIO("x")), "opened as text.*mode 'rb'"),
        (lambda m, f, x: m.check(io.BytesIO(b"")), "nothing left to read.*seek"),
        (lambda m, f, x: m.check(x), "the sampling rate has to be a number, not NoneType"),
        (lambda m, f, x: m.check(f, profile=3), "the profile has to be a name.*Shipped are"),
        (lambda m, f, x: m.check(f, profile="slep"), "did you mean 'sleep'"),
        (lambda m, f, x: m.check(f, listening=40), "an asmrmaster.Listening"),
        (lambda m, f, x: m.check(f, content=3), "the declarations has to be a path"),
        (lambda m, f, x: m.check(f, threads=0), "0 threads"),
        (lambda m, f, x: m.check(f, threads="2"), "the count of threads"),
        (lambda m, f, x: m.master(f, 3), "the output has to be a path"),
        (lambda m, f, x: m.master(f, preset=m.Profile.load("sleep")), "the preset has to be"),
        (lambda m, f, x: m.master(f, settings="hum=on"), "the settings has to be a mapping"),
        (lambda m, f, x: m.master(f, settings={"humm": "on"}), "unknown key 'humm'"),
        (lambda m, f, x: m.master(f, length=60), "an asmrmaster.Length"),
        (lambda m, f, x: m.master(f, corrections={}), "an asmrmaster.Corrections"),
        (lambda m, f, x: m.master(f, progress=3), "a function of the share"),
        (lambda m, f, x: m.rescore(3), "a Report, or the path"),
        (lambda m, f, x: m.measure("take.wav", 48_000), "the sound has to be an array"),
        (lambda m, f, x: m.measure(x.astype(np.int16), RATE), "floating point.*32768"),
        (lambda m, f, x: m.measure(x + 0j, RATE), "floating point"),
        (lambda m, f, x: m.measure(x, "48k"), "the sampling rate has to be a number"),
        (lambda m, f, x: m.measure(x, 44.1), "44.1 Hz"),
        (lambda m, f, x: m.measure(x[None], RATE), "is no sound"),
        (lambda m, f, x: m.measure(np.zeros((570_510, 12)), RATE), "more channels than 8"),
        (lambda m, f, x: m.measure(np.zeros((7, 9_000)), RATE), "7 channels"),
        (lambda m, f, x: m.measure(np.zeros((2, 6)), RATE), "either way round"),
        (lambda m, f, x: m.measure(np.where(x == x[9], np.nan, x), RATE), "0.001 s is not finite"),
        (lambda m, f, x: m.measure(x * 1e9, RATE), "above full scale"),
        (lambda m, f, x: m.limit(x, RATE, 3.0), "a ceiling of 3 dBTP"),
        (lambda m, f, x: m.limit(x, RATE, "low"), "the ceiling has to be a number"),
    ],
)
def test_what_is_wrong_is_told_with_a_hint(
    call: Any, said: str, file: Path, take: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asmrmaster.meters.run_meters", lambda *_: pytest.fail("measured"))
    with pytest.raises(asmrmaster.AsmrmasterError, match=f"(?s){said}") as error:
        call(asmrmaster, file, take)
    wrong_type = "has to be" in str(error.value)
    assert isinstance(error.value, TypeError) is wrong_type
    assert not list(file.parent.glob("*master*"))


def test_errors_name_what_was_given_and_not_a_file_of_ours(file: Path) -> None:
    with pytest.raises(asmrmaster.InputError, match=r"^array: is silent"):
        asmrmaster.check(np.zeros(RATE), RATE)
    with pytest.raises(asmrmaster.InputError, match=r"^open file: "):
        asmrmaster.check(io.BytesIO(b"no sound at all" * 100))
    with pytest.raises(asmrmaster.InputError, match=r"^array: is 10 ms long"):
        asmrmaster.master_array(np.full(RATE // 100, 0.1), RATE)


# --- parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [None, 1, 2, 6])
def test_every_layout_is_the_same_sound(channels: int | None, take: Array) -> None:
    x = take[:, 0] if channels is None else np.tile(take[:, :1], (1, channels))
    whole = asmrmaster.measure(x, RATE)
    other = asmrmaster.measure(np.ascontiguousarray(x.T), RATE)
    assert whole.values == other.values
    assert whole.curves["k_energy"].values.shape == (300, channels or 1)
    y = asmrmaster.limit(x * 10, RATE, -6.0)
    assert y.shape == x.shape
    np.testing.assert_array_equal(asmrmaster.limit(x.T * 10, RATE, -6.0), y.T)
    single = asmrmaster.limit(x.T.astype(np.float32) * 10, RATE, -6.0)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, y.T, atol=1e-6)


@pytest.mark.parametrize(
    ("frames", "channels"),
    [(0, 1), (1, 1), (9, 1), (0, 2), (9, 2), (3_192, 2), (2 * RATE, 6), (37 * RATE, 1)],
)
def test_everything_is_measured_of_any_length_in_plain_numbers(frames: int, channels: int) -> None:
    found = asmrmaster.measure(pink(-30, 37.0, RATE, channels)[:frames], RATE)
    assert set(found.values) == set(asmrmaster.measure(np.full(9, 0.1), RATE).values)
    assert {type(x) for x in found.values.values()} <= {float, type(None)}
    assert tuple(found.curves) == asmrmaster.CURVES
    for name, curve in found.curves.items():
        assert type(curve.values) is np.ndarray, name
        assert curve.values.flags.owndata, name
        assert not np.isnan(curve.values).any(), name
    assert (found.values["max_level_novelty_lu"] is None) is (frames < 36 * RATE)


@pytest.mark.parametrize("profile", ["trauma"])
def test_there_is_an_intrusion_exactly_where_a_check_finds_one(
    profile: str, slammed: Array
) -> None:
    (one,) = asmrmaster.intrusions(slammed, RATE, profile)
    assert one.start_s == pytest.approx(30.0, abs=0.05)
    assert 30.3 <= one.end_s <= 34.0
    assert one.bands
    assert {band.excess_lu > 10 for band in one.bands[:5]} == {True}
    report = asmrmaster.check(slammed, RATE, profile=profile)
    over = [
        f.measured - f.limit.max
        for f in report.findings
        if f.quantity in SUDDEN
        and f.state == "fail"
        and f.measured is not None
        and f.limit.max is not None
    ]
    assert one.excess_lu == pytest.approx(max(over), abs=1e-3)
    calm = pink(-45, 40.0, RATE)
    assert asmrmaster.intrusions(calm, RATE, profile) == ()
    assert asmrmaster.intrusions(calm[:RATE], RATE, profile) == ()


def test_a_plan_is_what_a_master_is_made_by(slammed: Array) -> None:
    planned = asmrmaster.plan(slammed, RATE)
    assert planned.report.output is None
    assert planned.gain_db.shape == (4001,)
    assert [stage.name for stage in planned.stages] == ["highpass", "lift"]
    ride = planned.report.ride
    assert ride is not None
    assert planned.limiter.ceiling_dbtp == pytest.approx(ride.ceiling_dbtp, abs=0.01)
    calm, slam = planned.gain_db[2_000], planned.gain_db[3_015]
    assert calm == pytest.approx(ride.static_gain_db, abs=0.1)
    assert slam <= calm


# --- reports --------------------------------------------------------------------------------------


def test_a_report_is_saved_loaded_and_shown(file: Path, tmp_path: Path) -> None:
    report = asmrmaster.check(file)
    saved = tmp_path / "a.report.json"
    report.save(str(saved))
    assert asmrmaster.Report.load(saved) == asmrmaster.Report.load(str(saved)) == report
    assert asmrmaster.rescore(saved, "sleep") == asmrmaster.rescore(report, "sleep")
    assert repr(report).startswith(f"<Report {file}: does not meet (general ")
    assert "\n" not in repr(report)
    assert str(report) == repr(report)[len("<Report ") : -1]
    with pytest.raises(asmrmaster.OutputError, match="cannot be written"):
        report.save(tmp_path / "gone" / "a.json")
    with pytest.raises(asmrmaster.ReportError, match="cannot be read"):
        asmrmaster.Report.load(tmp_path / "gone.json")


def test_a_card_holds_nothing_of_a_name_but_its_letters(take: Array) -> None:
    report = asmrmaster.check(take, RATE)
    hostile = report.input.model_copy(update={"path": "<script>\x1b[2J\u202e.wav"})
    card = report.model_copy(update={"input": hostile})._repr_html_()
    assert f"{report.answered.headline}</div>" in card
    assert "Formally: does not meet." in card
    assert "General screening 1.3, limits as shipped" in card
    assert "<script" not in card
    assert not {"\x1b", "\u202e"} & set(card)
    assert not {"\x1b", "\u202e", "\n"} & set(repr(report.model_copy(update={"input": hostile})))
