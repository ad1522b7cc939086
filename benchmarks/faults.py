"""A fault campaign: kill, fill, tear. After each fault the next run ends as if nothing had been.

    python -m benchmarks.faults [--kills 100] [--full 10] [--torn 10] [--seed 1]

Kills strike the run, one of its workers, or the scheduler of its cluster, at a random moment. A
full disk is a small tmpfs in a mount namespace of its own, which needs no privileges where user
namespaces are allowed. Torn takes are cut at a random byte. What is counted: before the next run
no file that is not whole has a master's name; after it every master is there and has the bytes of
an undisturbed run, and nothing else is.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import soundfile

from asmrmaster.demo import RATE_HZ, take
from asmrmaster.library.storage import digest
from benchmarks.peers import BIN

ASMRMASTER = str(BIN / "asmrmaster")
TAKES = 6
SECONDS = 2.0
SCHEDULER_SHARE = 0.1
"""Share of the kills that strike a scheduler."""
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
FULL = """
mount -t tmpfs -o size={small}k tmpfs {out} || exit 99
{command} > {log} 2>&1
find {out} -name '*.wav' -not -path '*/.asmrmaster/*' -exec cp {{}} {before} ';'
mount -o remount,size=1g {out} || exit 99
{command} > /dev/null 2>&1
cp -r {out}/. {result}
"""
"""Run on a disk that is too small, look, run again on one that is large enough."""


def make_takes(folder: Path) -> None:
    """Write the takes."""
    folder.mkdir()
    sound = take(SECONDS * (TAKES + 1))
    frames = round(SECONDS * RATE_HZ)
    for number in range(TAKES):
        piece = sound[number * frames :][:frames]
        soundfile.write(folder / f"{number}.wav", piece, RATE_HZ, "PCM_24")


def masters(out: Path) -> dict[str, str]:
    """Hash of everything that has a name of its own, by that name."""
    if not out.exists():
        return {}
    files = [path for path in out.rglob("*") if path.is_file() and ".asmrmaster" not in path.parts]
    return {path.relative_to(out).as_posix(): digest(path) for path in files}


def unfinished(out: Path) -> list[Path]:
    """What is left of work that was not finished."""
    return [path for path in (out / ".asmrmaster" / "staging").rglob("*") if path.is_file()]


class Campaign:
    """The takes, what an undisturbed run makes of them, and the score."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.dice = folder, random.Random(seed)
        self.takes = folder / "takes"
        make_takes(self.takes)
        began = time.monotonic()
        subprocess.run(self.command(folder / "undisturbed"), check=False, **QUIET)  # type: ignore[call-overload]
        self.seconds = time.monotonic() - began
        self.want = masters(folder / "undisturbed")
        assert len(self.want) == TAKES
        self.score: Counter[str] = Counter()
        self.wrong: list[str] = []

    def command(self, out: Path, *more: object) -> list[str]:
        """One batch of all takes."""
        return [ASMRMASTER, "batch", str(self.takes), str(out), "--jobs", "2", *map(str, more)]

    def start(self, out: Path, *more: object) -> subprocess.Popen[bytes]:
        """Begin a batch in the background."""
        return subprocess.Popen(self.command(out, *more), **QUIET)  # type: ignore[call-overload, no-any-return]

    def moment(self) -> None:
        """Wait until some moment of a run."""
        time.sleep(self.dice.uniform(0.05, 1.0) * self.seconds)

    def resume(self, what: str, out: Path) -> None:
        """Look at what a fault left behind, run again, and look again."""
        left = masters(out)
        torn = [name for name, found in left.items() if self.want.get(name) != found]
        subprocess.run(self.command(out), check=False, **QUIET)  # type: ignore[call-overload]
        self.judge(what, torn, masters(out), bool(unfinished(out)))
        shutil.rmtree(out, ignore_errors=True)

    def judge(self, what: str, torn: list[str], after: dict[str, str], rest: bool) -> None:
        """Count one fault."""
        self.score[what] += 1
        if torn:
            self.wrong.append(f"{what}: not whole under a master's name: {', '.join(torn)}")
        if after != self.want:
            self.wrong.append(f"{what}: {len(after)} masters, of {len(self.want)}, or others")
        if rest:
            self.wrong.append(f"{what}: unfinished files are left")


# --- kills ----------------------------------------------------------------------------------------


