"""Master a take, check a file: the only place that knows the order of the passes.

    take → repair and tone ─┬─ pass 1: hear everything → plan the ride
                            └─ pass 2: ride → limit → write a draft
    draft ──── pass 3: hear what is on disk → judge → publish

``check`` is pass 3 alone. Everything that judges a file, whoever asks, comes through here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from asmrmaster import change as changing
from asmrmaster import dips
from asmrmaster import ride as riding
from asmrmaster.attest import Attested, attest
from asmrmaster.audio import Draft, check_target, read
from asmrmaster.audio.ahead import ahead
from asmrmaster.audio.source import Source
from asmrmaster.audio.stream import Audio, Block
from asmrmaster.audio.tagging import finish
from asmrmaster.delivery import Stream, delivery
from asmrmaster.delivery import default_output as default_output
from asmrmaster.dsp.blas import one_blas_thread
from asmrmaster.errors import InputError
from asmrmaster.length import Length, prescribed
from asmrmaster.marks import Marks
from asmrmaster.meters import METERS, READINGS, Tap, hear, read_curves
from asmrmaster.meters.base import HOP_S, Measurement, Meter
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.peaks import Peaks
from asmrmaster.meters.samples import Samples
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.presets import EqCurve, Preset, Profile, load
from asmrmaster.removed import check_removed, write_removed
from asmrmaster.report import (
    Dip,
    EditData,
    FileFacts,
    Reference,
    Report,
    RideFacts,
    StageData,
    as_data,
    judge,
    thin,
    versions,
)
from asmrmaster.ride import Ride
from asmrmaster.round_trip import round_trip
from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Edit, Stage, edit_id
from asmrmaster.stages.gain import apply_gain
from asmrmaster.stages.limit_meter import PeakDetail
from asmrmaster.stages.repair import Measured

DEFAULT_PRESET, DEFAULT_PROFILE = "gentle", "general"

LOUDNESS_TOLERANCE_LU = 0.1
"""A render further than this from its target is corrected and repeated; R 128 allows 0.2 LU."""
MAX_RENDERS = 3
SHORTEST_S = 0.4
"""One momentary window of BS.1770-5; shorter sound has no loudness."""

BEFORE = (KEnergy, Energy, Spectrum, Peaks)
"""What is heard of the take as it came: the meters a reader compares."""
PLANNING = (Spectrum, KEnergy, Peaks, Energy, Samples, PeakDetail)
"""What a ride is planned on; faults are looked for in the written file, and in a dry run."""

Progress = Callable[[float], None]
NO_MARKS = Marks()


@dataclass(frozen=True)
class Recipe:
    """A preset and a profile, loaded and checked."""

    preset: Preset
    profile: Profile

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Repair and tone stages in the order they run."""
        return tuple(self.preset.stages[name] for name in STAGES if name in self.preset.stages)

    def fitted(self, audio: Audio) -> Recipe:
        """This recipe with what its stages need to know of this take filled in."""
        if not any(isinstance(stage, Measured) for stage in self.stages):
            return self
        stages: dict[str, Stage] = {}
        for stage in self.stages:
            fitted = stage.fitted(audio) if isinstance(stage, Measured) else stage
            stages[stage.name] = fitted
            audio = fitted(audio)
        return replace(self, preset=self.preset.model_copy(update={"stages": stages}))


def recipe(
    preset: str | Path = DEFAULT_PRESET,
    profile: str | Path | None = None,
    *,
    eq: str | Path | None = None,
    settings: Mapping[str, object] | None = None,
) -> Recipe:
    """Load what a master is made by. Names are shipped ones or paths to TOML files.

    settings: values by dotted key, such as ``{"target.integrated_lufs": -26}``. Raises PresetError.
    """
    made_by = load(Preset, preset, settings)
    curve = load(EqCurve, eq or made_by.eq)
    if curve.equalize.bands:
        made_by = load(
            Preset, preset, {**(settings or {}), "eq": curve.id, "equalize": curve.equalize}
        )
    return Recipe(made_by, load(Profile, profile or made_by.profile))


def profile(name: str | Path | None = None) -> Profile:
    """A screening profile by shipped name or path. Raises PresetError."""
    return load(Profile, name or DEFAULT_PROFILE)


# --- check ----------------------------------------------------------------------------------------


