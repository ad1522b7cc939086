"""A cluster of machines that are lost while it works.

    python -m benchmarks.cluster [--takes 24] [--seconds 3]

Three workers, each in a network namespace of its own (needs the rights to make one), on a bridge
with a scheduler and a server that speaks S3. Takes and masters lie on a shared file system, then in
a bucket; a worker is killed, then the network of another is cut. The masters must have the bytes
of a run on this machine.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import soundfile

from asmrmaster.demo import RATE_HZ, take
from asmrmaster.library.batch import batch
from asmrmaster.library.cluster import Cluster
from asmrmaster.library.storage import digest
from asmrmaster.presets.recipe import load_recipe
from benchmarks.peers import BIN

WORKERS = 3
NET, BRIDGE = "10.77.31", "asmrbridge"
SCHEDULER, S3 = f"tcp://{NET}.1:8786", f"http://{NET}.1:9000"
ENV = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": S3,
    # A machine that falls silent is given up after this long; Dask waits 5 minutes unless told.
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "10s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "20s",
}


def ip(*words: str) -> None:
    """Run the command ip."""
    subprocess.run(["ip", *words], check=True)


@contextmanager
def network() -> Iterator[None]:
    """A bridge, and a namespace for each worker with one end of a cable to it."""
    names = [f"asmr{number}" for number in range(WORKERS)]
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("addr", "add", f"{NET}.1/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for number, name in enumerate(names):
            ip("netns", "add", name)
            ip("link", "add", f"{name}a", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", f"{name}a", "master", BRIDGE, "up")
            ip("-n", name, "addr", "add", f"{NET}.{number + 2}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for name in names:
            with suppress(subprocess.CalledProcessError):
                ip("netns", "del", name)
        with suppress(subprocess.CalledProcessError):
            ip("link", "del", BRIDGE)


@contextmanager
def running(*words: object) -> Iterator[subprocess.Popen[bytes]]:
    """A program in the background."""
    quiet = subprocess.DEVNULL
    program = subprocess.Popen([str(word) for word in words], stdout=quiet, stderr=quiet)
    try:
        yield program
    finally:
        program.kill()
        program.wait()


@contextmanager
def cluster(folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A scheduler, and workers that are ready."""
    dask, host = BIN / "dask", f"{NET}.1"
    with ExitStack() as stack:
        stack.enter_context(running(dask, "scheduler", "--host", host, "--no-dashboard"))
        workers = [
            stack.enter_context(
                running(
                    "ip",
                    "netns",
                    "exec",
                    f"asmr{number}",
                    dask,
                    "worker",
                    SCHEDULER,
                    "--nthreads",
                    1,
                    "--no-nanny",
                    "--no-dashboard",
                    "--local-directory",
                    folder / "dask",
                )
            )
            for number in range(WORKERS)
        ]
        time.sleep(1)
        import distributed

        connect: Any = distributed.Client
        with connect(SCHEDULER, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(WORKERS, timeout=60)
        yield workers


def masters(out: Path) -> dict[str, str]:
    """Hash of every master by its name."""
    found = [p for p in out.rglob("*.wav") if ".asmrmaster" not in p.parts]
    return {path.relative_to(out).as_posix(): digest(path) for path in found}


def main() -> None:
    """Print what came of each loss; exit 1 where a master was lost or another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takes", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=3.0)
    given = parser.parse_args()
    # Told to end, it still puts away what it has put up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ.update(ENV)
    recipe = load_recipe()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        takes = folder / "in"
        takes.mkdir()
        sound, frames = take(75.0), round(given.seconds * RATE_HZ)
        for number in range(given.takes):
            first = number * (len(sound) - frames) // given.takes
            piece = sound[first : first + frames]
            soundfile.write(takes / f"{number:02d}.wav", piece, RATE_HZ, "PCM_24")
        batch([str(takes)], str(folder / "here"), recipe)
        want, right = masters(folder / "here"), True
        with network():
            with cluster(folder) as workers, Cluster(SCHEDULER) as crew:
                threading.Timer(2.0, workers[0].kill).start()
                found = batch([str(takes)], str(folder / "out"), recipe, workers=crew)
                right &= told("shared file system, a worker killed", found.seconds,
                              masters(folder / "out"), want)  # fmt: skip
            host = f"{NET}.1"
            with (
                running(BIN / "moto_server", "-H", host, "-p", 9000),
                cluster(folder),
                Cluster(SCHEDULER) as crew,
            ):
                import s3fs

                _until_it_answers()
                store = s3fs.S3FileSystem()
                store.mkdir("asmr")
                store.put(f"{takes}/", "asmr/in/", recursive=True)
                threading.Timer(2.0, ip, ("link", "set", "asmr1a", "down")).start()
                found = batch(["s3://asmr/in"], "s3://asmr/out", recipe, workers=crew,
                              ledger=folder / "ledger.db")  # fmt: skip
                store.get("asmr/out/", str(folder / "fetched"), recursive=True)
                right &= told("bucket to bucket, the network of a worker cut", found.seconds,
                              masters(folder / "fetched"), want)  # fmt: skip
    sys.exit(not right)


def told(what: str, seconds: float, found: dict[str, str], want: dict[str, str]) -> bool:
    """Print one line; whether the masters are those of a run on this machine."""
    same = sum(found.get(name) == hash for name, hash in want.items())
    print(f"{what}: {seconds:.1f} s, {same} of {len(want)} masters the same, {len(found)} in all")
    return found == want


def _until_it_answers() -> None:
    for _ in range(300):
        with suppress(OSError):
            urllib.request.urlopen(S3)
            return
        time.sleep(0.1)
    raise TimeoutError(S3)


if __name__ == "__main__":
    main()
