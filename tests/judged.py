"""Values inside every limit of a profile, and what is judged of them."""

from __future__ import annotations

from asmrmaster.presets import Profile, load
from asmrmaster.report import (
    FileFacts,
    Finding,
    MeasurementData,
    Report,
    judge,
    judged_by,
    versions,
)

GENERAL = load(Profile, "general")


def passing(profile: Profile = GENERAL) -> dict[str, float | None]:
    """Values in the middle of every limit of a profile."""
    values: dict[str, float | None] = {}
    for criterion in profile.criteria.values():
        low = criterion.min if criterion.min is not None else criterion.max
        high = criterion.max if criterion.max is not None else criterion.min
        values[criterion.quantity] = None if low is None or high is None else (low + high) / 2
    return values


def facts(duration_s: float = 120.0, channels: int = 2) -> FileFacts:
    return FileFacts(
        path="a.wav",
        sha256="0" * 64,
        format="WAV/PCM_24",
        rate_hz=48_000,
        channels=channels,
        frames=round(duration_s * 48_000),
        duration_s=duration_s,
    )


def found(
    values: dict[str, float | None], criterion: str, profile: Profile = GENERAL, **kind: float
) -> Finding:
    _, findings = judge(MeasurementData(values=values), facts(**kind), profile)  # type: ignore[arg-type]
    return next(f for f in findings if f.criterion == criterion)


def report(values: dict[str, float | None]) -> Report:
    measured = MeasurementData(values=values)
    verdict, findings = judge(measured, facts(), GENERAL)
    return Report(
        verdict=verdict,
        profile=judged_by(GENERAL),
        input=facts(),
        after=measured,
        findings=findings,
        versions=dict(versions()),
    )
