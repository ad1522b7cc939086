"""What every stage promises, for every stage in the registry and the limiter."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Stage
from asmrmaster.stages.limiter import Limiter
from asmrmaster.streams.audio import Audio, Block
from tests.signals import Array, noise, pink, silence

KINDS: list[type[Stage]] = [*STAGES.values(), Limiter]


def _schema(kind: type[Stage]) -> dict[str, Any]:
    return kind.model_json_schema()


def _stages() -> Iterator[Stage]:
    for kind in KINDS:
        yield kind()
        for example in _schema(kind).get("examples", ()):
            yield kind.model_validate(example)


ALL = pytest.mark.parametrize("stage", list(_stages()), ids=repr)


def material(rate: int, channels: int) -> Array:
    """Half a second of bed, taps, an electrical click and full-scale noise."""
    samples = pink(-30, 0.5, rate, channels, seed=1)
    for number, place in enumerate((0.1, 0.16, 0.23)):
        start, length = int(place * rate), rate // 50
        decay = np.exp(-np.arange(length) / (rate / 200))[:, None]
        samples[start : start + length] += decay * noise(-6, 1, length, channels, seed=number)
    samples[int(0.31 * rate), 0] += 0.7
    tail = slice(int(0.4 * rate), None)
    samples[tail] = noise(0, 0.5, rate, channels)[tail]
    return samples


def cut(samples: Array, rate: int, edges: list[int]) -> Audio:
    """The same sound in other blocks, empty ones among them."""

    def blocks() -> Iterator[Block]:
        for start, stop in pairwise([0, *edges, len(samples)]):
            yield samples[start:stop]

    return Audio(rate, samples.shape[1], len(samples), blocks)


@ALL
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (192_000, 6)])
def test_rate_channels_and_frames_are_promised_and_kept(
    stage: Stage, rate: int, channels: int
) -> None:
    samples = material(rate, channels)
    audio = stage(Audio.from_array(samples, rate))
    assert (audio.rate, audio.channels, audio.frames) == (rate, channels, len(samples))
    blocks = list(audio.open())
    assert sum(len(block) for block in blocks) == len(samples)
    assert all(block.dtype == np.float64 for block in blocks)
    assert all(block.shape[1:] == (channels,) for block in blocks)


@ALL
@pytest.mark.parametrize("frames", [0, 1, 2, 31, 1000])
def test_short_sounds_keep_their_length(stage: Stage, frames: int) -> None:
    samples = material(8000, 2)[:frames]
    assert stage(Audio.from_array(samples, 8000)).to_array().shape == (frames, 2)


@ALL
@pytest.mark.parametrize(
    "edges",
    [[1, 2, 3, 100], [0, 0, 4000, 4000], [8191, 8192, 8193], [20_000], list(range(0, 22_000, 441))],
    ids=len,
)
def test_blocks_do_not_matter(stage: Stage, edges: list[int]) -> None:
    samples = material(44_100, 2)
    whole = stage(cut(samples, 44_100, [])).to_array()
    parts = stage(cut(samples, 44_100, edges)).to_array()
    assert np.abs(whole - parts).max() <= 1e-9


@ALL
def test_every_pass_is_the_same_and_the_input_stays(stage: Stage) -> None:
    samples = material(48_000, 2)
    before = samples.copy()
    audio = stage(Audio.from_array(samples, 48_000))
    assert np.array_equal(audio.to_array(), audio.to_array())
    assert np.array_equal(samples, before)


@ALL
def test_silence_stays_silent(stage: Stage) -> None:
    assert not stage(Audio.from_array(silence(0.5), 48_000)).to_array().any()


@ALL
def test_an_event_stays_at_its_frame(stage: Stage) -> None:
    samples = silence(0.2, channels=1)
    samples[4000:4200, 0] = np.hanning(200) * noise(0, 1, rate=200)[:, 0]
    out = stage(Audio.from_array(samples, 48_000)).to_array()
    match = np.correlate(out[:, 0], samples[3900:4300, 0])
    assert int(np.argmax(match)) == 3900
    assert not out[:3000].any()


@ALL
def test_finite_stays_finite(stage: Stage) -> None:
    for scale in (1e-300, 1e-12, 30.0):
        out = stage(Audio.from_array(material(48_000, 2) * scale, 48_000)).to_array()
        assert np.isfinite(out).all()


@ALL
def test_parameters_round_trip(stage: Stage) -> None:
    assert type(stage).model_validate(stage.model_dump()) == stage
    assert type(stage).model_validate_json(stage.model_dump_json()) == stage
    with pytest.raises(ValueError, match="frozen"):
        setattr(stage, next(iter(type(stage).model_fields)), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_has_help_and_numbers_have_bounds(kind: type[Stage]) -> None:
    for name, field in _schema(kind)["properties"].items():
        assert field.get("description"), name
        if field.get("type") not in ("number", "integer") or "enum" in field:
            continue
        for bound, beyond in (("minimum", -1), ("maximum", 1)):
            assert bound in field, f"{name} has no {bound}"
            kind.model_validate({name: field[bound]})
            with pytest.raises(ValueError, match=name):
                kind.model_validate({name: field[bound] + beyond})


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_parameters_are_refused(kind: type[Stage]) -> None:
    with pytest.raises(ValueError, match="loudness_war"):
        kind.model_validate({"loudness_war": True})