@one_blas_thread()
def check(
    path: str | Path,
    profile: Profile | None = None,
    *,
    stream: Stream = None,
    codec: str = "",
    content: Path | None = None,
    reviewed_by: str = "",
    progress: Progress | None = None,
) -> Report:
    """Judge one file by a profile. Raises InputError where it cannot be measured at all.

    stream: one of several sound streams, by number or language. codec: also hear what ``aac``,
    ``opus:96k`` or ``mp3`` would make of it. content, reviewed_by: what a person declares; see
    ``attest``.
    """
    asked = profile or load(Profile, DEFAULT_PROFILE)
    source = _read(Path(path), stream)
    with _Hash(source.path) as digest:
        heard = _listen(source, progress)
    if codec:
        heard = Measurement.merge([heard, round_trip(source, heard, codec)])
        source = replace(source, notes=(*source.notes, f"Also heard as {codec}."))
    attested = attest(heard, source, content, reviewed_by)
    facts = _facts(source, digest.result())
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
        versions=versions(),
    )


def _read(path: Path, stream: Stream) -> Source:
    return read(path) if stream is None else read(path, stream=stream)


def _listen(source: Source, progress: Progress | None) -> Measurement:
    _measurable(source)
    heard = read_curves(hear(source.audio, METERS, progress), READINGS)
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
    made_by = recipe or globals()["recipe"]()
    take = Path(take)
    source = _read(take, stream)
    _measurable(source)
    target = Path(output) if output is not None else default_output(source)
    delivered = delivery(source, target, stream=stream, same_length=length is None)
    if length is not None:
        audio, said = prescribed(source.audio, length)
        source = replace(source, audio=audio, notes=(*source.notes, said))
        _measurable(source)
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

    ears: tuple[type[Meter], ...] = (*METERS, PeakDetail) if dry_run else PLANNING
    with _Hash(take) as digest:
        tap = Tap(source.audio, BEFORE)
        toned = _through(tap.audio, made_by.stages, edits.append)
        heard = read_curves(hear(toned, ears, ear.part(0)), READINGS)
    before = read_curves(tap.heard(), READINGS)
    _audible(heard, source)
    plan = riding.plan(heard, made_by.preset, made_by.profile)
    session = _Session(
        made_by, _facts(source, digest.result()), before,
        lambda found: attest(found, source, content, reviewed_by),
    )  # fmt: skip
    if dry_run:
        return session.report(plan, plan.forecast, edits, None)

    with Draft(target) as draft:
        quiet = _through(source.audio, made_by.stages)
        for render in range(1, MAX_RENDERS + 1):
            limit = made_by.preset.limit.model_copy(update={"ceiling_dbtp": plan.ceiling_dbtp})
            limited: list[Edit] = []
            ridden = ahead(apply_gain(quiet, plan.amplitude))
            rendered = ear.through(ahead(limit(ridden, limited.append)), 1)
            peaks = Tap(rendered, () if delivered.format.lossless else (Peaks,))
            notes = delivered.write(peaks.audio, draft.path)
            written = delivered.read(draft.path)
            with _Hash(draft.path) as digest:
                after = read_curves(hear(written.audio, METERS, ear.part(2)), READINGS)
            corrected = _correct(plan, heard, after, made_by, delivered.aside_db)
            if corrected is None or render == MAX_RENDERS:
                break
            plan = corrected
        delivered.prove(draft.path)
        if not delivered.in_film and finish(draft.path, take, after.values):
            with _Hash(draft.path) as digest:
                pass
        facts = _facts(replace(written, path=target, notes=notes), digest.result())
        rendered_dbtp = peaks.heard().values.get("true_peak_dbtp")
        report = session.report(plan, after, [*edits, *limited], facts, render, rendered_dbtp)
        assert report.change is not None
        changing.check(report.change, made_by.preset.bounds, target)
        final = named_by_verdict(target, report.verdict)
        if final != target:
            check_target(final, (take,), force)
        if removed is not None:
            write_removed(removed, source, made_by.stages, force)
        draft.publish(final, force=force)
    assert report.output is not None
    named = report.output.model_copy(update={"path": str(final)})
    return report.model_copy(update={"output": named})


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
    return reduce(lambda sound, stage: stage(sound, log), stages, audio)


def _correct(
    plan: Ride, heard: Measurement, after: Measurement, made_by: Recipe, aside_db: float
) -> Ride | None:
    """The ride with what a render was off taken back, or None where it is near enough.

    aside_db: aimed below the ceiling by this much more than a render overshot it.
    """
    excess_lu = riding.excess_lu(after, made_by.profile)
    if excess_lu > 0 and riding.excess_lu(plan.forecast, made_by.profile) == 0:
        margin_lu = plan.margin_lu + excess_lu + dips.MARGIN_LU / 3
        return riding.plan(heard, made_by.preset, made_by.profile, margin_lu)
    peak, loud = after.values["true_peak_dbtp"], after.values["integrated_lufs"]
    over_db = 0.0 if peak is None else peak - plan.allowed_dbtp
    missing_db = 0.0 if loud is None else plan.target_lufs - loud
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


