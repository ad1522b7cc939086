"""Matrix products that stay on the thread they are asked for on."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Float = TypeVar("Float", bound=np.floating[Any])

_ALONE = 1 << 18
"""Multiplications in one product that OpenBLAS still does alone. For more it wakes threads of its
own, which wait by spinning: on a busy machine that takes several times as long as it saves."""


def product(left: NDArray[Float], right: NDArray[Float]) -> NDArray[Float]:
    """``left @ right``, in pieces along the longer side that are small enough for one thread."""
    rows, columns = len(left), right.shape[1]
    out = np.empty((rows, columns), dtype=left.dtype)
    if rows >= columns:
        step = max(1, _ALONE // max(1, right.size))
        for start in range(0, rows, step):
            np.matmul(left[start : start + step], right, out=out[start : start + step])
    else:
        step = max(1, _ALONE // max(1, left.size))
        for start in range(0, columns, step):
            part = slice(start, start + step)
            np.matmul(left, right[:, part], out=out[:, part])
    return out