def children(pid: int) -> list[int]:
    """Worker processes of a run, without the helpers of multiprocessing."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            with suppress(OSError):
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(child)
    return found


def kill_run(campaign: Campaign, out: Path) -> None:
    """The whole run dies; its workers must not go on."""
    run = campaign.start(out)
    campaign.moment()
    run.kill()
    run.wait()
    campaign.resume("run killed", out)


def kill_worker(campaign: Campaign, out: Path) -> None:
    """One worker dies; the run goes on and ends by itself."""
    run = campaign.start(out)
    campaign.moment()
    workers: list[int] = []
    while run.poll() is None and not workers:
        with suppress(OSError):
            workers = children(run.pid)
    if workers:
        with suppress(ProcessLookupError):
            os.kill(campaign.dice.choice(workers), signal.SIGKILL)
    run.wait()
    campaign.resume("worker killed", out)


def kill_scheduler(campaign: Campaign, out: Path) -> None:
    """The scheduler of a cluster dies; the run gives up, the next one needs no cluster."""
    with cluster(campaign.folder) as (address, scheduler):
        run = campaign.start(out, "--cluster", address)
        campaign.moment()
        scheduler.kill()
        run.wait()
        campaign.resume("scheduler killed", out)


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler and two workers."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    dask = str(BIN / "dask")
    worker = [dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
              "--local-directory", str(folder / "dask")]  # fmt: skip
    scheduler = [dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    programs = [subprocess.Popen(words, **QUIET) for words in (scheduler, worker, worker)]  # type: ignore[call-overload]
    try:
        yield address, programs[0]
    finally:
        for program in programs:
            program.kill()
            program.wait()


# --- full disks, torn takes -----------------------------------------------------------------------


def fill_disk(campaign: Campaign, out: Path) -> bool:
    """A run on a disk with room for some of the masters; False where this cannot be tried."""
    size = sum(path.stat().st_size for path in (campaign.folder / "undisturbed").rglob("*.wav"))
    before, result = out.with_name("before"), out.with_name("result")
    for folder in (out, before, result):
        folder.mkdir()
    script = FULL.format(
        small=round(campaign.dice.uniform(0.2, 0.9) * size / 1024) + 300,
        out=out, before=before, result=result, log=out.with_name("log"),
        command=" ".join(campaign.command(out)),
    )  # fmt: skip
    words = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    done = subprocess.run(words, check=False, **QUIET)  # type: ignore[call-overload]
    tried: bool = done.returncode != 99
    if tried:
        left = masters(before)
        torn = [name for name, found in left.items() if campaign.want.get(name) != found]
        campaign.judge("disk full", torn, masters(result), bool(unfinished(result)))
        if len(left) == TAKES:
            campaign.wrong.append("disk full: it was not full, so nothing was tried")
    for folder in (out, before, result):
        shutil.rmtree(folder, ignore_errors=True)
    return tried


def tear_take(campaign: Campaign, out: Path) -> None:
    """A take is cut at a random byte, before or while the run is at work, then whole again."""
    torn = campaign.takes / f"{campaign.dice.randrange(TAKES)}.wav"
    whole = torn.read_bytes()
    part = whole[: campaign.dice.randrange(len(whole) - 1000)]
    name = next(name for name in campaign.want if name.startswith(torn.stem + "."))
    while_at_work = campaign.dice.random() < 0.5
    if not while_at_work:
        torn.write_bytes(part)
    run = campaign.start(out)
    if while_at_work:
        campaign.moment()
        torn.write_bytes(part)
    run.wait()
    if not while_at_work and name in masters(out):
        campaign.wrong.append("take torn: a master was made of half a take")
    torn.write_bytes(whole)
    campaign.resume("take torn", out)


def main() -> None:
    """Run the campaign and print the score; exit 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--full", type=int, default=10)
    parser.add_argument("--torn", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    # Told to end, it still puts away what it has put up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as name:
        campaign = Campaign(Path(name), given.seed)
        print(f"undisturbed: {campaign.seconds:.1f} s for {TAKES} takes of {SECONDS:g} s")
        out = Path(name) / "out"
        schedulers = round(given.kills * SCHEDULER_SHARE)
        for number in range(given.kills):
            if number < schedulers:
                kill_scheduler(campaign, out)
            else:
                (kill_run if number % 2 else kill_worker)(campaign, out)
        for _ in range(given.full):
            if not fill_disk(campaign, out):
                print("disk full: not tried, this system gives no mount namespace")
                break
        for _ in range(given.torn):
            tear_take(campaign, out)
    for what, count in campaign.score.items():
        wrong = sum(line.startswith(what) for line in campaign.wrong)
        print(f"{what}: {count} times, {wrong} wrong")
    print("\n".join(campaign.wrong) or "after every fault all masters were whole, equal and alone")
    sys.exit(bool(campaign.wrong))


if __name__ == "__main__":
    main()
