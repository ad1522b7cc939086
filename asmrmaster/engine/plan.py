"""Plan: the ride and the limiter, and repair as deep as the profile asks. Arithmetic on curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from asmrmaster import ride as riding
from asmrmaster.delivery.encoder_loss import encoder_loss_db
from asmrmaster.dsp.novelty import WINDOW_S
from asmrmaster.engine import comparison
from asmrmaster.engine.file_facts import file_facts, hashing
from asmrmaster.engine.job import Job
from asmrmaster.engine.measure import measure_again
from asmrmaster.engine.take_notes import with_gains, with_lead_in, with_others
from asmrmaster.errors import InputError
from asmrmaster.mend import repairs
from asmrmaster.mend.buried import check_voice
from asmrmaster.mend.denoise_depth import deepened
from asmrmaster.mend.lifts import TAKEN_BACK, lifted
from asmrmaster.mend.repairs import Mended
from asmrmaster.meters.base import HOP_S, Measurement
from asmrmaster.ride import Ride
from asmrmaster.ride.dips import DIP_MARGIN_LU, Spans
from asmrmaster.stages.chain import through
from asmrmaster.stages.declip import Declip
from asmrmaster.stages.denoise import Denoise
from asmrmaster.stages.hum import Hum

DENOISE_ROUNDS = 3
"""As often a take is planned at most, each time denoised deeper where the profile asks for it."""
LOUDNESS_TOLERANCE_LU = 0.1
"""A render further than this from its target is corrected and repeated; R 128 allows 0.2 LU."""
MAX_RENDERS = 3


def plan(job: Job) -> Job:
    """The job with its ride planned, and its take measured again where denoise became deeper.

    Raises InputError where no ride can be planned.
    """
    with hashing(job.request.path, job.runner) as digest:  # not before: planning leaves a core idle
        job = _lifted(_mended(job))
        wished_db: float | None = None
        for left in reversed(range(DENOISE_ROUNDS)):
            job, ride = _denoised(job)
            wished_db = ride.static_gain_db if wished_db is None else wished_db
            deeper = deepened(
                job.recipe, ride, wished_db, job.source.audio.duration_s, job.request.corrections
            )
            if deeper is None or not left:
                break
            recipe = deeper.after(job.edits).fitted(job.source.audio)
            job = measure_again(replace(job, recipe=recipe))
        source = with_lead_in(with_others(job.source), job.toned)
        facts = file_facts(with_gains(source, job.toned, left_out=True), digest())
    job = replace(job, facts=facts, ride=ride)
    return job if job.request.dry_run else replace(job, ride=_for_delivery(job))


def _lifted(job: Job) -> Job:
    """The job with its lifts planned, and its take measured again with them in, if there are any.

    After all other repair, and before the ride, which so dips only what remains.
    """
    toned = through(job.source.audio, job.recipe.after(job.edits).stages)
    found = lifted(job.recipe, job.toned, toned)
    if found is None:
        return job
    recipe, planned = found
    job = replace(job, recipe=recipe, left=planned.left)
    return measure_again(job) if planned.stage.events else job


def _mended(job: Job) -> Job:
    """The job with the repairs its take asks for at any loudness, measured again with them.

    Raises InputError where noise has buried what the preset is for.
    """
    request = job.request
    if request.mend != "none":
        clipped = job.before.values.get("clipped_runs")
        hum = request.mend == "advise" or Hum.name in job.recipe.preset.mend.repairs
        sound = job.source.audio
        found = repairs.before_ride(job.toned, clipped, (lambda: sound) if hum else None)
        chosen = repairs.allowed(found, job.recipe, request.corrections)
        tried = _chosen(job, found, chosen)
        hopeless = [x for x in chosen if x.name == Declip.name and not _mends(tried, x)]
        if hopeless:
            left, rest = (
                [one for one in group if one not in hopeless] for group in (found, chosen)
            )
            tried = _distorted(_chosen(job, left, rest), hopeless)
        job = tried
    check_voice(job.toned, job.recipe.preset, request.path)
    return job


def _mends(job: Job, repair: Mended) -> bool:
    """Whether a repair rebuilds something, and no more of the take than its preset allows."""
    own = [edit for edit in job.edits if edit.stage == repair.name]
    share = comparison.share_percent(own, job.source.audio.duration_s)
    return 0 < share <= job.recipe.preset.bounds.edited_percent


def _distorted(job: Job, hopeless: Sequence[Mended]) -> Job:
    """The job with a note on what is too much to be rebuilt."""
    notes = (f"Distorted in the take: {one.why}, too many to rebuild." for one in hopeless)
    return replace(job, source=replace(job.source, notes=(*job.source.notes, *notes)))


def _denoised(job: Job) -> tuple[Job, Ride]:
    """The job and its ride, with noise lowered as deep as the wanted loudness asks for."""
    ride = _ride(job)
    if job.request.mend == "none":
        return job, ride
    for _ in range(DENOISE_ROUNDS):
        done_db = sum(
            one.stage.reduction_db for one in job.mended if isinstance(one.stage, Denoise)
        )
        wanted = repairs.denoised(job.toned, ride.noise_excess_db, done_db)
        if wanted is None:
            break
        if job.request.mend == "advise":
            return _chosen(job, [wanted], []), ride
        others = [one for one in job.mended if one.name != wanted.name]
        deepened_before = len(others) < len(job.mended)
        chosen = repairs.allowed([wanted], job.recipe, job.request.corrections)
        if not chosen and not deepened_before:
            return _chosen(job, [wanted], []), ride
        if deepened_before:
            chosen = [wanted]
        job = _chosen(replace(job, mended=tuple(others)), chosen, chosen)
        ride = _ride(job)
    return job, ride


def _chosen(job: Job, found: Sequence[Mended], chosen: Sequence[Mended]) -> Job:
    """The job with the chosen repairs made, and the others, unless they are on anyhow, advised."""
    on = job.recipe.preset.stages
    if job.request.mend == "advise":
        chosen = ()
    known = {*on, *(one.name for one in (*chosen, *job.advised))}
    left = [one for one in found if one.name not in known]
    job = replace(job, advised=(*job.advised, *left))
    if not chosen:
        return job
    recipe = repairs.with_repairs(job.recipe, chosen, job.request.corrections)
    recipe = recipe.after(job.edits).fitted(job.source.audio)
    return measure_again(replace(job, recipe=recipe, mended=(*job.mended, *chosen)))


def replan(job: Job) -> Job | None:
    """The job with what its render was off taken back in its ride; None where it is near enough."""
    ride, after, profile = job.ride, job.after, job.recipe.profile
    if job.renders >= MAX_RENDERS:
        return None
    excess_lu = riding.excess_lu(after, profile, ride.begin_s)
    loud = excess_lu > 0 and riding.excess_lu(ride.forecast, profile, ride.begin_s) == 0
    short = riding.missed(after, profile) and not riding.missed(ride.forecast, profile)
    if loud or short:
        margin_lu = ride.margin_lu + (excess_lu + DIP_MARGIN_LU / 3 if loud else 0.0)
        longer = ride.longer_fades * (riding.LONGER if short else 1.0)
        better = riding.plan(job.toned, job.recipe.preset, profile, margin_lu, longer, _kept(job))
        return _with(job, better)
    peak, level = after.values["true_peak_dbtp"], after.values["integrated_lufs"]
    over_db = 0.0 if peak is None else peak - ride.allowed_dbtp
    missing_db = 0.0 if level is None else ride.target_lufs - level
    if over_db <= 0 and abs(missing_db) <= LOUDNESS_TOLERANCE_LU:
        return None
    corrected = ride.corrected(
        gain_db=missing_db if abs(missing_db) > LOUDNESS_TOLERANCE_LU / 2 else 0.0,
        ceiling_db=-(over_db + job.delivery.aside_db) if over_db > 0 else 0.0,
    )
    return _with(job, corrected)


def _with(job: Job, ride: Ride) -> Job:
    """The job for another render: of what was measured of the last one only the values are kept."""
    return replace(job, ride=ride, after=Measurement(job.after.values))


def _ride(job: Job) -> Ride:
    try:
        return riding.plan(job.toned, job.recipe.preset, job.recipe.profile, kept=_kept(job))
    except InputError as error:
        raise InputError(error.message, subject=job.request.path, hint=error.hint) from None


def _kept(job: Job) -> Spans:
    """Where the creator has said that a moment stays as it is: no dip does what no lift may."""
    undone = [one.over for one in job.left if one.why == TAKEN_BACK]
    spans = [(over.first * HOP_S - WINDOW_S, over.last * HOP_S) for over in undone]
    return (*job.request.corrections.protect, *spans)


def _for_delivery(job: Job) -> Ride:
    """The ride with what the encoder takes away made up for; its forecast without its curves."""
    output = job.delivery
    ride = replace(job.ride, forecast=Measurement(job.ride.forecast.values))
    if output.loses:
        tried = job.sampled.joined(job.source.audio.rate, 10 ** (ride.static_gain_db / 20))
        ride = ride.corrected(encoder_loss_db(tried, output.format), ceiling_db=0.0)
    if output.overshoot_db:
        ride = ride.corrected(gain_db=0.0, ceiling_db=-output.overshoot_db)
    return ride
