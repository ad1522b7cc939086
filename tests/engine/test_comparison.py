"""Change: measured on take and master, bounded by the preset, nothing published beyond."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.engine import comparison as changing
from asmrmaster.errors import OutputError
from asmrmaster.presets import Bounds, Preset, load, shipped
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.report import Change, Report
from asmrmaster.stages.base import Edit
from asmrmaster.stages.gain import apply_gain
from asmrmaster.streams.audio import Audio, Block
from tests.signals import Array, pink

RATE = 16_000


def calm(seed: int = 0) -> Array:
    x = pink(-30, 40, RATE, seed=seed)
    fade = np.minimum(1, np.arange(len(x)) / (4 * RATE))
    faded: Array = x * (fade * fade[::-1])[:, None]
    return faded


def change_of(samples: Array, folder: Path, **settings: object) -> Change:
    soundfile.write(folder / "take.wav", samples, RATE, "PCM_24")
    chosen = {"stages": {}, **{name.replace("__", "."): value for name, value in settings.items()}}
    recipe = load_recipe("gentle", settings=chosen)
    report = engine.master(folder / "take.wav", folder / "m.wav", recipe=recipe, force=True)
    assert report.change is not None
    return report.change


def test_what_is_only_turned_up_is_not_changed(tmp_path: Path) -> None:
    change = change_of(calm(), tmp_path)
    assert (change.edited_s, change.edited_percent, change.max_gain_move_db) == (0, 0, 0)
    assert change.level_change_lu == pytest.approx(0, abs=0.005)
    assert change.channel_level_change_db == pytest.approx(0, abs=0.005)
    assert change.correlation_change == pytest.approx(0, abs=0.001)


def test_a_dip_is_a_movement_and_leaves_the_rest_as_it_was(tmp_path: Path) -> None:
    x = calm()
    x[20 * RATE : 21 * RATE] *= 8
    change = change_of(x, tmp_path)
    assert 8 < change.max_gain_move_db < 20
    assert change.level_change_lu == pytest.approx(0, abs=0.01)


def test_tone_is_a_change_of_level(tmp_path: Path) -> None:
    band = {"kind": "low_shelf", "freq_hz": 1000, "gain_db": -6, "q": 0.7}
    change = change_of(calm(), tmp_path, equalize__bands=[band])
    assert change.level_change_lu is not None
    assert -5 < change.level_change_lu < -1


def test_repairs_are_counted_once_where_they_overlap(tmp_path: Path) -> None:
    spans = [(1.0, 3.0, 0), (2.0, 4.0, 1), (10.0, 10.5, None), (0.0, 40.0, None)]
    edits = [Edit("declick", start, end, -3, "", channel) for start, end, channel in spans]
    plan, measured = planned(tmp_path)
    change = changing.compare(measured, measured, plan, edits, 40.0)
    assert change.edited_s == pytest.approx(3.5)
    assert change.edited_percent == pytest.approx(8.75)


def test_what_is_lowered_is_counted_apart_and_what_runs_all_the_time_is_not(
    tmp_path: Path,
) -> None:
    edits = [
        Edit("declick", 1.0, 1.5, -3, ""),
        Edit("declip", 30.0, 39.0, 0.0, "clipped too long to rebuild, left"),
        Edit("deess", 2.0, 6.0, -3, ""),
        Edit("deplosive", 5.0, 7.0, -3, ""),
        *(Edit(name, 0.0, 40.0, -6, "") for name in ("hum", "denoise")),
    ]
    plan, measured = planned(tmp_path)
    change = changing.compare(measured, measured, plan, edits, 40.0)
    assert change.edited_s == pytest.approx(0.5)
    assert change.lowered_s == pytest.approx(5.0)
    assert change.stages_percent == {"declick": 1.25, "deess": 10.0, "deplosive": 5.0}
    changing.check(change, Bounds(), "m.wav")
    with pytest.raises(OutputError) as error:
        changing.check(change, Bounds(lowered_percent=12), "m.wav")
    assert "is 12.50, and the preset allows 12" in str(error.value)
    assert "It is by deess 10.0 %, deplosive 5.0 %" in str(error.value)
    assert "--set deess=off" in str(error.value)
    assert "set bounds.lowered_percent" in str(error.value)


def planned(folder: Path):  # type: ignore[no-untyped-def]
    from asmrmaster import ride
    from asmrmaster.meters import METERS, READINGS, read_curves, run_meters
    from asmrmaster.presets import Profile
    from asmrmaster.stages.peak_detail import PeakDetail

    measured = run_meters(Audio.from_array(calm(), RATE), (*METERS, PeakDetail))
    measured = read_curves(measured, READINGS)
    return ride.plan(measured, load(Preset, "gentle"), load(Profile, "general")), measured


@pytest.mark.parametrize(
    ("wrong", "bound"),
    [
        (lambda block: block * (1.0, 0.5), "between the channels"),
        (lambda block: np.repeat(block.mean(axis=1)[:, None], 2, axis=1), "correlation"),
        (lambda block: block * 0.4, "change of level outside all edits"),
    ],
)
def test_beyond_a_bound_nothing_is_published(
    wrong: object, bound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chain that harms the sound on its way, as a faulty plugin would."""
    assert callable(wrong)

    def harmed(audio: Audio, amplitude: np.ndarray) -> Audio:
        sound = apply_gain(audio, amplitude)

        def blocks() -> object:
            for block in sound.open():
                changed: Block = wrong(block)
                yield changed

        return Audio(audio.rate, audio.channels, audio.frames, blocks)  # type: ignore[arg-type]

    monkeypatch.setattr("asmrmaster.engine.render.apply_gain", harmed)
    monkeypatch.setattr("asmrmaster.engine.plan.MAX_RENDERS", 1)
    soundfile.write(tmp_path / "take.wav", calm(), RATE, "PCM_24")
    with pytest.raises(OutputError, match=bound) as error:
        engine.master(tmp_path / "take.wav", tmp_path / "m.wav")
    assert "the preset allows" in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["take.wav"]


def test_every_bound_is_named_when_it_is_passed() -> None:
    none = dict.fromkeys(Change.model_fields)
    for name in Bounds.model_fields:
        most = getattr(Bounds(), name)
        zero = {**none, "edited_s": 0, "edited_percent": 0, "max_gain_move_db": 0}
        zero |= {"lowered_s": 0, "lowered_percent": 0, "stages_percent": {}}
        changing.check(Change.model_validate({**zero, name: -most}), Bounds(), "m.wav")
        with pytest.raises(OutputError, match=f"set bounds.{name}"):
            changing.check(Change.model_validate({**zero, name: -most - 0.01}), Bounds(), "m.wav")


@pytest.mark.parametrize("name", shipped(Preset))
def test_the_ride_of_a_shipped_preset_cannot_pass_its_bound(name: str) -> None:
    preset = load(Preset, name)
    ride = preset.ride
    furthest_db = ride.max_dip_db + max(ride.level_max_db, ride.level_most_db)
    assert furthest_db <= preset.bounds.max_gain_move_db


def test_a_report_of_before_has_no_change() -> None:
    assert Report.model_fields["change"].default is None
