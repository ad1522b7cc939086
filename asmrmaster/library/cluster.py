"""Workers of other machines: a Dask cluster.

Its own scheduler hands the work out and gives that of a lost worker to another; the ledger stays
with the run that asked. The takes and the masters must lie where every machine finds them: on a
shared file system, under the same path, or in object storage.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from types import TracebackType
from typing import Any

from asmrmaster import __version__
from asmrmaster.errors import OutputError, missing_extra
from asmrmaster.library.causes import LostError
from asmrmaster.library.task import Outcome, Task, work

CONNECT_S = 10
"""How long the scheduler has to answer, at first and when it was lost."""
LOOK_S = 2.0
"""How often the workers are counted."""


class Cluster:
    """The workers of a Dask cluster."""

    def __init__(self, address: str) -> None:
        """Connect to the scheduler at ``tcp://…``. Raises OutputError.

        It may not answer, or a worker may have another asmrmaster, or none.
        """
        try:
            import distributed
        except ImportError as error:
            raise missing_extra("cluster", error) from None
        self._address = address
        dask: Any = distributed  # its functions say nothing of types
        try:
            self._client = dask.Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise LostError(
                f"no Dask scheduler answers there ({type(error).__name__})",
                subject=address,
                hint="Start one with `dask scheduler`, and workers with `dask worker ADDRESS`",
            ) from None
        try:
            self._check()
        except BaseException:
            self._client.close()
            raise
        self._executor = self._client.get_executor(pure=False)
        self._width, self._counted = 1, 0.0

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def _check(self) -> None:
        found: dict[str, str] = self._client.run(_version, on_error="return")
        others = {at: v for at, v in found.items() if v != __version__}
        if others:
            at, other = next(iter(others.items()))
            what = f"asmrmaster {other}" if isinstance(other, str) else "no asmrmaster"
            raise OutputError(
                f"its worker {at} has {what}, and this is {__version__}",
                subject=self._address,
                hint="Install the same version everywhere, or the same takes make other masters",
            )

    @property
    def width(self) -> int:
        """Two jobs for each thread of a worker, so that none waits for the next.

        Raises OutputError when the scheduler is lost; Dask waits for it to come back before.
        """
        if self._client.status in ("closing", "closed"):
            raise LostError(
                "the scheduler cannot be reached any more",
                subject=self._address,
                hint="Start it again, then run this again: it continues where it was",
            )
        now = time.monotonic()
        if self._client.status == "running" and now - self._counted > LOOK_S:
            threads = sum(self._client.ncores().values())
            self._width, self._counted = max(1, 2 * threads), now
        return self._width

    def submit(self, task: Task) -> Future[Outcome]:
        future: Future[Outcome] = self._executor.submit(work, task)
        return future

    def give_up(self, future: Future[Outcome]) -> None:
        future.cancel()  # what a worker already does there it does to its end; nobody waits for it

    def deaths(self, error: BaseException) -> int:
        return int(getattr(error, "allowed_failures", -1)) + 1


def _version() -> str:
    return __version__
