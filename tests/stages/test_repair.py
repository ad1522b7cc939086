"""Repairs: protected spans, edits taken back, patches put in and nothing else."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from asmrmaster.stages.base import Edit, EditLog, no_log
from asmrmaster.stages.declick import Declick
from asmrmaster.stages.denoise import Denoise
from asmrmaster.stages.hum import Hum
from asmrmaster.stages.repair import Patch, Repair, fit, patched
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink, sine

RATE = 48_000


class Mend(Repair):
    """Sets three frames to 2 wherever a sample is above 1; a stand-in for a real repair."""

    name: ClassVar[str] = "mend"
    title: ClassVar[str] = "Mend"

    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        def find(window: Array, origin: int) -> list[Patch]:
            return [
                Patch(np.full(3, 2.0), self._edit(channel, frame + origin + 49))
                for channel, frame in np.argwhere(window[:, 50:150] > 1).tolist()
                if self.may_edit(channel, frame + origin + 49, frame + origin + 52, RATE)
            ]

        return patched(audio, 100, 50, find, log)

    def _edit(self, channel: int, frame: int) -> Edit:
        return Edit("mend", frame / RATE, (frame + 3) / RATE, 6.0, "test", channel, (), frame)


def broken() -> Array:
    samples = 0.1 * noise(-20, 0.02)
    samples[[5, 100, 199, 500], [0, 1, 1, 0]] = 1.5
    return samples


def mended(samples: Array, stage: Mend, block: int = 960) -> tuple[Array, list[Edit]]:
    edits: list[Edit] = []
    return stage(Audio.from_array(samples, RATE, block), edits.append).to_array(), edits


def test_patches_are_put_in_and_everything_else_stays_bit_for_bit() -> None:
    samples = broken()
    expected = samples.copy()
    for frame, channel in ((5, 0), (100, 1), (199, 1), (500, 0)):
        expected[frame - 1 : frame + 2, channel] = 2.0  # two of them reach across a window's end
    result, edits = mended(samples, Mend())
    assert np.array_equal(result, expected)
    assert [edit.first_frame for edit in edits] == [4, 99, 198, 499]


@pytest.mark.parametrize("block", [1, 7, 100, 149, 960])
def test_blocks_do_not_matter(block: int) -> None:
    samples = broken()
    assert np.array_equal(mended(samples, Mend(), block)[0], mended(samples, Mend())[0])


def test_an_edit_has_a_name_of_stage_channel_and_frame() -> None:
    assert [edit.id for edit in mended(broken(), Mend())[1]] == [
        "mend-1-0000004",
        "mend-2-0000099",
        "mend-2-0000198",
        "mend-1-0000499",
    ]
    assert Edit("ride", 0, 1, 0, "").id == ""
    assert Edit("denoise", 0, 1, 0, "", first_frame=0).id == "denoise-0-0000000"


def test_an_edit_taken_back_is_not_made_again() -> None:
    samples = broken()
    stage = Mend(skip_edits=frozenset({"mend-2-0000099"}))
    result, edits = mended(samples, stage)
    assert np.array_equal(result[99:102], samples[99:102])
    assert [edit.first_frame for edit in edits] == [4, 198, 499]


def test_a_protected_span_stays_and_its_neighbour_frame_does_not() -> None:
    samples = broken()
    touching = Mend(protect=((101 / RATE, 0.004),))
    assert [edit.first_frame for edit in mended(samples, touching)[1]] == [4, 198, 499]
    beside = Mend(protect=((102 / RATE, 0.004),))
    assert [edit.first_frame for edit in mended(samples, beside)[1]] == [4, 99, 198, 499]


def test_equal_stages_are_written_equally() -> None:
    one = Mend(skip_edits=frozenset({"b", "a", "c"}), protect=((0.5, 1.0),))
    assert one.model_dump(mode="json")["skip_edits"] == ["a", "b", "c"]
    assert Mend.model_validate_json(one.model_dump_json()) == one


@pytest.mark.parametrize("span", [(1.0, 1.0), (2.0, 1.0), (-1.0, 1.0), (0.0, float("inf"))])
def test_a_span_that_is_none_is_refused(span: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match=r"span|finite number"):
        Mend(protect=(span,))


def test_a_running_repair_gives_way_to_a_protected_span_within_10_ms() -> None:
    stage = Mend(protect=((0.5, 0.6), (0.605, 0.7)))
    whole = stage.share(0, RATE, RATE)
    assert whole is not None
    inside = slice(RATE // 2, round(0.6 * RATE) + 1)
    assert not whole[inside].any()
    assert whole[: round(0.49 * RATE)].all()
    assert whole[round(0.4951 * RATE)] == pytest.approx(0.49, abs=0.01)
    assert whole[round(0.6025 * RATE)] == pytest.approx(0.25, abs=0.01)
    parts = [stage.share(start, 700, RATE) for start in range(0, RATE, 700)]
    joined = np.concatenate([np.ones(700) if part is None else part for part in parts])
    assert np.array_equal(joined[:RATE], whole)
    assert stage.share(0, 1000, RATE) is None


def test_a_chain_is_fitted_once_and_replays_the_same() -> None:
    samples = pink(-60, 20.0, 16_000) + sine(50, -30, 20.0, 16_000)
    samples[5 * 16_000 : 9 * 16_000] += noise(-30, 4.0, 16_000)
    audio = Audio.from_array(samples, 16_000)
    declick, hum, denoise = chain = fit(audio, (Declick(), Hum(), Denoise()))
    assert declick == Declick()
    assert isinstance(hum, Hum)
    assert isinstance(denoise, Denoise)
    assert hum.lines
    assert denoise.floor_dbfs is not None
    unhummed = Denoise().fitted(hum(audio))
    assert denoise == unhummed  # the floor is the one without the hum
    assert denoise != Denoise().fitted(audio)
    assert fit(audio, chain) == chain
    once, again = (chain[2](chain[1](chain[0](audio))).to_array() for _ in range(2))
    assert np.array_equal(once, again)
