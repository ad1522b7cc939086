"""Channel repair: left and right end where they were sent, and the log says so."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.errors import ParameterError
from asmrmaster.stages.base import Edit
from asmrmaster.stages.channels import REPAIRS, Channels
from tests.signals import noise

RATE = 48_000
SOUND = np.concatenate([noise(-20, 0.5, channels=1), noise(-30, 0.5, channels=1) * 0.5], axis=1)
LEFT, RIGHT = SOUND.T


@pytest.mark.parametrize(
    ("repair", "expected"),
    [
        ("swap", (RIGHT, LEFT)),
        ("left_to_both", (LEFT, LEFT)),
        ("right_to_both", (RIGHT, RIGHT)),
        ("invert_left", (-LEFT, RIGHT)),
        ("invert_right", (LEFT, -RIGHT)),
        ("mono", ((LEFT + RIGHT) / 2, (LEFT + RIGHT) / 2)),
    ],
)
def test_each_side_becomes(repair: str, expected: tuple[np.ndarray, np.ndarray]) -> None:
    told: list[Edit] = []
    stage = Channels.model_validate({"repair": repair})
    np.testing.assert_allclose(stage(SOUND, RATE, told.append).T, expected)
    assert [edit.reason for edit in told] == [REPAIRS[repair][0]]


def test_every_repair_is_one_that_can_be_asked_for() -> None:
    for repair in REPAIRS:
        assert Channels.model_validate({"repair": repair}).repair == repair


def test_a_trim_is_laid_on_one_side_and_logged() -> None:
    told: list[Edit] = []
    shaped = Channels(right_db=6.0)(SOUND, RATE, told.append)
    np.testing.assert_array_equal(shaped[:, 0], LEFT)
    np.testing.assert_allclose(shaped[:, 1], RIGHT * 10 ** (6 / 20))
    assert [(edit.channel, edit.amount_db) for edit in told] == [(1, 6.0)]


def test_unasked_it_does_nothing() -> None:
    assert Channels().idle
    assert Channels()(SOUND, RATE).tobytes() == SOUND.tobytes()


def test_one_channel_has_no_sides() -> None:
    with pytest.raises(ParameterError, match="has 1 channel"):
        Channels(repair="swap")(SOUND[:, :1], RATE)
