"""Files for destinations, each made from the one master and judged by what it asks for.

A gain is laid on the master, and only where its loudness lies outside the limits; peaks that would
then be too high are limited, as far as that stays unheard, and else they bound the gain. Where a
destination asks for quiet at the ends, it is made; a film keeps its length.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from asmrmaster.audio import Draft, check_target, read, write
from asmrmaster.audio.names import beside
from asmrmaster.audio.source import Format, Source
from asmrmaster.audio.tags import Metadata, finish
from asmrmaster.delivery.output import FILMS, delivery
from asmrmaster.delivery.room_tone import missing_s, with_ends
from asmrmaster.errors import OutputError
from asmrmaster.meters import METERS, READINGS, read_curves, run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.end_levels import EndLevels
from asmrmaster.presets import DeliveryTarget, load
from asmrmaster.presets.limits import is_within, over, under
from asmrmaster.report import (
    SHOWN_CURVES,
    DeliveryFacts,
    FileFacts,
    Limits,
    Reference,
    Report,
    Requirement,
    as_data,
    judge,
)
from asmrmaster.report.facts import JudgedBy
from asmrmaster.report.judging import deciding
from asmrmaster.stages.gain import apply_gain
from asmrmaster.stages.limiter import Limiter
from asmrmaster.streams.audio import Audio

WITHIN_DB = 0.2
"""A gain aims this far inside a limit; a codec may move loudness by less."""
ROUNDS = 4
"""As often a file is made, until it is what was asked for."""
MOST_LIMITED_DB = 8.0
"""Peaks are brought down by so much at most: more of it dulls taps (a judgement)."""
PEAK_MARGIN_DB = {True: 0.1, False: 0.6}
"""So far below its limit the limiter aims, for a lossless file and for one that lifts peaks."""
NOT_MET = ".does-not-meet"
"""Stands once in a name, whether it is the master or the file made from it."""
_PEAKS = ("true_peak_dbtp", "sample_peak_dbfs")
_ENDS = ("head_silence_s", "tail_silence_s")


def targets(names: str | Iterable[str | Path]) -> tuple[DeliveryTarget, ...]:
    """Delivery targets by shipped name or path; a text may name several, with commas."""
    listed = names.split(",") if isinstance(names, str) else names
    return tuple(load(DeliveryTarget, name) for name in listed)


def deliver(report: Report, wanted: Sequence[DeliveryTarget], *, force: bool = False) -> Report:
    """The report with a file beside its master for each target, NAME.TARGET.EXT.

    One that does not have what its target asks for is named so, as masters are. Raises InputError,
    OutputError; what was finished by then stays.
    """
    if report.output is None:
        return report
    master = read(report.output.path)
    made = tuple(_one(master, target, report.profile, force) for target in wanted)
    return report.model_copy(update={"deliveries": made})


def _one(master: Source, target: DeliveryTarget, profile: JudgedBy, force: bool) -> DeliveryFacts:
    film = bool(target.film_suffix) and master.picture
    suffix = target.film_suffix if film else target.suffix
    stem = master.path.stem.removesuffix(NOT_MET)
    failed = stem != master.path.stem
    named = master.path.with_name(f"{stem}{master.path.suffix}")
    final = beside(named, f".{target.id}{NOT_MET * failed}{suffix}")
    check_target(final, (master.path,), force)
    stored = _format(target, final)
    of_master = _heard(master.audio)
    ceiling_dbfs = _ceiling_dbfs(target, stored)
    most_db = _most_gain_db(of_master, ceiling_dbfs)
    gain_db = min(_gain_db(of_master.values, target, 0.0), most_db)
    with Draft(final) as draft:
        for left in reversed(range(ROUNDS)):
            audio, ends = _shaped(
                master.audio, of_master, gain_db, ceiling_dbfs, target, keep_length=film
            )
            notes = (*ends, *_write(master, audio, draft.path, stored, target))
            written = read(draft.path)
            heard = _heard(written.audio)
            measured = dict(heard.values)
            correction_db = min(_gain_db(measured, target, gain_db), most_db) - gain_db
            excess_db = _excess_db(measured, target)
            if not left or (abs(correction_db) < 0.01 and not excess_db):
                break
            gain_db += correction_db
            ceiling_dbfs -= excess_db and excess_db + WITHIN_DB / 4
        notes += _held_back(measured, target, gain_db, most_db)
        found = tuple(_judged(measured, target))
        met = all(one.met for one in found)
        if not met and not failed:
            final = beside(final, f"{NOT_MET}{final.suffix}")
            check_target(final, (master.path,), force)
        finish(draft.path, measured)
        with draft.path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        draft.publish(final, force=force)
    sound = written.audio
    facts = FileFacts(
        path=str(final), sha256=sha256, format=str(written.format), rate_hz=sound.rate,
        channels=sound.channels, frames=sound.frames, duration_s=round(sound.duration_s, 6),
        notes=(*written.notes, *notes),
    )  # fmt: skip
    facts = facts.model_copy(update={"notes": (*facts.notes, *_by_profile(heard, facts, profile))})
    return DeliveryFacts(
        target=Reference.model_validate(target.reference()),
        file=facts,
        gain_db=round(gain_db, 3),
        requirements=found,
        met=met,
    )


def _format(target: DeliveryTarget, path: Path) -> Format:
    from asmrmaster.audio.container.codecs import CODECS, CONTAINERS  # only here: loads FFmpeg

    containers = {suffix: name for name, c in CONTAINERS.items() for suffix in c.suffixes}
    container = containers.get(path.suffix, path.suffix[1:].upper())
    bits = int(target.codec[-2:]) if target.codec.startswith("PCM") else None
    if bits is None and target.codec not in CODECS:
        raise OutputError(f"{target.codec} is no codec that can be written", subject=target.id)
    rate = target.bitrate_kbit_s and 1000 * target.bitrate_kbit_s
    return Format(container, target.codec, bits, rate, lossless=bits is not None)


def _write(
    master: Source, audio: Audio, path: Path, stored: Format, target: DeliveryTarget
) -> tuple[str, ...]:
    same_length = audio.frames == master.audio.frames
    if target.rate_hz and target.rate_hz != audio.rate:
        from asmrmaster.audio.container.resample import resampled

        audio = resampled(audio, target.rate_hz)
    if stored.container in FILMS and master.picture:
        film = delivery(master, path, format=stored)
        notes = film.write(audio, path)
        return (*notes, *film.prove(path))
    if stored.lossless:
        return write(audio, path, stored, like=master, moments=same_length)
    from asmrmaster.audio.container import encode

    return encode(audio, path, stored, Metadata.of(master, {}, moments=same_length))


def _shaped(
    audio: Audio,
    measured: Measurement,
    gain_db: float,
    ceiling_dbfs: float,
    target: DeliveryTarget,
    *,
    keep_length: bool,
) -> tuple[Audio, tuple[str, ...]]:
    """The master's sound with this gain, its peaks below a ceiling, and quiet ends if asked for.

    Also what was done to those. measured: what was measured of the master.
    """
    if gain_db:
        audio = apply_gain(audio, np.array([10 ** (gain_db / 20)]))
    audio = Limiter(ceiling_dbtp=ceiling_dbfs)(audio)
    if keep_length or not set(_ENDS) & set(target.limits):
        return audio, ()
    curve = measured.curves["energy"]
    energy = curve.values * 10 ** (gain_db / 10)
    ends = EndLevels.read(Measurement({}, {"energy": replace(curve, values=energy)})).values
    head_s, tail_s = (missing_s(ends[name], target.limits.get(name)) for name in _ENDS)
    return with_ends(audio, energy, head_s, tail_s)


def _ceiling_dbfs(target: DeliveryTarget, stored: Format) -> float:
    """Where peaks have to stay, so that they keep to the target once they are encoded."""
    limits = (target.limits.get(name) for name in _PEAKS)
    highest = min(
        (one.max for one in limits if one is not None and one.max is not None), default=0.0
    )
    return highest - PEAK_MARGIN_DB[stored.lossless]


def _excess_db(measured: Mapping[str, float | None], target: DeliveryTarget) -> float:
    """How far its highest peak lies above what the target accepts; 0 where it does not."""
    return max(
        (
            over(peak, window)
            for name in _PEAKS
            if (peak := measured.get(name)) is not None and (window := target.limits.get(name))
        ),
        default=0.0,
    )


def _most_gain_db(master: Measurement, ceiling_dbfs: float) -> float:
    """The gain from which on peaks would have to come down too far."""
    peak_dbtp = master.values["true_peak_dbtp"]
    return 0.0 if peak_dbtp is None else ceiling_dbfs - peak_dbtp + MOST_LIMITED_DB


def _heard(audio: Audio) -> Measurement:
    return read_curves(run_meters(audio, METERS), (*READINGS, EndLevels))


def _gain_db(measured: Mapping[str, float | None], target: DeliveryTarget, laid_db: float) -> float:
    """The gain that puts what was measured with ``laid_db`` within the limits."""
    value, window = measured.get(target.moved), target.limits.get(target.moved)
    if value is None or window is None:
        return laid_db
    if missing_db := under(value, window):
        return laid_db + missing_db + WITHIN_DB
    if excess_db := over(value, window):
        return laid_db - excess_db - WITHIN_DB
    return laid_db


def _held_back(
    measured: Mapping[str, float | None], target: DeliveryTarget, gain_db: float, most_db: float
) -> tuple[str, ...]:
    """Why a file is quieter than its target asks, where that is due to its peaks."""
    value, window = measured.get(target.moved), target.limits.get(target.moved)
    if value is None or window is None or not under(value, window) or gain_db < most_db - 0.01:
        return ()
    return (
        "It is quieter than asked for: to be louder, its peaks would have to come down by more "
        f"than {MOST_LIMITED_DB:g} dB, which would dull it.",
    )


def _by_profile(heard: Measurement, facts: FileFacts, profile: JudgedBy) -> tuple[str, ...]:
    """What the profile of its master says of a file that another loudness was asked of."""
    if profile.whole is None:
        return ()
    verdict, findings = judge(as_data(heard, SHOWN_CURVES), facts, profile.whole)
    failed = [one.title.lower() for one in deciding(verdict, findings)]
    more = f": {', '.join(failed)}" if failed else ""
    return (f"Judged again by {profile.title or profile.id}: {verdict}{more}.",)


def _judged(measured: dict[str, float | None], target: DeliveryTarget) -> Iterable[Requirement]:
    for name, window in target.limits.items():
        value = measured.get(name)
        value = None if value is None else round(value, 4)
        yield Requirement(
            quantity=name,
            measured=value,
            limit=Limits(min=window.min, max=window.max),
            met=value is not None and is_within(value, window),
        )
