"""Connections that ask nothing: they are given up in time, and make room for those that do."""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""A request has to be asked in full within this time, or the connection ends."""
MOST_IDLE_EACH, MOST_IDLE = 64, 128
"""Connections of one address, and of all, that ask nothing at the moment; a browser opens six. The
oldest end where there are more."""
GRACE_S = 0.5
"""What was opened this short a time ago may have asked, and not been read yet."""


class Connection(H11Protocol):
    """A connection of uvicorn's with a deadline while it asks nothing, or not to the end."""

    _deadline: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered on it."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def address(self) -> str:
        """Where it comes from."""
        return self.client[0] if self.client else ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes it up, and ends the oldest idle ones where there are too many."""
        super().connection_made(transport)
        self.opened = self.loop.time()
        self._wait()
        others = sorted(self._idle(), key=lambda one: one.opened)
        here = [one for one in others if one.address == self.address]
        for one in {*here[: -(MOST_IDLE_EACH - 1)], *others[: -(MOST_IDLE - 1)]}:
            one.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Reads on; the deadline holds until there is a whole request."""
        super().data_received(data)
        if not self.is_idle:
            self._stop_waiting()
        elif self._deadline is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Lets go of it."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _idle(self) -> list[Connection]:
        known = [cast(Connection, one) for one in self.connections if one is not self]
        return [one for one in known if one.is_idle and one.opened < self.opened - GRACE_S]

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(HEAD_S, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self.is_idle:
            self.transport.abort()
