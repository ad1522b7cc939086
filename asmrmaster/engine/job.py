"""A job: one file on its way through the engine, with all that is known of it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from asmrmaster.audio import Draft
from asmrmaster.audio.keeping import Keeping
from asmrmaster.audio.source import Source
from asmrmaster.declarations.content import Content
from asmrmaster.delivery.encoder_loss import SampledSeconds
from asmrmaster.delivery.length import Length
from asmrmaster.delivery.output import Delivery, Stream
from asmrmaster.edits.corrections import Corrections
from asmrmaster.mend.lifts import Left
from asmrmaster.mend.repairs import Mended
from asmrmaster.meters.base import Measurement
from asmrmaster.presets import Profile
from asmrmaster.presets.recipe import Recipe
from asmrmaster.report import FileFacts, MeasurementData, Report
from asmrmaster.report.at_ear import Listening
from asmrmaster.ride import Ride
from asmrmaster.runtime.threads import Threads
from asmrmaster.stages.base import Edit
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.runner import Runner

Mend = Literal["none", "advise", "auto"]
Progress = Callable[[float], None]
"""Told the share of the work that is done, 0 to 1."""


@dataclass(frozen=True)
class Request:
    """What is asked for one file, in plain data, whoever asks.

    profile: to judge by. recipe: what a master is made by; None to check the file as it is.
    output: the name of the master; None for one beside the take. stream: one of several sound
    streams, by number or language. length: to cut or loop the take to, before anything else.
    corrections: what repair must leave alone, mend or take back. mend: whether repairs that the
    take asks for are made, only named, or not looked for. removed: a file for what repair took
    away. content, reviewed_by: what a person declares, or the file it is declared in. codec: also
    measure what it would make of the file. listening: how it is played, for the figures at the ear.
    tags: which of the take's travel to the master.
    """

    path: Path
    profile: Profile
    recipe: Recipe | None = None
    output: Path | None = None
    force: bool = False
    dry_run: bool = False
    stream: Stream = None
    length: Length | None = None
    corrections: Corrections = field(default_factory=Corrections)
    mend: Mend = "auto"
    removed: Path | None = None
    content: Path | Content | None = None
    reviewed_by: str = ""
    codec: str = ""
    listening: Listening = field(default_factory=Listening)
    tags: Keeping = "public"


class _NotYet:
    """Stands for what no step has found out yet; whoever asks for it gets a LookupError."""

    def __getattr__(self, name: str) -> Any:
        raise LookupError(f"{name} is asked of what no step of the engine has found out yet")


NOT_YET: Any = _NotYet()


@dataclass(frozen=True)
class Job:
    """One file on its way: each step takes a job and gives one back in which more is known.

    request, runner, progress: what is asked, who shares the work, and who is told how far it is.

    prepare finds source (the sound and its file), and for a master target (the name it is to have),
    delivery (how it is written) and recipe (fitted to this take).
    measure finds before (the take as it came, as data, with the curves a master is compared with),
    toned (what was measured of it after its repair and tone stages), edits (what those did) and
    sampled (seconds of it, where an encoder is tried). Of a file that is only checked, after.
    plan finds mended (repairs it chose), advised (those it would choose, were it let), left (what
    is not lifted, and why), facts (the take's hash and format) and ride, and may have deepened the
    recipe or given it lifts.
    render finds written (the file on disk), sha256, after (what was measured of it), limited (edits
    of the limiter), renders (how many so far) and rendered_dbtp (true peak before a lossy codec).
    judge finds report.
    """

    request: Request
    runner: Runner = field(default_factory=Threads.default)
    progress: Progress | None = None

    source: Source = NOT_YET
    target: Path = NOT_YET
    delivery: Delivery = NOT_YET
    recipe: Recipe = NOT_YET

    before: MeasurementData = NOT_YET
    compared: Measurement = NOT_YET
    toned: Measurement = NOT_YET
    edits: tuple[Edit, ...] = ()
    mended: tuple[Mended, ...] = ()
    advised: tuple[Mended, ...] = ()
    sampled: SampledSeconds = NOT_YET

    left: tuple[Left, ...] = ()
    facts: FileFacts = NOT_YET
    ride: Ride = NOT_YET

    draft: Draft = NOT_YET
    written: Source | None = None
    sha256: str = ""
    after: Measurement = NOT_YET
    limited: tuple[Edit, ...] = ()
    renders: int = 0
    rendered_dbtp: float | None = None

    report: Report = NOT_YET

    def part(self, number: int, count: int) -> Progress:
        """What to tell the progress of one of several equally long passes to, counted from 0."""

        def update(share: float) -> None:
            if self.progress is not None:
                self.progress(min(1.0, (number + share) / count))

        return update


def telling(audio: Audio, progress: Progress) -> Audio:
    """The same sound; ``progress`` is told how much of it has passed."""

    def blocks() -> Iterator[Block]:
        passed = 0
        for block in audio.open():
            passed += len(block)
            progress(passed / audio.frames)
            yield block

    return Audio(audio.rate, audio.channels, audio.frames, blocks)
