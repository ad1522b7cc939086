"""Measure: every meter in one pass, over a file as it is, or over a take and what repair leaves."""

from __future__ import annotations

from dataclasses import replace

from asmrmaster.audio.source import Source
from asmrmaster.delivery.codec_check import round_trip
from asmrmaster.delivery.encoder_loss import SampledSeconds
from asmrmaster.engine.comparison import CURVES
from asmrmaster.engine.file_facts import file_facts, hashing
from asmrmaster.engine.job import Job
from asmrmaster.engine.render import passes
from asmrmaster.engine.take_notes import with_gains, with_lead_in
from asmrmaster.errors import InputError
from asmrmaster.meters import METERS, measure, read_curves, run_both, run_meters
from asmrmaster.meters.base import Measurement, Meter
from asmrmaster.meters.clipping import Clipping
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.floor import Floor
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.noise import Noise
from asmrmaster.meters.peaks import Peaks
from asmrmaster.meters.samples import Samples
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.report import SHOWN_CURVES, as_data
from asmrmaster.stages.base import Edit
from asmrmaster.stages.chain import light, through_for_meters
from asmrmaster.stages.peak_detail import PeakDetail
from asmrmaster.streams.audio import Audio

BEFORE = (KEnergy, Energy, Spectrum, Peaks, Clipping)
"""What is measured of the take as it came: the meters a reader compares."""
PLANNING = (Spectrum, KEnergy, Peaks, Energy, Samples, PeakDetail)
"""What a ride is planned on; faults are looked for in the written file, and in a dry run."""


def measure_file(job: Job) -> Job:
    """The job of a check with everything measured of its file, and its hash. Raises InputError."""
    source, codec = job.source, job.request.codec
    with hashing(source.path, job.runner) as digest:
        after = measure(source.audio, progress=job.progress, runner=job.runner)
        _audible(after, source)
        facts = file_facts(with_gains(with_lead_in(source, after), after), digest())
    if codec:
        after = Measurement.merge([after, round_trip(source, after, codec)])
        facts = facts.model_copy(update={"notes": (*facts.notes, f"Also heard as {codec}.")})
    return replace(job, after=after, facts=facts)


def measure_take(job: Job) -> Job:
    """The job of a master with its take measured, as it came and as its stages leave it, in one go.

    Raises InputError.
    """
    output, stages = job.delivery, job.recipe.stages
    edits: list[Edit] = []
    sampled = SampledSeconds()

    def toned(take: Audio) -> Audio:
        sound = output.watched(take)
        sound = sampled.of(sound) if output.loses else sound
        return through_for_meters(sound, stages, edits.append)

    before, after_stages = run_both(
        job.source.audio,
        BEFORE,
        toned,
        _planning(job),
        job.part(0, passes(job)),
        light=light(stages),
        runner=job.runner,
    )
    before = read_curves(before)
    kept = {name: before.curves[name] for name in CURVES if name in before.curves}
    job = replace(
        job,
        before=as_data(before, SHOWN_CURVES),
        compared=Measurement(curves=kept),
        sampled=sampled,
    )
    return _measured(job, after_stages, edits)


def measure_again(job: Job) -> Job:
    """The job with its take measured as its stages, which have changed, leave it now."""
    edits: list[Edit] = []
    toned = through_for_meters(job.source.audio, job.recipe.stages, edits.append)
    progress = job.part(0, passes(job))
    return _measured(job, run_meters(toned, _planning(job), progress, runner=job.runner), edits)


def _planning(job: Job) -> tuple[type[Meter], ...]:
    return (*METERS, PeakDetail) if job.request.dry_run else PLANNING


def _measured(job: Job, after_stages: Measurement, edits: list[Edit]) -> Job:
    read = read_curves(after_stages, (Loudness, Floor, Noise))
    _audible(read, job.source)
    return replace(job, toned=replace(read, curves=after_stages.curves), edits=tuple(edits))


def _audible(measured: Measurement, source: Source) -> None:
    if measured.values["integrated_lufs"] is None:
        raise InputError(
            "is silent, or nowhere louder than -70 LUFS",
            subject=source.path,
            hint="There is nothing to measure; check that the right track was exported",
        )
