"""Render a planned ride into a draft, hear what is on disk, and render again where that is off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from asmrmaster import ride as riding
from asmrmaster.audio.source import Source
from asmrmaster.delivery.output import Delivery
from asmrmaster.engine.file_facts import hashing
from asmrmaster.meters import METERS, Tap, hear_each, listen, read_curves, share
from asmrmaster.meters.base import Measurement, Meter
from asmrmaster.meters.peaks import Peaks
from asmrmaster.presets.recipe import Recipe
from asmrmaster.ride import Ride
from asmrmaster.ride.dips import MARGIN_LU
from asmrmaster.runtime.allocator import give_back
from asmrmaster.runtime.fork import beside, can_fork
from asmrmaster.runtime.threads import allowed, at_most
from asmrmaster.stages.base import Edit
from asmrmaster.stages.chain import light, through
from asmrmaster.stages.gain import apply_gain
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.curves import let_go
from asmrmaster.streams.follow import Written
from asmrmaster.streams.prefetch import ahead

LOUDNESS_TOLERANCE_LU = 0.1
"""A render further than this from its target is corrected and repeated; R 128 allows 0.2 LU."""
MAX_RENDERS = 3
RENDER_NS = 13.0
"""Processor time of a light render, for each sample; see ``share``."""

Progress = Callable[[float], None]


class Passes:
    """Spreads the progress of several passes over 0 to 1."""

    def __init__(self, tell: Progress | None, count: int) -> None:
        self._tell, self._count = tell, count

    def part(self, number: int) -> Progress:
        """What to tell the progress of this pass to, counted from 0."""

        def update(share: float) -> None:
            if self._tell is not None:
                self._tell(min(1.0, (number + share) / self._count))

        return update

    def through(self, audio: Audio, number: int) -> Audio:
        """The same sound, telling how much of it has passed."""
        update = self.part(number)

        def blocks() -> Iterator[Block]:
            passed = 0
            for block in audio.open():
                passed += len(block)
                update(passed / audio.frames)
                yield block

        return Audio(audio.rate, audio.channels, audio.frames, blocks)


@dataclass(frozen=True)
class Rendered:
    """A draft on disk and what was heard of it.

    plan: the ride it was rendered with. limited: edits of the limiter. rendered_dbtp: true peak
    before a lossy encoder, else None.
    """

    plan: Ride
    written: Source
    sha256: str
    after: Measurement
    limited: list[Edit]
    renders: int
    rendered_dbtp: float | None


def passes(delivered: Delivery) -> int:
    """Passes over the sound from the take to a master that was heard."""
    return 2 if _at_once(delivered) else 3


def _at_once(delivered: Delivery) -> bool:
    """Whether the draft is heard in another process while it is written."""
    return delivered.grows and can_fork()


def render(
    source: Source,
    heard: Measurement,
    plan: Ride,
    made_by: Recipe,
    delivered: Delivery,
    draft: Path,
    ear: Passes,
) -> Rendered:
    """Render and hear as often as it takes, ``MAX_RENDERS`` at most.

    heard: of the take after its stages. draft: where to write. ear: pass 1 is the render.
    """
    quiet = through(source.audio, made_by.stages)
    write = _heard_meanwhile if _at_once(delivered) else _heard_after
    for count in range(1, MAX_RENDERS + 1):
        let_go()  # of the curves that were planned on
        limit = made_by.preset.limit.model_copy(update={"ceiling_dbtp": plan.ceiling_dbtp})
        limited: list[Edit] = []
        ridden = ahead(apply_gain(quiet, plan.amplitude))
        rendered = ear.through(ahead(limit(ridden, limited.append)), 1)
        peaks = None if delivered.format.lossless else Tap(rendered, (Peaks,))
        sound = peaks.audio if peaks else rendered
        written, sha256, after = write(sound, delivered, draft, ear, light(made_by.stages))
        corrected = _correct(plan, heard, after, made_by, delivered.aside_db)
        if corrected is None or count == MAX_RENDERS:
            break
        plan, after = corrected, Measurement(after.values)  # without its curves
    rendered_dbtp = peaks.heard().values["true_peak_dbtp"] if peaks else None
    return Rendered(plan, written, sha256, after, limited, count, rendered_dbtp)


_Heard = tuple[Source, str, Measurement]
"""The file as its header describes it, with the notes of its writer; its hash; what is heard."""


def _heard_after(
    audio: Audio, delivered: Delivery, draft: Path, ear: Passes, light: bool
) -> _Heard:
    """Write, then hear what is on disk."""
    notes = delivered.write(audio, draft)
    written = delivered.read(draft)
    give_back()
    with hashing(draft, flush=True) as digest:
        after = listen(
            written.audio,
            progress=ear.part(2),
            watched=lambda new: delivered.overheard_new(new, draft),
        )
        return replace(written, notes=notes), digest(), after


def _heard_meanwhile(
    audio: Audio, delivered: Delivery, draft: Path, ear: Passes, light: bool
) -> _Heard:
    """Another process hears what is on disk while this one writes on.

    A light render ends before that: what is left of the time goes to a share of the meters.
    """
    there = Written()
    mine = share(METERS, RENDER_NS) if light else ()
    theirs = [meter for meter in METERS if meter not in mine]

    def follow() -> dict[type[Meter], Measurement]:
        there.wait()
        return hear_each(there.following(delivered.read(draft).audio), theirs)

    with beside(follow) as following:
        try:
            with at_most(1 if light else allowed()):  # a core for each of the two
                notes = delivered.write(there.counting(audio), draft)
        except BaseException:
            there.give_up()  # a thread, in place of a process, would be waited for
            raise
        written = delivered.read(draft)
        give_back()
        with hashing(draft, flush=True) as digest:
            with at_most(1):
                heard = hear_each(written.audio, mine) if mine else {}
            heard |= following()
            after = read_curves(Measurement.merge(heard[meter] for meter in METERS))
            return replace(written, notes=notes), digest(), after


def _correct(
    plan: Ride, heard: Measurement, after: Measurement, made_by: Recipe, aside_db: float
) -> Ride | None:
    """The ride with what a render was off taken back, or None where it is near enough.

    aside_db: aimed below the ceiling by this much more than a render overshot it.
    """
    excess_lu = riding.excess_lu(after, made_by.profile)
    loud = excess_lu > 0 and riding.excess_lu(plan.forecast, made_by.profile) == 0
    short = riding.missed(after, made_by.profile) and not riding.missed(
        plan.forecast, made_by.profile
    )
    if loud or short:
        margin_lu = plan.margin_lu + (excess_lu + MARGIN_LU / 3 if loud else 0.0)
        longer = plan.longer_fades * (riding.LONGER if short else 1.0)
        return riding.plan(heard, made_by.preset, made_by.profile, margin_lu, longer)
    peak, level = after.values["true_peak_dbtp"], after.values["integrated_lufs"]
    over_db = 0.0 if peak is None else peak - plan.allowed_dbtp
    missing_db = 0.0 if level is None else plan.target_lufs - level
    if over_db <= 0 and abs(missing_db) <= LOUDNESS_TOLERANCE_LU:
        return None
    return plan.corrected(
        gain_db=missing_db if abs(missing_db) > LOUDNESS_TOLERANCE_LU / 2 else 0.0,
        ceiling_db=-(over_db + aside_db) if over_db > 0 else 0.0,
    )
