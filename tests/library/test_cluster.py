"""Other machines: a Dask cluster, and takes and masters in object storage, make the same masters.

The cluster is real (scheduler and workers are processes of this machine), and so is the object
storage (a server that speaks S3). Both are optional; without them these tests say that they skip.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from asmrmaster.errors import OutputError
from asmrmaster.library import cluster
from asmrmaster.library.batch import batch
from asmrmaster.library.storage import digest
from asmrmaster.presets.recipe import load_recipe
from tests.library_material import Inline, take

pytest.importorskip("distributed")
pytest.importorskip("s3fs")
pytest.importorskip("moto")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")

GENTLE = load_recipe()
BIN = Path(sys.executable).parent
WORKERS = 3
PATIENCE_S = 900
"""When something that will come has not come, on however busy a machine, the test fails."""
NOBODY = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
"""The server of the tests lets everybody in, but wants to be told something."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(*words: object, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program in the background, ended at the end."""
    process = subprocess.Popen(
        [str(word) for word in words],
        env={**os.environ, **env, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """What the environment says of a server that speaks S3, with the bucket ``asmr``."""
    port = free_port()
    env = {
        **NOBODY,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with running(BIN / "moto_server", "-H", "127.0.0.1", "-p", port):
        _until(lambda: urllib.request.urlopen(env["AWS_ENDPOINT_URL"]).status == 200)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            import s3fs

            s3fs.S3FileSystem().mkdir("asmr")
            yield env


@pytest.fixture(scope="module")
def dask(s3: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with workers."""
    folder, port = tmp_path_factory.mktemp("dask"), free_port()
    address = f"tcp://127.0.0.1:{port}"
    worker = [BIN / "dask", "worker", address, "--nthreads", 1, "--no-dashboard", "--no-nanny",
              "--local-directory", folder]  # fmt: skip
    with (
        running(BIN / "dask", "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"),
        running(*worker, **s3),
        running(*worker, **s3),
        running(*worker, **s3),
    ):
        import distributed

        connect: Any = distributed.Client
        with connect(address, timeout=PATIENCE_S, set_as_default=False) as client:
            client.wait_for_workers(WORKERS, timeout=PATIENCE_S)
        yield address


def _answers(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port)):
        return True


def _until(true: object, seconds: float = PATIENCE_S) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            if true():  # type: ignore[operator]
                return
        except OSError:
            pass
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("takes")
    for number in range(6):
        take(folder / f"{number % 2}" / f"{number}.wav", seconds=0.6, seed=number)
    (folder / "bad.wav").write_bytes(b"RIFF nonsense")
    return folder


@pytest.fixture(scope="module")
def undisturbed(takes: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The masters of a run on this machine: hash by name."""
    out = tmp_path_factory.mktemp("out")
    batch([str(takes)], str(out), GENTLE, workers=Inline())
    return masters(out)


def masters(out: Path) -> dict[str, str]:
    found = [p for p in out.rglob("*.wav") if ".asmrmaster" not in p.parts]
    return {path.relative_to(out).as_posix(): digest(path) for path in found}


def test_a_cluster_makes_the_same_masters(
    dask: str, takes: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    with cluster.Cluster(dask) as workers:
        assert workers.width == 2 * WORKERS
        summary = batch([str(takes)], str(tmp_path), GENTLE, workers=workers)
        assert (summary.made, len(summary.without)) == (6, 1)
        assert masters(tmp_path) == undisturbed
        assert batch([str(takes)], str(tmp_path), GENTLE, workers=workers).unchanged == 7


def test_from_bucket_to_bucket_over_a_cluster(
    dask: str, takes: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    import s3fs

    s3fs.S3FileSystem().put(f"{takes}/", "asmr/in/", recursive=True)
    ledger = tmp_path / "ledger.db"
    given, out = ["s3://asmr/in"], "s3://asmr/out"
    with cluster.Cluster(dask) as workers:
        summary = batch(given, out, GENTLE, workers=workers, ledger=ledger)
    assert (summary.made, len(summary.without)) == (6, 1)
    fetched = tmp_path / "out"
    s3fs.S3FileSystem().get("asmr/out/", str(fetched), recursive=True)
    assert masters(fetched) == undisturbed
    assert not [path for path in fetched.rglob("*") if ".asmrmaster" in path.parts]
    here = Inline()
    assert batch(given, out, GENTLE, workers=here, ledger=ledger).unchanged == 7
    assert here.jobs == []


def test_a_lost_scheduler_ends_the_run_and_the_next_continues(
    takes: Path, undisturbed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", PATIENCE_S)
    port = free_port()
    scheduler = [BIN / "dask", "scheduler", "--host", "127.0.0.1", "--port", port,
                 "--no-dashboard"]  # fmt: skip
    with running(*scheduler) as process:
        _until(lambda: _answers(port))
        with cluster.Cluster(f"tcp://127.0.0.1:{port}") as workers:
            monkeypatch.setattr(workers._client, "_timeout", 2)  # how long it looks for it again
            # No worker ever comes: the work waits in the scheduler until that is lost, too.
            threading.Timer(1, process.kill).start()
            summary = batch([str(takes)], str(tmp_path), GENTLE, workers=workers)
    assert "cannot be reached any more" in summary.stopped
    assert (summary.made, summary.not_tried, summary.exit_code) == (0, 7, 6)
    assert batch([str(takes)], str(tmp_path), GENTLE, workers=Inline()).made == 6
    assert masters(tmp_path) == undisturbed


def test_no_scheduler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    with pytest.raises(OutputError, match="no Dask scheduler answers"):
        cluster.Cluster(f"tcp://127.0.0.1:{free_port()}")


def test_a_worker_of_another_version_is_refused(dask: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "__version__", "99.0.0")
    with pytest.raises(OutputError, match=r"and this is 99\.0\.0"):
        cluster.Cluster(dask)