# --- the report -----------------------------------------------------------------------------------

SHOWN_CURVES = ("momentary_lufs", "short_term_lufs")


class _Hash:
    """SHA-256 of a file, taken on another thread while the file is heard."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Future[str]:
        return self._pool.submit(self._digest)

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()

    def _digest(self) -> str:
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _facts(source: Source, sha256: str) -> FileFacts:
    audio = source.audio
    return FileFacts(
        path=str(source.path),
        sha256=sha256,
        format=str(source.format),
        rate_hz=audio.rate,
        channels=audio.channels,
        frames=audio.frames,
        duration_s=round(audio.duration_s, 6),
        notes=source.notes,
    )


@dataclass(frozen=True)
class _Session:
    """What is the same in every report on one take."""

    made_by: Recipe
    given: FileFacts
    before: Measurement
    attest: Callable[[Measurement], Attested]

    def report(
        self,
        plan: Ride,
        after: Measurement,
        edits: list[Edit],
        output: FileFacts | None,
        renders: int = 0,
        rendered_dbtp: float | None = None,
    ) -> Report:
        """The report on a render, or on a plan where there is no ``output``."""
        attested = self.attest(after)
        measured = as_data(attested.heard, SHOWN_CURVES)
        verdict, findings = judge(measured, output or self.given, self.made_by.profile)
        duration_s, rate = self.given.duration_s, self.given.rate_hz
        change = changing.measure(self.before, after, plan, edits, duration_s) if output else None
        return Report(
            verdict=verdict,
            profile=Reference.model_validate(self.made_by.profile.reference()),
            preset=Reference.model_validate(self.made_by.preset.reference()),
            input=self.given,
            output=output,
            before=as_data(self.before, SHOWN_CURVES),
            after=measured,
            findings=findings,
            review=attested.review,
            declared=attested.declared,
            chain=self._chain(plan),
            ride=_ride_facts(plan, renders, rendered_dbtp),
            change=change,
            edits=tuple(_edit_data(edit, rate) for edit in edits),
            versions=versions(),
        )

    def _chain(self, plan: Ride) -> tuple[StageData, ...]:
        preset = self.made_by.preset
        limit = preset.limit.model_copy(update={"ceiling_dbtp": round(plan.ceiling_dbtp, 4)})
        ride = StageData(stage="ride", parameters=preset.ride.model_dump(mode="json"))
        done = [_stage_data(stage) for stage in self.made_by.stages]
        return (*done, ride, _stage_data(limit))


def _stage_data(stage: Stage) -> StageData:
    return StageData(stage=stage.name, parameters=stage.model_dump(mode="json"))


def _edit_data(edit: Edit, rate_hz: int) -> EditData:
    frame = round(edit.start_s * rate_hz) if edit.first_frame is None else edit.first_frame
    return EditData(
        id=edit_id(edit.stage, edit.channel, frame),
        stage=edit.stage,
        start_s=round(edit.start_s, 4),
        end_s=round(edit.end_s, 4),
        channel=edit.channel,
        amount_db=round(edit.amount_db, 2),
        reason=edit.reason,
        evidence=dict(edit.evidence),
    )


def _ride_facts(plan: Ride, renders: int, rendered_dbtp: float | None) -> RideFacts:
    moved_db = plan.moved_db
    return RideFacts(
        static_gain_db=round(plan.static_gain_db, 3),
        min_db=round(float(moved_db.min()), 2),
        max_db=round(float(moved_db.max()), 2),
        max_fall_db_per_s=round(plan.max_fall_db_per_s, 1),
        max_rise_db_per_s=round(plan.max_rise_db_per_s, 1),
        level_min_db=round(float(plan.level.gain_db.min()), 2),
        level_max_db=round(float(plan.level.gain_db.max()), 2),
        level_max_db_per_s=round(plan.level.max_slope_db_per_s, 2),
        level_reason=plan.level.reason,
        fade_in_s=round(plan.fade_in_s, 2),
        fade_out_s=round(plan.fade_out_s, 2),
        ceiling_dbtp=round(plan.ceiling_dbtp, 3),
        wanted_lufs=plan.wanted_lufs,
        target_lufs=round(plan.target_lufs, 3),
        target_reason=plan.target_reason,
        forecast=as_data(plan.forecast).values,
        dips=tuple(
            Dip(
                start_s=round(dip.start_s, 2),
                end_s=round(dip.end_s, 2),
                depth_db=round(dip.depth_db, 2),
                reason=dip.reason,
            )
            for dip in plan.dips
        ),
        curve=thin(moved_db, HOP_S, "dB", lowest=True),
        renders=renders,
        rendered_dbtp=None if rendered_dbtp is None else round(rendered_dbtp, 3),
    )
