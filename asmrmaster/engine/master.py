"""Master a take, check a file: the only place that knows the order of the passes.

    take → repair and tone ─┬─ pass 1: hear everything → plan the ride
                            └─ pass 2: ride → limit → write a draft
    draft ──── pass 3: hear what is on disk → judge → publish

Passes 2 and 3 are in ``rendering``, and overlap where the draft can be read while it is written.
``check`` is pass 3 alone. Everything that judges a file, whoever asks, comes through here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from asmrmaster import ride as riding
from asmrmaster.audio import Draft, check_target, read
from asmrmaster.audio.source import Source
from asmrmaster.audio.tags import finish
from asmrmaster.declarations.apply import attest
from asmrmaster.delivery.codec_check import round_trip
from asmrmaster.delivery.encoder_loss import Glimpses, encoder_loss_db
from asmrmaster.delivery.length import Length, prescribed
from asmrmaster.delivery.output import Stream, delivery
from asmrmaster.delivery.output import default_output as default_output
from asmrmaster.edits.delta import check_removed, write_removed
from asmrmaster.edits.protection import Marks
from asmrmaster.engine import comparison as changing
from asmrmaster.engine.file_facts import file_facts, hashing
from asmrmaster.engine.master_report import Account
from asmrmaster.engine.render import Passes, Progress, passes, render
from asmrmaster.errors import InputError
from asmrmaster.mend.denoise_depth import hushed
from asmrmaster.meters import METERS, hear, hear_both, read_curves
from asmrmaster.meters.base import Measurement, Meter
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.floor import Floor
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.peaks import Peaks
from asmrmaster.meters.samples import Samples
from asmrmaster.meters.sharpness import ThirdOctaves
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.presets import Profile
from asmrmaster.presets.recipe import Recipe, load_profile, load_recipe
from asmrmaster.report import SHOWN_CURVES, Reference, Report, as_data, judge, versions
from asmrmaster.report.at_ear import Listening, at_ear
from asmrmaster.runtime.allocator import give_back
from asmrmaster.runtime.blas import one_blas_thread
from asmrmaster.stages.base import Edit
from asmrmaster.stages.chain import light, through, through_for_meters
from asmrmaster.stages.peak_detail import PeakDetail
from asmrmaster.streams.audio import Audio

HUSHINGS = 3
"""As often a take is planned at most, each time with more hush where the profile asks for it."""
SHORTEST_S = 0.4
"""One momentary window of BS.1770-5; shorter sound has no loudness."""

BEFORE = (KEnergy, Energy, Spectrum, Peaks)
"""What is heard of the take as it came: the meters a reader compares."""
PLANNING = (Spectrum, KEnergy, Peaks, Energy, Samples, PeakDetail)
"""What a ride is planned on; faults are looked for in the written file, and in a dry run."""

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
    asked = profile or load_profile()
    source = _read(Path(path), stream)
    with hashing(source.path) as digest:
        heard = _listen(source, progress)
        facts = file_facts(source, digest())
    if codec:
        heard = Measurement.merge([heard, round_trip(source, heard, codec)])
        heard_as = f"Also heard as {codec}."
        facts = facts.model_copy(update={"notes": (*facts.notes, heard_as)})
    played = listening or Listening()
    bands = hear(source.audio, (ThirdOctaves,)) if played.sharpness else None
    heard, scenarios = at_ear(heard, played, bands)
    attested = attest(heard, source, content, reviewed_by)
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
    if length is not None:
        audio, said = prescribed(source.audio, length)
        source = replace(source, audio=audio, notes=(*source.notes, said))
        _measurable(source)
    made_by = recipe or load_recipe()
    if marks:
        marks.check(source.audio.duration_s, take)
        made_by = replace(made_by, preset=marks.on(made_by.preset))
    if not dry_run:
        check_target(target, (take,), force)
        if removed is not None:
            check_removed(removed, source, target, force)
    made_by = made_by.fitted(source.audio)
    ear = Passes(progress, 1 if dry_run else passes(delivered))
    seen = Glimpses()

    def watched(sound: Audio) -> Audio:
        sound = delivered.overheard(sound)
        return seen.of(sound) if delivered.loses else sound

    edits: list[Edit] = []
    meters: tuple[type[Meter], ...] = (*METERS, PeakDetail) if dry_run else PLANNING
    before, heard = _first_pass(source, watched, made_by, meters, edits, ear)
    with hashing(take) as digest:  # not before: planning leaves a core idle
        wished_db: float | None = None
        for left in reversed(range(HUSHINGS)):
            account = Account.of(
                made_by, before, lambda found: attest(found, source, content, reviewed_by)
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
            before, heard = _first_pass(source, watched, made_by, meters, edits, ear)
        given = file_facts(source, digest())
    if dry_run:
        return account.report(given, plan, plan.forecast, edits, None)
    plan = replace(plan, forecast=Measurement(plan.forecast.values))  # without its curves
    if delivered.loses:
        glimpses = seen.joined(source.audio.rate, 10 ** (plan.static_gain_db / 20))
        loss_db = encoder_loss_db(glimpses, delivered.format)
        plan = plan.corrected(loss_db, ceiling_db=0.0)
    if delivered.overshoot_db:
        plan = plan.corrected(gain_db=0.0, ceiling_db=-delivered.overshoot_db)
    give_back()

    known = made_by.after(edits)
    with Draft(target) as draft:
        done = render(source, heard, plan, known, delivered, draft.path, ear)
        delivered.prove(draft.path)
        sha256 = done.sha256
        if finish(draft.path, done.after.values):
            with hashing(draft.path) as digest:
                sha256 = digest()
        report = account.report(
            given,
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
    watched: Callable[[Audio], Audio],
    made_by: Recipe,
    meters: tuple[type[Meter], ...],
    edits: list[Edit],
    ear: Passes,
) -> tuple[Measurement, Measurement]:
    """The take as it came and as repair and tone leave it, heard in one go; InputError.

    watched: the same sound, of which something is kept as it passes by.
    """
    before, heard = hear_both(
        source.audio,
        BEFORE,
        lambda take: through_for_meters(watched(take), made_by.stages, edits.append),
        meters,
        ear.part(0),
        read=read_curves,
        light=light(made_by.stages),
    )
    read = read_curves(heard, (Loudness, Floor))
    _audible(read, source)
    return before, replace(read, curves=heard.curves)


def toned(take: str | Path, recipe: Recipe) -> Audio:
    """The take after its repair and tone stages: what the ride and the limiter work on."""
    return through(read(take).audio, recipe.stages)


def named_by_verdict(target: Path, verdict: str) -> Path:
    """The name a master goes out under: one that does not meet its profile says so."""
    if verdict.startswith("meets"):
        return target
    return target.with_name(f"{target.stem}.{verdict.replace(' ', '-')}{target.suffix}")
