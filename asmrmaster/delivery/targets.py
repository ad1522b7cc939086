"""Files for destinations, each made from the one master and judged by what it asks for.

Nothing but a gain is laid on the master, and only where its loudness lies outside the limits; peaks
that would then be too high bound the gain, because another limiter would undo what was judged.
Where a destination asks for quiet at the ends, it is made; a film keeps its length.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
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
from asmrmaster.meters import METERS, QUANTITIES, READINGS, read_curves, run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.end_levels import EndLevels
from asmrmaster.presets import DeliveryTarget, load
from asmrmaster.presets.limits import is_within, over, under
from asmrmaster.report import DeliveryFacts, FileFacts, Limits, Reference, Report, Requirement
from asmrmaster.stages.gain import apply_gain
from asmrmaster.streams.audio import Audio

WITHIN_DB = 0.2
"""A gain aims this far inside a limit; a codec may move loudness by less."""
ROUNDS = 3
"""As often a lossy file is made, until it is what was asked for."""
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
    made = tuple(_one(master, target, force) for target in wanted)
    return report.model_copy(update={"deliveries": made})


def _one(master: Source, target: DeliveryTarget, force: bool) -> DeliveryFacts:
    film = bool(target.film_suffix) and master.picture
    suffix = target.film_suffix if film else target.suffix
    final = beside(master.path, f".{target.id}{suffix}")
    check_target(final, (master.path,), force)
    stored = _format(target, final)
    of_master = _heard(master.audio)
    gain_db = _gain_db(dict(of_master.values), target, 0.0)
    with Draft(final) as draft:
        for left in reversed(range(ROUNDS)):
            audio, ends = _shaped(master.audio, of_master, gain_db, target, keep_length=film)
            notes = (*ends, *_write(master, audio, draft.path, stored, target))
            written = read(draft.path)
            measured = dict(_heard(written.audio).values)
            correction_db = _gain_db(measured, target, gain_db) - gain_db
            if not left or abs(correction_db) < 0.01:
                break
            gain_db += correction_db
        notes += _held_back(measured, target)
        found = tuple(_judged(measured, target))
        met = all(one.met for one in found)
        if not met:
            final = beside(final, f".does-not-meet{final.suffix}")
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
    target: DeliveryTarget,
    *,
    keep_length: bool,
) -> tuple[Audio, tuple[str, ...]]:
    """The master's sound with this gain and, where asked for, quiet ends; what was done to those.

    measured: what was measured of the master.
    """
    if gain_db:
        audio = apply_gain(audio, np.array([10 ** (gain_db / 20)]))
    if keep_length or not set(_ENDS) & set(target.limits):
        return audio, ()
    curve = measured.curves["energy"]
    energy = curve.values * 10 ** (gain_db / 10)
    ends = EndLevels.read(Measurement({}, {"energy": replace(curve, values=energy)})).values
    head_s, tail_s = (missing_s(ends[name], target.limits.get(name)) for name in _ENDS)
    return with_ends(audio, energy, head_s, tail_s)


def _heard(audio: Audio) -> Measurement:
    return read_curves(run_meters(audio, METERS), (*READINGS, EndLevels))


def _gain_db(measured: dict[str, float | None], target: DeliveryTarget, laid_db: float) -> float:
    """The gain that puts what was measured with ``laid_db`` within the limits, as far as peaks
    let it."""
    value, window = measured.get(target.moved), target.limits.get(target.moved)
    gain_db = laid_db
    if value is not None and window is not None:
        if missing_db := under(value, window):
            gain_db += missing_db + WITHIN_DB
        elif excess_db := over(value, window):
            gain_db -= excess_db + WITHIN_DB
    for name in _PEAKS:
        peak, limit = measured.get(name), target.limits.get(name)
        if peak is not None and limit is not None and limit.max is not None:
            room_db = limit.max - peak
            if gain_db - laid_db > room_db:
                gain_db = laid_db + room_db - WITHIN_DB / 2
    return gain_db


def _held_back(measured: dict[str, float | None], target: DeliveryTarget) -> tuple[str, ...]:
    """Why a file is quieter than its target asks, where that is due to its peaks."""
    value, window = measured.get(target.moved), target.limits.get(target.moved)
    if value is None or window is None or not under(value, window):
        return ()
    for name in _PEAKS:
        peak, limit = measured.get(name), target.limits.get(name)
        if peak is None or limit is None or limit.max is None or peak < limit.max - WITHIN_DB:
            continue
        title = QUANTITIES[name].title
        return (f"More gain would lift its {title} over {limit.max:g}; only gain is laid on it.",)
    return ()


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
