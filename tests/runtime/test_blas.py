"""Matrix products on one thread, and the setting of before given back."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from asmrmaster.runtime.blas import one_blas_thread


def threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_products_use_one_thread_as_long_as_it_lasts() -> None:
    _ = np.ones((2, 2)) @ np.ones((2, 2))
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        with one_blas_thread():
            assert threads() == {1}
        assert threads() == before
        with pytest.raises(KeyError), one_blas_thread():
            raise KeyError
        assert threads() == before
