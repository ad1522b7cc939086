"""A page that is served for a test, and someone who asks it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from asmrmaster.web.app import Site
from asmrmaster.web.resource_limits import Limits
from asmrmaster.web.security import Access
from asmrmaster.web.server import opened
from asmrmaster.web.worker import run
from asmrmaster.web.worker_process import Work

FINAL = ("done", "failed", "cancelled")


class Visitor:
    """A browser without a window: it has the token, and says where it asks from."""

    def __init__(self, access: Access, workspace: Path) -> None:
        self.access = access
        self.workspace = workspace
        self.base = f"http://127.0.0.1:{access.port}"
        self.http = httpx.Client(
            base_url=self.base,
            headers={"Origin": self.base},
            cookies={access.cookie: access.new_session()},
            timeout=30,
            verify=False,  # nothing here is encrypted, and reading all authorities takes a while
        )

    def send(
        self, to: str, path: Path | None = None, name: str = "", **fields: str
    ) -> httpx.Response:
        """Post a form with a file, by default to be checked by the general profile."""
        given = {"profile": "general", **({"preset": "gentle"} if to == "/make" else {}), **fields}
        files = {"file": (name or path.name, path.read_bytes())} if path else {"file": ("", b"")}
        return self.http.post(to, data=given, files=files)

    def job(self, to: str, path: Path | None = None, name: str = "", **fields: str) -> str:
        """The address of the job such a form makes."""
        answer = self.send(to, path, name, **fields)
        assert answer.status_code == 303, answer.text[-500:]
        return answer.headers["location"]

    def state(self, job: str) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"{job}/state").json()
        return found

    def wait(self, job: str, *, sounds: bool = False, most_s: float = 60) -> dict[str, Any]:
        """The state of a job once it is final (and its sounds are there)."""
        until = time.monotonic() + most_s
        while time.monotonic() < until:
            state = self.state(job)
            if state["status"] in FINAL and (not sounds or state["sounds"]):
                return state
            time.sleep(0.03)
        raise AssertionError(f"{job} did not end within {most_s} s: {state}")

    def text(self, address: str) -> str:
        answer = self.http.get(address)
        assert answer.status_code == 200, answer.text[-500:]
        return answer.text


def site_of(server: uvicorn.Server) -> Site:
    """What is behind the middleware of a server."""
    middleware: Any = server.config.app
    site = middleware._app.routes[0].endpoint.__self__
    assert isinstance(site, Site)
    return site


@contextmanager
def serving(
    folder: Path | None = None,
    *,
    limits: Limits | None = None,
    work: Work = run,
    host: str = "127.0.0.1",
    password: str = "",
) -> Iterator[Visitor]:
    """Serve on a free port until the block is left."""
    with opened(folder, host=host, password=password, limits=limits, work=work) as (
        server,
        access,
        listening,
    ):
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        visitor = Visitor(access, site_of(server).jobs.workspace)
        try:
            while not server.started:
                time.sleep(0.01)
            yield visitor
        finally:
            visitor.http.close()
            server.should_exit = True
            thread.join()
