"""Matrix products that stay on the thread they are asked for on.

The library behind ``@`` wakes threads of its own for all but small products, and these wait for
the next one by spinning. Here two threads always have other work, so that takes twice the time it
saves, and many times as much on a busy machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """While this lasts, matrix products use one thread; for the whole process."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield
