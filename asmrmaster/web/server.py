"""Starts the page, and leaves nothing behind when it ends."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from asmrmaster.errors import InputError, OutputError, ParameterError
from asmrmaster.web.app import Site
from asmrmaster.web.choices import Catalogue
from asmrmaster.web.connections import Connection
from asmrmaster.web.jobs import Jobs
from asmrmaster.web.resource_limits import Limits
from asmrmaster.web.security import Access, AccessMiddleware, is_loopback
from asmrmaster.web.worker import run
from asmrmaster.web.worker_process import Work
from asmrmaster.web.workspace import private_workspace

MOST_AT_ONCE = 600
"""Connections, of which few may ask nothing for long; more get 503, to be tried again."""
PASSWORD_CHARACTERS = 10
CLOSING_S = 3


@contextmanager
def opened(
    folder: Path | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    password: str = "",
    profiles: tuple[str, ...] = (),
    limits: Limits | None = None,
    work: Work = run,
) -> Iterator[tuple[uvicorn.Server, Access, socket.socket]]:
    """A server ready to run, who has access to it, and the socket it listens on.

    port: 0 for any that is free. All files are in a private folder that goes at the end. Raises
    ParameterError without a password for an address others can reach, InputError where ``folder``
    is none, OutputError where the port is taken, PresetError where a profile is wrong.
    """
    if not is_loopback(host) and len(password) < PASSWORD_CHARACTERS:
        raise ParameterError(
            f"others can reach {host}, so a password of at least {PASSWORD_CHARACTERS} characters "
            "is needed",
            hint="Set ASMRMASTER_PASSWORD, or leave --host out to serve this machine alone",
        )
    if folder is not None and not folder.is_dir():
        raise InputError("there is no such folder", subject=folder, hint="Check the name")
    catalogue = Catalogue(profiles)
    assert catalogue.profiles  # a wrong one raises before anything is served
    listening = _listen(host, port)
    with private_workspace() as workspace:
        jobs = Jobs(workspace, limits, work)
        access = Access(host, listening.getsockname()[1], "" if is_loopback(host) else password)
        site = Site(jobs, access, catalogue, folder.resolve() if folder else None)
        try:
            yield _server(AccessMiddleware(site.app(), access)), access, listening
        finally:
            jobs.close()
            listening.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(MOST_AT_ONCE)
    except OSError as error:
        listening.close()
        raise OutputError(
            f"this address cannot be served: {error.strerror or error}",
            subject=f"{host}:{port}",
            hint="Choose another --port",
        ) from None
    return listening


def _server(app: ASGIApp) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=Connection,
            lifespan="off",
            ws="none",
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_AT_ONCE,
            timeout_graceful_shutdown=CLOSING_S,
        )
    )


def serve(
    folder: Path | None,
    *,
    host: str,
    port: int,
    password: str,
    profiles: tuple[str, ...],
    jobs: int,
    announce: Callable[[str], None],
) -> None:
    """Serve until interrupted. Raises as ``opened`` does."""
    limits = Limits(jobs=jobs)
    before = signal.signal(signal.SIGTERM, _leave)  # so that the private folder is removed
    try:
        with opened(
            folder, host=host, port=port, password=password, profiles=profiles, limits=limits
        ) as (server, access, listening):
            access.used = lambda: announce(access.address)
            announce(access.address)
            with suppress(KeyboardInterrupt, SystemExit):
                server.run(sockets=[listening])
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(0)
