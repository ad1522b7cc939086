"""What Python programs call: every function on files and on arrays, re-exported by ``asmrmaster``.

A preset, profile, EQ curve or declaration may be given by shipped name, by path or as an object. An
array is samples in floating point, full scale ±1.0, of shape (frames,), (frames, channels) or
(channels, frames). Called from here nothing is forked, and no signal handler, thread count or
environment variable of the calling program is touched.

All errors are an ``AsmrmasterError`` with a message and a hint, and come before anything is
measured where they can: ``WrongTypeError`` is a TypeError too, ``ParameterError`` a ValueError.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from asmrmaster.audio.arrays import recognised
from asmrmaster.audio.keeping import Keeping
from asmrmaster.declarations.content import Content
from asmrmaster.delivery.length import Length
from asmrmaster.edits.corrections import Corrections
from asmrmaster.engine import asked, in_memory, pipeline
from asmrmaster.errors import ParameterError, WrongTypeError
from asmrmaster.mend.intrusions import Intrusion, find_intrusions
from asmrmaster.meters import measure as measure_audio
from asmrmaster.meters.base import HOP_S, Curve, Measurement
from asmrmaster.presets import EqCurve, Preset, Profile
from asmrmaster.presets.recipe import Name, load_profile
from asmrmaster.report import Report
from asmrmaster.report import rescore as rescore_report
from asmrmaster.report.at_ear import Listening
from asmrmaster.stages.base import Edit, Stage
from asmrmaster.stages.lift import Lift
from asmrmaster.stages.limiter import Limiter

F = TypeVar("F", bound=np.floating[Any])
Progress = Callable[[float], None]

CURVES = (
    "momentary_lufs",
    "short_term_lufs",
    "level_novelty",
    "band_novelty",
    "peak",
    "k_energy",
    "novelty_band_energy",
)
"""Curves that ``measure`` gives, of any sound."""


@dataclass(frozen=True)
class Plan:
    """How a take would be mastered; nothing is rendered.

    report: as of a dry run, with the edits, the dips and their reasons, and the verdict that is
    forecast. gain_db: what the ride does, static gain included, at the start of each hop of
    ``hop_s`` seconds and the end of the last, shape (hops + 1,); a closed fade reads −100. stages:
    what is done before it, in order. limiter: what comes after it.
    """

    report: Report
    gain_db: NDArray[np.float64]
    stages: tuple[Stage, ...]
    limiter: Limiter
    hop_s: float = HOP_S


def master(
    take: Name | BinaryIO,
    output: Name | None = None,
    *,
    preset: Name | Preset = "gentle",
    profile: Name | Profile | None = "general",
    eq: Name | EqCurve | None = None,
    settings: Mapping[str, object] | None = None,
    force: bool = False,
    dry_run: bool = False,
    stream: int | str | None = None,
    length: Length | None = None,
    corrections: Corrections | None = None,
    removed: Name | None = None,
    content: Name | Content | None = None,
    reviewed_by: str = "",
    tags: Keeping = "public",
    progress: Progress | None = None,
    threads: int | None = None,
) -> Report:
    """Turn a take into a master, and judge the written file.

    Parameters
    ----------
    take : str, os.PathLike or binary file
        Any sound or film. An open file is read from where it stands to its end.
    output : str or os.PathLike, optional
        Name of the master; beside the take as ``NAME.master.EXT`` if left out. One that does not
        meet the profile is named ``….does-not-meet.EXT``: see ``report.output.path``.
    preset, eq, profile : str, os.PathLike or object
        How it is made, another tone than the preset's, and what is accepted; a profile of None is
        the one that the preset names.
    settings : mapping, optional
        Values of the preset by dotted key: ``{"target.integrated_lufs": -26, "hum": "on"}``.
    force : bool
        Replace what already has the name of the output.
    dry_run : bool
        Plan and forecast; write nothing.
    stream : int or str, optional
        One of several sound streams, by number or language.
    length : Length, optional
        Cut or loop the take first.
    corrections : Corrections, optional
        What repair leaves alone, mends or takes back.
    removed : str or os.PathLike, optional
        A file for what repair took away.
    content : str, os.PathLike or Content, optional
        What is declared; ``NAME.content.toml`` beside the take is found by itself.
    reviewed_by : str
        Who listened to the moments the report names.
    tags : {"public", "all", "none"}
        Which tags of the take travel: those that tell nothing of a person, place or device, all,
        or none.
    progress : callable, optional
        Is told the share of the work that is done, 0 to 1.
    threads : int, optional
        That may work at a time; 1 for the calling one alone. The result does not depend on it.

    Returns
    -------
    Report
        With ``verdict``, ``findings``, the values of take (``before``) and master (``after``).

    Raises
    ------
    InputError, OutputError, PresetError, ParameterError, WrongTypeError
        Then nothing is published.

    Examples
    --------
    >>> import asmrmaster, soundfile
    >>> from asmrmaster.demo import take
    >>> soundfile.write("take.wav", take(40.0), 48_000, "PCM_24")
    >>> report = asmrmaster.master("take.wav", "master.wav", preset="whisper", threads=1)
    >>> print(report.output.path, report.after.values["integrated_lufs"] > -26)
    master.wav True
    """
    request = asked.of_master(
        preset, profile, eq, settings, length=length, corrections=corrections, content=content,
        reviewed_by=reviewed_by, stream=stream,
    )  # fmt: skip
    request = replace(
        request,
        output=asked.path("the output", output),
        removed=asked.path("the file for what is removed", removed),
        tags=asked.tags(tags),
        force=force,
        dry_run=dry_run,
    )
    job = asked.job(request, progress, threads)
    if output is None and not dry_run and hasattr(take, "read"):
        raise ParameterError(
            "an open file has no place beside it for its master", hint="Give an output"
        )
    with in_memory.placed(take) as file:
        report = pipeline.run(file.taken(job))
        return report if file.folder is None else in_memory.renamed(report, file.name)


def master_array(
    x: NDArray[F],
    sample_rate: float,
    *,
    preset: Name | Preset = "gentle",
    profile: Name | Profile | None = "general",
    eq: Name | EqCurve | None = None,
    settings: Mapping[str, object] | None = None,
    length: Length | None = None,
    corrections: Corrections | None = None,
    content: Name | Content | None = None,
    reviewed_by: str = "",
    progress: Progress | None = None,
    threads: int | None = None,
) -> tuple[NDArray[F], Report]:
    """Turn a take in an array into a master in another one, and judge that.

    Parameters
    ----------
    x : numpy.ndarray
        The take; it is not written into.
    sample_rate : float
        In Hz.
    preset, profile, eq, settings, length, corrections, content, reviewed_by, progress, threads
        See ``master``.

    Returns
    -------
    y : numpy.ndarray
        The master, whatever its verdict, in the layout and precision of ``x``. Its samples are
        those of a 24-bit file: what is judged is exactly what writing one stores.
    report : Report
        Of "array" to "array"; their hashes are of the samples as little-endian doubles, frame after
        frame.

    Raises
    ------
    InputError, OutputError, PresetError, ParameterError, WrongTypeError
        OutputError also where the change went further than the preset allows.

    Examples
    --------
    >>> import asmrmaster
    >>> from asmrmaster.demo import take
    >>> y, report = asmrmaster.master_array(take(8.0), 48_000, profile="sleep")
    >>> y.shape, report.profile.id, len(report.findings) > 30
    ((384000, 2), 'sleep', True)
    """
    request = asked.of_master(
        preset, profile, eq, settings, length=length, corrections=corrections, content=content,
        reviewed_by=reviewed_by,
    )  # fmt: skip
    job, sound = asked.job(request, progress, threads), recognised(x, sample_rate)
    with in_memory.written(sound) as file:
        report = pipeline.run(file.taken(job))
        assert report.output is not None
        y = in_memory.samples_of(Path(report.output.path))
    return sound.restored(y), in_memory.about_array(report, sound.samples, y)


def check(
    file_or_array: Name | BinaryIO | NDArray[np.floating[Any]],
    sample_rate: float | None = None,
    *,
    profile: Name | Profile = "general",
    stream: int | str | None = None,
    codec: str = "",
    listening: Listening | None = None,
    content: Name | Content | None = None,
    reviewed_by: str = "",
    progress: Progress | None = None,
    threads: int | None = None,
) -> Report:
    """Judge a file, or an array, by a screening profile.

    Parameters
    ----------
    file_or_array : str, os.PathLike, binary file or numpy.ndarray
        Any sound or film, from any tool.
    sample_rate : float, optional
        In Hz, of an array; a file knows its own.
    profile : str, os.PathLike or Profile
        What is accepted.
    codec : str
        Also measure what this one would make of it: ``"aac:160k"``.
    listening : Listening, optional
        How it is played, for the figures at the ear.
    stream, content, reviewed_by, progress, threads
        See ``master``.

    Returns
    -------
    Report
        Of an array as of its file; ``master_array`` says what stands for path and hash.

    Raises
    ------
    InputError, PresetError, ParameterError, WrongTypeError

    Examples
    --------
    >>> import asmrmaster
    >>> from asmrmaster.demo import take
    >>> report = asmrmaster.check(take(8.0), 48_000, profile="trauma")
    >>> report.verdict
    'does not meet'
    >>> next(finding.why for finding in report.findings if finding.state == "fail")
    '-38.7 LUFS; accepted -30 to -18 LUFS'
    """
    request = asked.of_check(
        profile, stream=stream, codec=codec, listening=listening, content=content,
        reviewed_by=reviewed_by,
    )  # fmt: skip
    job = asked.job(request, progress, threads)
    if hasattr(file_or_array, "__array__"):
        sound = recognised(file_or_array, sample_rate)
        with in_memory.written(sound) as file:
            report = pipeline.checked(file.taken(job))
        return in_memory.about_array(report, sound.samples)
    if sample_rate is not None:
        raise ParameterError(
            "a sampling rate is given for what is no array", hint="A file knows its own; leave it"
        )
    with in_memory.placed(file_or_array) as file:
        report = pipeline.checked(file.taken(job))
        return report if file.folder is None else in_memory.renamed(report, file.name)


def rescore(report: Report | Name, profile: Name | Profile = "general") -> Report:
    """Judge what was measured before by another profile; no sound is needed.

    Parameters
    ----------
    report : Report, str or os.PathLike
        A report, or where one was saved.
    profile : str, os.PathLike or Profile
        What is accepted.

    Raises
    ------
    ReportError, PresetError, WrongTypeError

    Examples
    --------
    >>> import asmrmaster
    >>> from asmrmaster.demo import take
    >>> report = asmrmaster.check(take(8.0), 48_000)
    >>> asmrmaster.rescore(report, "sleep").profile.id
    'sleep'
    """
    by = load_profile(profile)
    if isinstance(report, Report):
        return rescore_report(report, by)
    if not isinstance(report, str | os.PathLike):
        raise WrongTypeError("the report", report, "a Report, or the path of a saved one")
    return rescore_report(Report.load(report), by)


def measure(
    x: NDArray[np.floating[Any]], sample_rate: float, *, threads: int | None = None
) -> Measurement:
    """Measure everything a profile can ask of a sound, of any length.

    Parameters
    ----------
    x : numpy.ndarray
        The sound, 0 frames or more.
    sample_rate : float
        In Hz.
    threads : int, optional
        See ``master``.

    Returns
    -------
    Measurement
        ``values``: each quantity of docs/quantities.md by name, a float, or None where it cannot be
        measured, as in a sound too short for it. ``curves``: those named in ``CURVES``, each with
        ``values``, ``hop_s``, ``start_s`` and ``unit``; without points where there is nothing to
        draw. ``events``: moments, with ``quantity``, ``start_s``, ``end_s``, ``size``, ``channel``.

    Raises
    ------
    ParameterError, WrongTypeError

    Examples
    --------
    >>> import asmrmaster
    >>> import numpy as np
    >>> x = 0.1 * np.sin(2 * np.pi * 997 * np.arange(5 * 48_000) / 48_000)
    >>> found = asmrmaster.measure(x, 48_000)
    >>> round(found.values["integrated_lufs"], 1), found.values["max_level_novelty_lu"]
    (-23.0, None)
    >>> found.curves["momentary_lufs"].values.shape
    (500,)
    """
    return _plain(_measured(x, sample_rate, threads))


def intrusions(
    x: NDArray[np.floating[Any]],
    sample_rate: float,
    profile: Name | Profile = "general",
    *,
    threads: int | None = None,
) -> tuple[Intrusion, ...]:
    """Find the moments that startle: over the limits of novelty or level that a profile requires.

    Parameters
    ----------
    x : numpy.ndarray
        The sound; novelty is assessed from 36 s on.
    sample_rate : float
        In Hz.
    profile : str, os.PathLike or Profile
        Whose limits count.
    threads : int, optional
        See ``master``.

    Returns
    -------
    tuple of Intrusion
        In order of time, each with ``start_s``, ``end_s``, ``excess_lu`` over its limit,
        ``quantity`` and ``bands``. There is one exactly where ``check`` fails such a limit.

    Raises
    ------
    PresetError, ParameterError, WrongTypeError

    Examples
    --------
    >>> import asmrmaster
    >>> from asmrmaster.demo import take
    >>> (door,) = asmrmaster.intrusions(take(40.0), 48_000)
    >>> round(door.start_s), door.excess_lu > 15, door.bands[0].high_hz
    (32, True, 300.0)
    """
    by = load_profile(profile)
    return find_intrusions(_measured(x, sample_rate, threads), by)


def plan(
    x: NDArray[np.floating[Any]],
    sample_rate: float,
    *,
    preset: Name | Preset = "gentle",
    profile: Name | Profile | None = "general",
    eq: Name | EqCurve | None = None,
    settings: Mapping[str, object] | None = None,
    corrections: Corrections | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Plan:
    """Plan a master without rendering it: the gain curve, what is repaired, what is forecast.

    Parameters
    ----------
    x : numpy.ndarray
        The take.
    sample_rate : float
        In Hz.
    preset, profile, eq, settings, corrections, progress, threads
        See ``master``.

    Returns
    -------
    Plan

    Raises
    ------
    InputError, PresetError, ParameterError, WrongTypeError

    Examples
    --------
    >>> import asmrmaster
    >>> from asmrmaster.demo import take
    >>> planned = asmrmaster.plan(take(8.0), 48_000)
    >>> planned.gain_db.shape, [stage.name for stage in planned.stages]
    ((801,), ['highpass', 'lift'])
    """
    request = asked.of_master(preset, profile, eq, settings, corrections=corrections)
    job = asked.job(replace(request, dry_run=True), progress, threads)
    sound = recognised(x, sample_rate)
    with in_memory.written(sound) as file:
        job = pipeline.forecast(file.taken(job))
    amplitude = np.array(job.ride.amplitude, dtype=np.float64)
    return Plan(
        report=in_memory.about_array(job.report, sound.samples),
        gain_db=20 * np.log10(np.maximum(amplitude, 1e-5)),
        stages=job.recipe.after(job.edits).stages,
        limiter=job.recipe.preset.limiter.model_copy(
            update={"ceiling_dbtp": job.ride.ceiling_dbtp}
        ),
    )


def lift(
    x: NDArray[F],
    sample_rate: float,
    *,
    profile: Name | Profile = "general",
    depth: float = 1.0,
    threads: int | None = None,
) -> tuple[NDArray[F], tuple[Edit, ...]]:
    """Take sudden sounds out of the sound around them, where a profile's limits ask for it.

    Parameters
    ----------
    x : numpy.ndarray
        The sound, half a minute or more: what is sudden is told from what went before.
    sample_rate : float
        In Hz.
    profile : str, os.PathLike or Profile
        Whose limits say what is sudden.
    depth : float
        Share of what intrudes that is taken out, 0 to 1.
    threads : int, optional
        See ``master``.

    Returns
    -------
    tuple of numpy.ndarray and tuple of Edit
        The sound, as long, in the layout and precision of ``x``, sample for sample the same outside
        of the edits; and the edits. No edit where a lift would be further from the bed than a dip:
        ``plan`` says so.

    Raises
    ------
    InputError, PresetError, WrongTypeError

    Examples
    --------
    >>> import asmrmaster
    >>> from asmrmaster.demo import take
    >>> y, edits = asmrmaster.lift(take(60.0), 48_000)
    >>> [edit.id.split("-")[0] for edit in edits]
    ['lift', 'lift']
    """
    settings = {"highpass": "off", "lift.depth": depth}
    planned = plan(x, sample_rate, profile=profile, settings=settings, threads=threads)
    edits: list[Edit] = []
    for stage in planned.stages:
        if isinstance(stage, Lift):
            x = stage(x, sample_rate, edits.append)
    return x, tuple(edits)


def limit(x: NDArray[F], sample_rate: float, ceiling_dbtp: float = -2.0) -> NDArray[F]:
    """Hold true peaks below a ceiling, by a look-ahead limiter that leaves everything else alone.

    Parameters
    ----------
    x : numpy.ndarray
        The sound.
    sample_rate : float
        In Hz.
    ceiling_dbtp : float
        True peak that is not exceeded, −40 to 0. ``Limiter`` has the other parameters.

    Returns
    -------
    numpy.ndarray
        As long, in time with ``x``, in its layout and precision.

    Raises
    ------
    ParameterError, WrongTypeError

    Examples
    --------
    >>> import asmrmaster
    >>> import numpy as np
    >>> x = 0.9 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)
    >>> y = asmrmaster.limit(x, 48_000, ceiling_dbtp=-6.0)
    >>> asmrmaster.measure(y, 48_000).values["true_peak_dbtp"] <= -6.0
    True
    """
    if isinstance(ceiling_dbtp, bool | str) or not hasattr(ceiling_dbtp, "__float__"):
        raise WrongTypeError("the ceiling", ceiling_dbtp, "a number in dBTP")
    try:
        limiter = Limiter(ceiling_dbtp=float(ceiling_dbtp))
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        raise ParameterError(
            f"a ceiling of {ceiling_dbtp:g} dBTP: {said[0].lower()}{said[1:]}",
            hint="Give one from -40 to 0",
        ) from None
    return limiter(x, sample_rate)


def _measured(x: object, sample_rate: object, threads: int | None) -> Measurement:
    return measure_audio(recognised(x, sample_rate).audio, runner=asked.runner(threads))


def _plain(measured: Measurement) -> Measurement:
    """The measurement with every curve there is, in arrays of its own."""
    empty = Curve(np.empty(0, np.float32), HOP_S, "")
    curves = {name: measured.curves.get(name, empty) for name in CURVES}
    return Measurement(
        values={name: None if x is None else float(x) for name, x in measured.values.items()},
        curves={name: replace(c, values=np.array(c.values)) for name, c in curves.items()},
        events=measured.events,
    )
