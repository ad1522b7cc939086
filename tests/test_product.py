"""Products in pieces are products."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.product import product
from tests.signals import noise


@pytest.mark.parametrize(
    ("rows", "inner", "columns"),
    [(0, 3, 4), (3, 4, 0), (1, 1, 1), (4000, 31, 32), (64, 28, 5000), (2, 700, 700), (700, 700, 2)],
)
def test_pieces_make_the_whole(rows: int, inner: int, columns: int) -> None:
    left = noise(0, 1, rate=rows, channels=inner)
    right = noise(0, 1, rate=inner, channels=columns, seed=1)
    found = product(left, right)
    assert found.shape == (rows, columns)
    assert found == pytest.approx(np.einsum("ij,jk->ik", left, right), abs=1e-9)
