"""Master a take, check a file: the only place that knows the order of the passes.

    take → repair and tone ─┬─ pass 1: hear everything → plan the ride
                            └─ pass 2: ride → limit → write a draft
    draft ──── pass 3: hear what is on disk → judge → publish

``check`` is pass 3 alone. Everything that judges a file, whoever asks, comes through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from asmrmaster import change as changing
from asmrmaster import recipes
from asmrmaster import ride as riding
from asmrmaster.account import Account
from asmrmaster.at_ear import Listening, at_ear
from asmrmaster.attest import attest
from asmrmaster.audio import Draft, check_target, read
from asmrmaster.audio.ahead import ahead
from asmrmaster.audio.source import Source
from asmrmaster.audio.stream import Audio, Block
from asmrmaster.audio.tags import finish
from asmrmaster.delivery import Delivery, Stream, delivery
from asmrmaster.delivery import default_output as default_output
from asmrmaster.dsp.blas import one_blas_thread
from asmrmaster.encoder_loss import Glimpses, encoder_loss_db
from asmrmaster.errors import InputError
from asmrmaster.file_facts import Hash, file_facts
from asmrmaster.hushing import hushed
from asmrmaster.length import Length, prescribed
from asmrmaster.malloc import give_back
from asmrmaster.marks import Marks
from asmrmaster.meters import METERS, Tap, hear, read_curves
from asmrmaster.meters.base import Measurement, Meter
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.peaks import Peaks
from asmrmaster.meters.samples import Samples
from asmrmaster.meters.sharpness import ThirdOctaves
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.presets import Profile
from asmrmaster.recipes import Recipe
from asmrmaster.recipes import profile as profile
from asmrmaster.recipes import recipe as recipe
from asmrmaster.removed import check_removed, write_removed
from asmrmaster.report import SHOWN_CURVES, Reference, Report, as_data, judge, versions
from asmrmaster.ride import Ride
from asmrmaster.ride.dips import MARGIN_LU
from asmrmaster.round_trip import round_trip
from asmrmaster.stages.base import Edit, Stage
from asmrmaster.stages.gain import apply_gain
from asmrmaster.stages.limit_meter import PeakDetail
from asmrmaster.stages.repair import Measured

LOUDNESS_TOLERANCE_LU = 0.1
"""A render further than this from its target is corrected and repeated; R 128 allows 0.2 LU."""
MAX_RENDERS = 3
HUSHINGS = 3
"""As often a take is planned at most, each time with more hush where the profile asks for it."""
SHORTEST_S = 0.4
"""One momentary window of BS.1770-5; shorter sound has no loudness."""

BEFORE = (KEnergy, Energy, Spectrum, Peaks)
"""What is heard of the take as it came: the meters a reader compares."""
PLANNING = (Spectrum, KEnergy, Peaks, Energy, Samples, PeakDetail)
"""What a ride is planned on; faults are looked for in the written file, and in a dry run."""

Progress = Callable[[float], None]
NO_MARKS = Marks()


# --- check ----------------------------------------------------------------------------------------


@one_blas_thread()
def check(
    path: str | Path,
    profile: Profile | None = None,
    *,
    stream: Stream = None,
    codec: str = "",
    listening: Listening | None = None,
    content: Path | None = None,
    reviewed_by: str = "",
    progress: Progress | None = None,
) -> Report:
    """Judge one file by a profile. Raises InputError where it cannot be measured at all.

    stream: one of several sound streams, by number or language. codec: also hear what ``aac``,
    ``opus:96k`` or ``mp3`` would make of it. listening: how it is played, for the figures at the
    ear. content, reviewed_by: what a person declares; see ``attest``.
    """
    asked = profile or recipes.profile()
    source = _read(Path(path), stream)
    with Hash(source.path) as digest:
        heard = _listen(source, progress)
    if codec:
        heard = Measurement.merge([heard, round_trip(source, heard, codec)])
        source = replace(source, notes=(*source.notes, f"Also heard as {codec}."))
    played = listening or Listening()
    bands = hear(source.audio, (ThirdOctaves,)) if played.sharpness else None
    heard, scenarios = at_ear(heard, played, bands)
    attested = attest(heard, source, content, reviewed_by)
    facts = file_facts(source, digest.result())
    after = as_data(attested.heard, SHOWN_CURVES)
    verdict, findings = judge(after, facts, asked)
    return Report(
        verdict=verdict,
        profile=Reference.model_validate(asked.reference()),
        input=facts,
        after=after,
        findings=findings,
        review=attested.review,
        declared=attested.declared,
        at_ear=scenarios,
        versions=versions(),
    )


def _read(path: Path, stream: Stream) -> Source:
    return read(path) if stream is None else read(path, stream=stream)


def _listen(source: Source, progress: Progress | None) -> Measurement:
    _measurable(source)
    heard = read_curves(hear(source.audio, METERS, progress))
    _audible(heard, source)
    return heard


def _measurable(source: Source) -> None:
    if source.audio.duration_s < SHORTEST_S:
        raise InputError(
            f"is {source.audio.duration_s * 1000:.0f} ms long, too short to have a loudness",
            subject=source.path,
            hint="At least 400 ms are needed",
        )


def _audible(heard: Measurement, source: Source) -> None:
    if heard.values["integrated_lufs"] is None:
        raise InputError(
            "is silent, or nowhere louder than -70 LUFS",
            subject=source.path,
            hint="There is nothing to measure; check that the right track was exported",
        )


# --- master ---------------------------------------------------------------------------------------


@one_blas_thread()
def master(
    take: str | Path,
    output: str | Path | None = None,
    *,
    recipe: Recipe | None = None,
    force: bool = False,
    dry_run: bool = False,
    stream: Stream = None,
    length: Length | None = None,
    marks: Marks = NO_MARKS,
    removed: Path | None = None,
    content: Path | None = None,
    reviewed_by: str = "",
    progress: Progress | None = None,
) -> Report:
    """Turn a take into a master, judge the written file, publish it under a name that tells.

    Without ``output`` the master lies beside the take. stream: one of several sound streams, by
    number or language. length: to cut or loop the take to, before anything else. marks: what repair
    must leave alone, mend or take back. removed: a file for what repair took away. content,
    reviewed_by: what a person declares of it; see ``attest``. Raises InputError, OutputError,
    ParameterError or PresetError; then nothing is published.
    """
    take = Path(take)
    source = _read(take, stream)
    _measurable(source)
    target = Path(output) if output is not None else default_output(source)
    delivered = delivery(source, target, stream=stream, same_length=length is None)
    audio = delivered.overheard(source.audio)
    seen = Glimpses(audio) if delivered.loses else None
    source = replace(source, audio=seen.audio if seen else audio)
    if length is not None:
        audio, said = prescribed(source.audio, length)
        source = replace(source, audio=audio, notes=(*source.notes, said))
        _measurable(source)
    made_by = recipe or recipes.recipe()
    if marks:
        marks.check(source.audio.duration_s, take)
        made_by = replace(made_by, preset=marks.on(made_by.preset))
    if not dry_run:
        check_target(target, (take,), force)
        if removed is not None:
            check_removed(removed, source, target, force)
    made_by = made_by.fitted(source.audio)
    ear = _Progress(progress, passes=1 if dry_run else 3)

    edits: list[Edit] = []
    meters: tuple[type[Meter], ...] = (*METERS, PeakDetail) if dry_run else PLANNING
    with Hash(take) as digest:
        before, heard = _first_pass(source, made_by, meters, edits, ear)
    facts = file_facts(source, digest.result())
    wished_db: float | None = None
    for left in reversed(range(HUSHINGS)):
        account = Account.of(
            made_by, facts, before, lambda found: attest(found, source, content, reviewed_by)
        )
        before = Measurement({})  # without its curves
        give_back()
        try:
            plan = riding.plan(heard, made_by.preset, made_by.profile)
        except InputError as error:
            raise InputError(error.message, subject=take, hint=error.hint) from None
        wished_db = plan.static_gain_db if wished_db is None else wished_db
        quieter = hushed(made_by, plan, wished_db, source.audio.duration_s, marks)
        if quieter is None or not left:
            break
        made_by = quieter.after(edits).fitted(source.audio)
        edits.clear()
        before, heard = _first_pass(source, made_by, meters, edits, ear)
    if dry_run:
        return account.report(plan, plan.forecast, edits, None)
    plan = replace(plan, forecast=Measurement(plan.forecast.values))  # without its curves
    give_back()
    if seen:
        like_it = seen.joined(10 ** (plan.static_gain_db / 20))
        plan = plan.corrected(encoder_loss_db(like_it, delivered.format), ceiling_db=0.0)
    if delivered.overshoot_db:
        plan = plan.corrected(gain_db=0.0, ceiling_db=-delivered.overshoot_db)

    known = made_by.after(edits)
    with Draft(target) as draft:
        done = _rendered(source, heard, plan, known, delivered, draft.path, ear)
        delivered.prove(draft.path)
        sha256 = done.sha256
        if finish(draft.path, done.after.values):
            with Hash(draft.path) as digest:
                sha256 = digest.result()
        report = account.report(
            done.plan,
            done.after,
            [*edits, *done.limited],
            file_facts(replace(done.written, path=target), sha256),
            done.renders,
            done.rendered_dbtp,
        )
        assert report.change is not None
        changing.check(report.change, made_by.preset.bounds, target)
        final = named_by_verdict(target, report.verdict)
        if final != target:
            check_target(final, (take,), force)
        if removed is not None:
            write_removed(removed, source, known.stages, edits, force)
        draft.publish(final, force=force)
    assert report.output is not None
    named = report.output.model_copy(update={"path": str(final)})
    return report.model_copy(update={"output": named})


def _first_pass(
    source: Source,
    made_by: Recipe,
    meters: tuple[type[Meter], ...],
    edits: list[Edit],
    ear: _Progress,
) -> tuple[Measurement, Measurement]:
    """The take as it came and as repair and tone leave it, heard in one go; InputError."""
    tap = Tap(source.audio, BEFORE)
    toned = _through(tap.audio, made_by.stages, edits.append)
    heard = hear(toned, meters, ear.part(0))
    read = read_curves(heard)
    _audible(read, source)
    return read_curves(tap.heard()), replace(read, curves=heard.curves)


@dataclass(frozen=True)
class _Rendered:
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


def _rendered(
    source: Source,
    heard: Measurement,
    plan: Ride,
    made_by: Recipe,
    delivered: Delivery,
    draft: Path,
    ear: _Progress,
) -> _Rendered:
    """Render, hear what is on disk, and render again where that is off: ``MAX_RENDERS`` at most."""
    quiet = _through(source.audio, made_by.stages)
    for render in range(1, MAX_RENDERS + 1):
        limit = made_by.preset.limit.model_copy(update={"ceiling_dbtp": plan.ceiling_dbtp})
        limited: list[Edit] = []
        ridden = ahead(apply_gain(quiet, plan.amplitude))
        rendered = ear.through(ahead(limit(ridden, limited.append)), 1)
        peaks = Tap(rendered, () if delivered.format.lossless else (Peaks,))
        notes = delivered.write(peaks.audio, draft)
        written = delivered.read(draft)
        give_back()
        with Hash(draft) as digest:
            after = read_curves(hear(written.audio, METERS, ear.part(2)))
        corrected = _correct(plan, heard, after, made_by, delivered.aside_db)
        if corrected is None:
            break
        if render < MAX_RENDERS:
            plan = corrected
    return _Rendered(
        plan,
        replace(written, notes=notes),
        digest.result(),
        after,
        limited,
        render,
        peaks.heard().values.get("true_peak_dbtp"),
    )


def toned(take: str | Path, recipe: Recipe) -> Audio:
    """The take after its repair and tone stages: what the ride and the limiter work on."""
    return _through(read(take).audio, recipe.stages)


def named_by_verdict(target: Path, verdict: str) -> Path:
    """The name a master goes out under: one that does not meet its profile says so."""
    if verdict.startswith("meets"):
        return target
    return target.with_name(f"{target.stem}.{verdict.replace(' ', '-')}{target.suffix}")


def _through(
    audio: Audio, stages: tuple[Stage, ...], log: Callable[[Edit], None] | None = None
) -> Audio:
    if log is None:
        return reduce(lambda sound, stage: stage(sound), stages, audio)
    # Fitted before; one that found nothing to go by would seek it again, and what comes before it
    # would be logged twice.
    doing = [stage.apply if isinstance(stage, Measured) else stage for stage in stages]
    return reduce(lambda sound, do: do(sound, log), doing, audio)


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


class _Progress:
    """Spreads the progress of several passes over 0 to 1."""

    def __init__(self, tell: Progress | None, passes: int) -> None:
        self._tell, self._passes = tell, passes

    def part(self, number: int) -> Progress:
        def update(share: float) -> None:
            if self._tell is not None:
                self._tell((number + share) / self._passes)

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
