"""Any sound, through every stage, every meter and the planner: what they promise holds for it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from asmrmaster.engine.measure import PLANNING
from asmrmaster.errors import InputError
from asmrmaster.meters import METERS, QUANTITIES, READINGS, measure, read_curves, run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.ride import planning as riding
from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Edit, Stage
from asmrmaster.stages.channels import Channels
from asmrmaster.stages.limiter import Limiter
from asmrmaster.streams.audio import Audio, Block
from tests.signals import Array, pink

ALL_STAGES: list[type[Stage]] = [*STAGES.values(), Limiter]
KINDS = ("silence", "offset", "sine", "square", "noise", "impulses", "denormal", "highest")
FEW = settings(max_examples=max(4, settings().max_examples // 3))
"""For what takes longer."""


@dataclass(frozen=True)
class Piece:
    """A stretch of sound of one kind; the numbers make it the same every time."""

    kind: str
    seconds: float
    level_dbfs: float
    hz: float
    seed: int

    def samples(self, rate: int, channels: int) -> Array:
        frames = round(self.seconds * rate)
        wave = np.random.default_rng(self.seed).standard_normal((frames, channels))
        turn = 2 * np.pi * min(self.hz, 0.49 * rate) * np.arange(frames)[:, None] / rate
        made = {
            "silence": 0 * wave,
            "offset": np.ones_like(wave),
            "sine": np.sin(turn) * np.ones(channels),
            "square": np.sign(np.sin(turn) + 1e-9) * np.ones(channels),
            "noise": wave,
            "impulses": np.where(np.abs(wave) > 3.5, np.sign(wave), 0.0),
            "denormal": np.full_like(wave, 5e-324),
            "highest": (-1.0) ** np.arange(frames)[:, None] * np.ones(channels),
        }[self.kind]
        scaled: Array = made if self.kind == "denormal" else made * 10 ** (self.level_dbfs / 20)
        return scaled


@st.composite
def sounds(
    draw: st.DrawFn, rates: tuple[int, ...] = (8_000, 11_025, 44_100), longest_s: float = 0.3
) -> tuple[Array, int]:
    """One to four pieces in a row: samples of shape (frames, channels), and their rate."""
    pieces = draw(
        st.lists(
            st.builds(
                Piece,
                kind=st.sampled_from(KINDS),
                seconds=st.floats(0, longest_s),
                level_dbfs=st.floats(-150, 30),
                hz=st.floats(1, 20_000),
                seed=st.integers(0, 99),
            ),
            min_size=1,
            max_size=4,
        )
    )
    rate, channels = draw(st.sampled_from(rates)), draw(st.sampled_from([1, 2, 6, 8]))
    return np.concatenate([piece.samples(rate, channels) for piece in pieces]), rate


@st.composite
def stages(draw: st.DrawFn) -> Stage:
    """Any stage, each parameter at its default, at a bound or between them."""
    kind = draw(st.sampled_from(ALL_STAGES))
    schema: dict[str, Any] = kind.model_json_schema()
    chosen = dict(draw(st.sampled_from([{}, *schema.get("examples", ())])))
    for name, field in schema["properties"].items():
        low, high = field.get("minimum"), field.get("maximum")
        if low is None or high is None or not draw(st.booleans()):
            continue
        between = st.integers if field["type"] == "integer" else st.floats
        chosen[name] = draw(st.one_of(st.sampled_from([low, high]), between(low, high)))
    return kind.model_validate(chosen)


def cut(samples: Array, rate: int, edges: list[int]) -> Audio:
    """The sound in blocks that end at these frames, empty ones among them."""
    places = [0, *sorted(edge % (len(samples) + 1) for edge in edges), len(samples)]

    def blocks() -> Iterator[Block]:
        for start, stop in pairwise(places):
            yield samples[start:stop]

    return Audio(rate, samples.shape[1], len(samples), blocks)


EDGES = st.lists(st.integers(0, 60_000), max_size=6)


@given(stage=stages(), sound=sounds(), edges=EDGES)
def test_a_stage_keeps_its_promises(
    stage: Stage, sound: tuple[Array, int], edges: list[int]
) -> None:
    samples, rate = sound
    assume(samples.shape[1] == 2 or not isinstance(stage, Channels))  # refused by name
    before = samples.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole = stage(cut(samples, rate, [])).to_array()
        parts = stage(cut(samples, rate, edges)).to_array()
    assert whole.shape == samples.shape
    assert np.isfinite(whole).all()
    scale = max(1.0, float(np.abs(samples).max(initial=0.0)))
    assert np.abs(whole - parts).max(initial=0.0) <= 1e-9 * scale
    assert np.array_equal(samples, before)


@given(stage=stages(), sound=sounds())
def test_an_edit_lies_inside_the_sound_and_says_why(stage: Stage, sound: tuple[Array, int]) -> None:
    samples, rate = sound
    assume(samples.shape[1] == 2 or not isinstance(stage, Channels))  # refused by name
    edits: list[Edit] = []
    for _ in stage(Audio.from_array(samples, rate), edits.append).open():
        pass
    for edit in edits:
        assert 0 <= edit.start_s <= edit.end_s <= len(samples) / rate + 1e-6
        assert isfinite(edit.amount_db)
        assert edit.reason
        assert edit.channel is None or 0 <= edit.channel < samples.shape[1]


def close(one: float | None, two: float | None) -> bool:
    if one is None or two is None:
        return one is two
    return abs(one - two) <= 1e-6 * max(1.0, abs(one))


@FEW
@given(sound=sounds(longest_s=0.5), edges=EDGES)
def test_the_meters_keep_their_promises(sound: tuple[Array, int], edges: list[int]) -> None:
    samples, rate = sound
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole, parts = (measure(cut(samples, rate, places)) for places in ([], edges))
    told(whole, len(samples) / rate)
    for name, value in whole.values.items():
        assert close(value, parts.values[name]), name
    assert len(whole.events) == len(parts.events)


def told(measured: Measurement, duration_s: float) -> None:
    """Numbers or None, curves of numbers, events inside the sound."""
    declared = {q.name for meter in METERS for q in meter.quantities}
    declared |= {q.name for reading in READINGS for q in reading.quantities}
    assert set(measured.values) == declared
    for name, value in measured.values.items():
        assert value is None or isfinite(value), name
    for name, curve in measured.curves.items():
        assert np.isfinite(curve.values).all(), name
    for event in measured.events:
        assert event.quantity in QUANTITIES
        assert isfinite(event.size)
        assert -1e-9 <= event.start_s <= event.end_s + 1e-9 <= duration_s + 0.11


PRESETS, PROFILES = ("gentle", "nature", "whisper"), ("general", "sleep", "trauma")


@FEW
@given(
    sound=sounds(rates=(8_000,), longest_s=18),
    preset=st.sampled_from(PRESETS),
    profile=st.sampled_from(PROFILES),
    target_lufs=st.floats(-40, -14),
    level_max_db=st.floats(0, 10),
    max_dip_db=st.floats(0, 40),
)
def test_a_plan_keeps_its_promises(
    sound: tuple[Array, int],
    preset: str,
    profile: str,
    target_lufs: float,
    level_max_db: float,
    max_dip_db: float,
) -> None:
    samples, rate = sound
    set_to = {"target.integrated_lufs": target_lufs, "ride.level_max_db": level_max_db,
              "ride.max_dip_db": max_dip_db}  # fmt: skip
    made_by = load_recipe(preset, profile, settings=set_to)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measured = read_curves(run_meters(Audio.from_array(samples, rate), PLANNING), READINGS)
        if measured.values["integrated_lufs"] is None:
            return
        try:
            plan = riding.plan(measured, made_by.preset, made_by.profile)
        except InputError:
            return  # too short or too quiet once it is faded
    hops = len(measured.curves["k_energy"].values)
    limits = made_by.preset.ride
    assert plan.amplitude.shape == (hops + 1,)
    assert np.isfinite(plan.amplitude).all()
    assert (plan.amplitude >= 0).all()
    assert plan.max_fall_db_per_s <= riding.MAX_FALL_DB_PER_S + 0.1
    assert plan.max_rise_db_per_s <= limits.release_db_per_s + 0.1
    assert plan.reduction_db.max(initial=0.0) <= max_dip_db + 1e-3
    most_db = max(limits.level_max_db, limits.level_most_db)
    assert np.abs(plan.level.gain_db).max(initial=0.0) <= 2 * most_db + 1e-3
    assert plan.target_lufs <= target_lufs + 1e-6 or plan.target_reason
    peaks = made_by.profile.required("true_peak_dbtp")
    assert peaks is not None
    assert peaks.max is not None
    assert plan.ceiling_dbtp <= peaks.max
    for dip in plan.dips:
        assert 0 <= dip.start_s <= dip.end_s <= hops * 0.01 + 1e-6
        assert dip.reason
    for name, value in plan.forecast.values.items():
        assert value is None or isfinite(value), name


def test_the_pieces_are_what_they_are_called() -> None:
    for kind in KINDS:
        samples = Piece(kind, 0.5, -20, 440, 1).samples(8_000, 2)
        assert samples.shape == (4_000, 2)
        assert np.isfinite(samples).all()
        assert samples.any() == (kind != "silence")


def test_a_sound_that_begins_inside_a_dip_does_not_fall_there() -> None:
    """Found by the test above: a step in front of the first sample was counted as a descent."""
    made_by = load_recipe("gentle", "general")
    audio = Audio.from_array(pink(-40, 5, 8_000, 1), 8_000)
    measured = read_curves(run_meters(audio, PLANNING), READINGS)
    plan = riding.plan(measured, made_by.preset, made_by.profile)
    inside = replace(plan, reduction_db=np.array([2.0, 2.0, 1.8, 1.9], np.float32))
    assert inside.max_fall_db_per_s == pytest.approx(10, abs=0.01)
    assert inside.max_rise_db_per_s == pytest.approx(20, abs=0.01)
