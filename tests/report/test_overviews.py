"""Pictures: level in each row and column, at any length, and nothing where nothing was heard."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.novelty import BAND_EDGES_HZ
from asmrmaster.meters.base import HOP_S, Curve, Measurement
from asmrmaster.report.overviews import COLUMNS, Picture, picture, pictures


def test_a_column_is_the_loudness_of_its_stretch() -> None:
    """BS.1770-5: a mean square of 0.01 is −20.69 LUFS; half a second of ten times that is seen."""
    energy = np.full((40_000, 2), 0.01)
    energy[20_000:20_200, 1] = 1.0
    drawn = picture(Curve(energy, HOP_S, "mean square"), ("a", "b"))
    assert len(drawn.values[0]) == len(drawn.values[1]) == COLUMNS
    assert drawn.hop_s == pytest.approx(1.0)
    assert set(drawn.values[0]) == {-21}
    loud = [k for k, level in enumerate(drawn.values[1]) if level is not None and level > -20]
    assert loud == [200, 201]


@pytest.mark.parametrize("hops", [0, 1, 399, 400, 401, 999, 3_600_000])
def test_any_length_is_covered_in_at_most_so_many_columns(hops: int) -> None:
    drawn = picture(Curve(np.ones((hops, 1), dtype=np.float32), HOP_S, "mean square"), ("all",))
    columns = len(drawn.values[0])
    assert columns <= COLUMNS
    assert hops * HOP_S <= columns * drawn.hop_s + 1e-9 < hops * HOP_S + drawn.hop_s


def test_a_shorter_last_column_is_not_averaged_with_silence() -> None:
    drawn = picture(Curve(np.ones((401, 1)), HOP_S, "mean square"), ("all",))
    assert drawn.values[0][-1] == drawn.values[0][0] == -1


def test_silence_is_none() -> None:
    drawn = picture(Curve(np.zeros((100, 1)), HOP_S, "mean square"), ("all",))
    assert set(drawn.values[0]) == {None}


def test_what_was_heard_is_drawn_and_no_more() -> None:
    bands = Curve(np.ones((100, len(BAND_EDGES_HZ))), 0.02, "mean square")
    sides = Curve(np.ones((200, 2)), HOP_S, "mean square")
    mono = Curve(np.ones((200, 1)), HOP_S, "mean square")
    drawn = pictures(Measurement(curves={"novelty_band_energy": bands, "k_energy": sides}))
    assert len(drawn["bands"].rows) == len(drawn["bands"].values) == len(BAND_EDGES_HZ)
    low_hz, high_hz = BAND_EDGES_HZ[0]
    assert drawn["bands"].rows[0] == f"{low_hz:g} to {high_hz:g} Hz"
    assert drawn["bands"].rows[-1].endswith("kHz")
    assert drawn["channels"].rows == ("left", "right")
    assert pictures(Measurement(curves={"k_energy": mono})) == {}
    assert pictures(Measurement()) == {}


def test_the_highest_peak_of_a_column_is_kept() -> None:
    """One sample at half scale in a quiet minute is −6 dBFS, whatever lies around it."""
    values = np.full(6000, 0.01)
    values[3000] = 0.5
    drawn = pictures(Measurement(curves={"peak": Curve(values, HOP_S, "linear")}))["peaks"]
    assert len(drawn.values[0]) == COLUMNS
    assert sorted(set(drawn.values[0]), key=str) == [-40, -6]
    assert drawn.values[0].index(-6) == 3000 * HOP_S // drawn.hop_s
    silent = pictures(Measurement(curves={"peak": Curve(np.zeros(10), HOP_S, "linear")}))
    assert set(silent["peaks"].values[0]) == {None}
    assert pictures(Measurement(curves={"peak": Curve(np.zeros(0), HOP_S, "")}))["peaks"].values


def test_a_low_sampling_rate_has_fewer_bands() -> None:
    bands = Curve(np.ones((10, 4)), 0.02, "mean square")
    assert len(pictures(Measurement(curves={"novelty_band_energy": bands}))["bands"].rows) == 4


def test_pictures_round_trip() -> None:
    drawn = picture(Curve(np.ones((10, 1)), HOP_S, "mean square"), ("all",))
    assert Picture.model_validate_json(drawn.model_dump_json()) == drawn
