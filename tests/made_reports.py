"""Reports made by hand, so that views can be looked at without any sound."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from asmrmaster.presets import Grades, Profile, load
from asmrmaster.report import (
    CurveData,
    Dip,
    EditData,
    FileFacts,
    Finding,
    JudgedBy,
    Limits,
    MeasurementData,
    Moment,
    Reference,
    Report,
    RideFacts,
    StageData,
    State,
    Verdict,
)
from asmrmaster.report.overviews import Picture

HOSTILE = "=<script>alert(1)<img src=x onerror=alert(2)>\"'&{{ 7*7 }}{% raw %}\u202e\x07]]>.wav"
"""A file name that tries everything."""

BEFORE_VALUES: dict[str, float | None] = {
    "integrated_lufs": -45.31,
    "true_peak_dbtp": -3.412,
    "sample_peak_dbfs": -3.6,
    "max_momentary_lufs": -18.06,
    "max_short_term_lufs": -25.9,
    "loudness_range_lu": 9.4,
    "max_momentary_above_programme_lu": 27.25,
    "max_short_term_above_programme_lu": 19.41,
    "max_level_novelty_lu": 18.4,
    "max_band_novelty_lu": 15.2,
    "noise_floor_lufs": -66.7,
    "noise_floor_a_dbfs": -69.1,
    "balance_lu": 0.4,
    "mono_loss_lu": 2.6,
    "negative_correlation_s": 0.0,
    "clipped_runs": 0.0,
}
AFTER_VALUES: dict[str, float | None] = {
    **BEFORE_VALUES,
    "integrated_lufs": -26.04,
    "true_peak_dbtp": -4.02,
    "sample_peak_dbfs": -4.2,
    "max_momentary_lufs": -15.2,
    "max_short_term_lufs": -21.4,
    "loudness_range_lu": 8.1,
    "max_momentary_above_programme_lu": 10.84,
    "max_short_term_above_programme_lu": 4.64,
    "max_level_novelty_lu": 5.1,
    "max_band_novelty_lu": 3.2,
    "noise_floor_lufs": -47.9,
    "noise_floor_a_dbfs": -50.2,
    "novel_events_per_10_min": None,
}

_ROWS: tuple[tuple[str, str, str, str, str, float | None, float | None], ...] = (
    ("L1", "Programme loudness", "required", "integrated_lufs", "LUFS", -30.0, -16.0),
    ("L2", "True peak", "required", "true_peak_dbtp", "dBTP", None, -2.0),
    (
        "L3",
        "Loudest passage above programme",
        "required",
        "max_short_term_above_programme_lu",
        "LU",
        None,
        6.0,
    ),
    (
        "L4",
        "Loudest moment above programme",
        "required",
        "max_momentary_above_programme_lu",
        "LU",
        None,
        12.0,
    ),
    ("L5", "Loudness range", "advisory", "loudness_range_lu", "LU", None, 15.0),
    ("O1a", "Louder than anything before", "required", "max_level_novelty_lu", "LU", None, 6.0),
    ("O1b", "New sound", "required", "max_band_novelty_lu", "LU", None, 4.0),
    ("O1c", "New moments", "advisory", "novel_events_per_10_min", "/10 min", None, 10.0),
    ("N1", "Noise floor", "report", "noise_floor_lufs", "LUFS", None, None),
    ("N3", "Clipping", "required", "clipped_runs", "", None, 0.0),
    ("S1", "Balance", "required", "balance_lu", "LU", None, 6.0),
    ("S4a", "Polarity", "required", "negative_correlation_s", "s", None, 5.0),
    ("S4b", "Loss in mono", "advisory", "mono_loss_lu", "LU", None, 4.5),
)


def findings(values: dict[str, float | None], channels: int = 2) -> tuple[Finding, ...]:
    """A finding for each row, judged as a profile would."""
    return tuple(_finding(row, values, channels) for row in _ROWS)


def _finding(row: tuple[Any, ...], values: dict[str, float | None], channels: int) -> Finding:
    key, title, requirement, quantity, unit, low, high = row
    measured = values.get(quantity)
    applies = channels > 1 or not key.startswith("S")
    off = measured is not None and (
        (high is not None and measured > high) or (low is not None and measured < low)
    )
    state: State = "pass"
    if not applies or measured is None:
        state = "not assessed"
    elif off and requirement != "report":
        state = "fail" if requirement == "required" else "advisory"
    wrong = state in ("fail", "advisory")
    size = 0.0 if measured is None else measured
    moments = [(32.0, 32.7), (52.0, 52.4)] if wrong and "novelty" in quantity else []
    moments = moments or ([(32.0, 32.4)] if wrong and "max_" in quantity else [])
    return Finding(
        criterion=key,
        title=title,
        requirement=requirement,
        state=state,
        applies=applies,
        quantity=quantity,
        unit=unit,
        measured=measured,
        limit=Limits(min=low, max=high),
        events=tuple(
            Moment(quantity=quantity, start_s=start, end_s=end, size=size) for start, end in moments
        ),
        why="not assessed: it could not be measured in this file"
        if measured is None
        else f"{measured:.1f} {unit}",
        advice=f"Lower it by {abs(size - (high or 0)):.1f} dB." if wrong else "",
        grades=Grades(method="S", direction="P", limit="E+"),
        protects="sudden loud moments",
        rationale="Of 72 gentle recordings 5 exceed it as they come.",
        source="EBU Tech 3341 (2023); calibration on real recordings",
    )


def verdict_of(found: tuple[Finding, ...]) -> Verdict:
    """As the report judges."""
    states = {f.state for f in found if f.applies}
    if "fail" in states:
        return "does not meet"
    return "meets with advisories" if "advisory" in states else "meets"


def curve(level: float, seconds: float, bumps: dict[float, float], points: int = 750) -> CurveData:
    """A loudness curve that wavers about a level, with bumps of so many LU at these times."""
    hop = seconds / points
    values: list[float | None] = []
    for k in range(points):
        time = (k + 1) * hop
        value = level + 2 * math.sin(time / 1.7) + math.sin(time * 3.1)
        for at, size in bumps.items():
            if at <= time < at + max(3.0, hop):
                value += size * (1 - (time - at) / max(3.0, hop))
        values.append(None if k < 3 else round(value, 2))
    return CurveData(hop_s=hop, unit="LUFS", values=tuple(values))


def _curves(level: float, seconds: float, bumps: dict[float, float]) -> dict[str, CurveData]:
    halved = {at: size * 0.7 for at, size in bumps.items()}
    points = 2000 if seconds > 600 else 750
    return {
        "momentary_lufs": curve(level + 2, seconds, bumps, points),
        "short_term_lufs": curve(level, seconds, halved, points),
    }


def _pictures(level: int, seconds: float) -> dict[str, Picture]:
    columns = 300
    time = [k * seconds / columns for k in range(columns)]

    def row(base: float, swing: float, pace: float) -> tuple[int | None, ...]:
        return tuple(round(base + swing * math.sin(t * pace)) for t in time)

    edges = (60, 200, 500, 1500, 3000, 6000, 15000)
    bands = tuple(f"{low} to {high} Hz" for low, high in pairwise(edges))
    return {
        "bands": Picture(
            hop_s=seconds / columns,
            unit="LUFS",
            rows=bands,
            values=tuple(row(level - 4 * k, 6, 0.3 + 0.1 * k) for k in range(6)),
        ),
        "peaks": Picture(
            hop_s=seconds / columns,
            unit="dBFS",
            rows=("peak",),
            values=(row(-12, 3, 0.9),),
        ),
        "channels": Picture(
            hop_s=seconds / columns,
            unit="LUFS",
            rows=("left", "right"),
            values=(row(level, 3, 0.57), row(level, -3, 0.57)),
        ),
    }


def facts(path: str, channels: int = 2, seconds: float = 75.0) -> FileFacts:
    """A file as it would be read."""
    return FileFacts(
        path=path,
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        format="WAV/PCM_24",
        rate_hz=48_000,
        channels=channels,
        frames=round(seconds * 48_000),
        duration_s=seconds,
    )


def checked(
    path: str = "found.wav",
    values: dict[str, float | None] | None = None,
    *,
    channels: int = 2,
    seconds: float = 75.0,
) -> Report:
    """A file that was only checked; by default it holds a door and a knock."""
    given = BEFORE_VALUES if values is None else values
    found = findings(given, channels)
    level = given.get("integrated_lufs") or -40.0
    events = tuple(moment for finding in found for moment in finding.events)
    return Report(
        verdict=verdict_of(found),
        profile=JudgedBy(
            id="general",
            version="1.0.0",
            sha256="ab" * 32,
            title="General screening",
            order=load(Profile, "general").order,
        ),
        input=facts(path, channels, seconds),
        after=MeasurementData(
            values=given,
            curves=_curves(level, seconds, {32.0: 27.0, 52.0: 15.0}),
            events=events,
            pictures=_pictures(round(level), seconds) if channels == 2 else {},
        ),
        findings=found,
        versions={"asmrmaster": "0.1.0", "numpy": "2.4.6", "python": "3.11.7"},
    )


def mastered(
    path: str = "take.wav",
    output: str = "take.master.wav",
    values: dict[str, float | None] | None = None,
    *,
    seconds: float = 75.0,
    dips: tuple[Dip, ...] | None = None,
    edits: tuple[EditData, ...] | None = None,
) -> Report:
    """A master with its ride, two dips and some edits."""
    after = checked(output, AFTER_VALUES if values is None else values, seconds=seconds)
    lowered = dips or (
        Dip(start_s=31.74, end_s=32.9, depth_db=21.3, reason="27.2 LU above programme loudness"),
        Dip(start_s=51.8, end_s=52.6, depth_db=12.1, reason="15.2 LU new in some bands"),
    )
    level = after.after.values.get("integrated_lufs") or -26.0
    quieter = MeasurementData(
        values=after.after.values,
        curves=_curves(level, seconds, {32.0: 8.0, 52.0: 3.0}),
        events=after.after.events,
        pictures=_pictures(-26, seconds),
    )
    hop = 0.1 if seconds < 200 else seconds / 2000
    moved = []
    for k in range(round(seconds / hop)):
        time = k * hop
        inside = [d.depth_db for d in lowered[:200] if d.start_s - hop <= time < d.end_s]
        fade = min(0.0, 20 * math.log10(max(time, 1e-5) / 3), 20 * math.log10((seconds - time) / 5))
        moved.append(round(max(-100.0, fade - max(inside, default=0.0)), 2))
    return after.model_copy(
        update={
            "preset": Reference(id="gentle", version="1.0.0", sha256="cd" * 32),
            "input": facts(path, seconds=seconds),
            "output": facts(output, seconds=seconds),
            "before": MeasurementData(
                values=BEFORE_VALUES,
                curves=_curves(-45.3, seconds, {32.0: 27.0, 52.0: 15.0}),
                events=(
                    Moment(quantity="max_level_novelty_lu", start_s=32.0, end_s=32.7, size=18.4),
                    Moment(quantity="max_level_novelty_lu", start_s=52.0, end_s=52.4, size=9.7),
                ),
                pictures=_pictures(-45, seconds),
            ),
            "after": quieter,
            "chain": (
                StageData(stage="declick", parameters={"threshold": 5.0}),
                StageData(stage="highpass", parameters={"cutoff_hz": 20.0, "order": 4}),
                StageData(stage="limiter", parameters={"ceiling_dbtp": -4.0, "hold_ms": 8.0}),
            ),
            "ride": RideFacts(
                static_gain_db=19.3,
                min_db=-21.3,
                max_db=0.0,
                max_fall_db_per_s=148.0,
                max_rise_db_per_s=30.0,
                fade_in_s=3.0,
                fade_out_s=5.0,
                ceiling_dbtp=-4.0,
                wanted_lufs=-24.0,
                target_lufs=-26.0,
                target_reason="louder would lift the noise floor past -48.0 LUFS",
                forecast={"integrated_lufs": -26.1},
                dips=lowered,
                curve=CurveData(hop_s=hop, unit="dB", values=tuple(moved)),
                renders=2,
            ),
            "edits": edits
            or (
                EditData(
                    stage="declick",
                    start_s=11.2031,
                    end_s=11.2038,
                    channel=0,
                    amount_db=-14.2,
                    reason="a click of 0.7 ms",
                    evidence={"height": 9.3},
                ),
                EditData(
                    stage="limiter",
                    start_s=40.1,
                    end_s=40.14,
                    channel=None,
                    amount_db=-2.4,
                    reason="true peak above the ceiling",
                ),
            ),
        }
    )


def ten_hours() -> Report:
    """A ten-hour master with far more dips, edits and events than anyone reads."""
    seconds = 36_000.0
    lowered = tuple(
        Dip(start_s=20.0 * k, end_s=20.0 * k + 1, depth_db=3 + k % 17, reason="a sudden moment")
        for k in range(1500)
    )
    changed = tuple(
        EditData(
            stage="declick",
            start_s=1.7 * k,
            end_s=1.7 * k + 0.001,
            channel=k % 2,
            amount_db=-float(k % 30),
            reason="a click",
        )
        for k in range(20_000)
    )
    report = mastered(seconds=seconds, dips=lowered, edits=changed)
    events = tuple(
        Moment(quantity="max_level_novelty_lu", start_s=7.0 * k, end_s=7.0 * k + 1, size=k % 11)
        for k in range(5000)
    )
    assert report.before is not None
    return report.model_copy(
        update={
            "after": report.after.model_copy(update={"events": events}),
            "before": report.before.model_copy(update={"events": events}),
        }
    )
