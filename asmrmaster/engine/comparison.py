"""How far a master is from its take, measured on both, and the bounds a preset sets to that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.gains import power_gain
from asmrmaster.dsp.lead_in import SILENT_LUFS
from asmrmaster.dsp.level import LOUDNESS_OFFSET_DB, channel_weights, db
from asmrmaster.errors import OutputError
from asmrmaster.meters.base import HOP_S, Measurement
from asmrmaster.presets import Bounds
from asmrmaster.report import Change
from asmrmaster.ride import Ride
from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Edit
from asmrmaster.stages.limiter import Limiter
from asmrmaster.stages.repair import Repair
from asmrmaster.streams.curves import PIECE_ROWS, drop_pages, piecewise

Array = NDArray[np.float64]
Spans = Sequence[tuple[float, float]]

CURVES = ("k_energy", "k_cross")
"""What is compared."""
STILL_DB = 0.05
"""A dip or fade that moves less is none."""
SILENT = 10.0 ** ((SILENT_LUFS - LOUDNESS_OFFSET_DB) / 10)
"""Energy of a channel below which there is digital silence, or its dither."""
LEAST_S = 1.0
"""Less unedited sound than this tells nothing."""
FAINT = 1e-4
"""A channel this far below all (40 dB) has no image to keep: its dither would be measured."""


def compare(
    before: Measurement, after: Measurement, plan: Ride, edits: Iterable[Edit], duration_s: float
) -> Change:
    """What the take and the master, both measured, differ by; ``edits`` of repair and limiter."""
    local = [edit for edit in edits if edit.end_s - edit.start_s < 0.999 * duration_s]
    stages: dict[str, list[tuple[float, float]]] = {}
    for edit in local:
        if edit.stage != Limiter.name and edit.amount_db:  # what was only reported has none
            stages.setdefault(edit.stage, []).append((edit.start_s, edit.end_s))
    lowered_s, edited_s = (
        _total_s([one for name, spans in stages.items() if _lowers(name) is low for one in spans])
        for low in (True, False)
    )
    kept = _untouched(plan, [(e.start_s, e.end_s) for e in local])
    kept &= _sounding(before, len(kept))
    level = image = correlation = None
    if kept.sum() * HOP_S >= LEAST_S:
        was, now = (_sums(measured, "k_energy", kept) for measured in (before, after))
        ridden = _sums(before, "k_energy", kept, power_gain(plan.amplitude))
        level = float(db(_weigh(now)) - db(_weigh(ridden)))
        image = _image_change_db(was, now)
        correlation = _correlation_change(before, after, kept)
    dipped = piecewise(lambda a, b: np.abs(a - b), plan.level.gain_db, plan.reduction_db)
    return Change(
        edited_s=round(edited_s, 4),
        edited_percent=round(100 * edited_s / duration_s, 4),
        lowered_s=round(lowered_s, 4),
        lowered_percent=round(100 * lowered_s / duration_s, 4),
        stages_percent={
            name: round(100 * _total_s(spans) / duration_s, 4) for name, spans in stages.items()
        },
        max_gain_move_db=round(float(dipped.max(initial=0.0)), 2),
        level_change_lu=_rounded(level),
        channel_level_change_db=_rounded(image),
        correlation_change=_rounded(correlation),
    )


def share_percent(edits: Iterable[Edit], duration_s: float) -> float:
    """The share of a sound that lies in these edits, in %; those of all of it aside."""
    spans = [(one.start_s, one.end_s) for one in edits if one.amount_db]
    local = [span for span in spans if span[1] - span[0] < 0.999 * duration_s]
    return 100 * _total_s(local) / duration_s


IMAGE = ("channel_level_change_db", "correlation_change")
"""What a repair of left and right changes on purpose."""


def check(change: Change, bounds: Bounds, subject: object, asked: Collection[str] = ()) -> None:
    """OutputError where a change is larger than the preset allows, and was not ``asked`` for."""
    for name, field in Bounds.model_fields.items():
        if name in asked:
            continue
        value, most = getattr(change, name), getattr(bounds, name)
        if value is not None and abs(value) > most:
            raise OutputError(
                f"is not published, because the change went too far: {field.description}, "
                f"is {abs(value):.2f}, and the preset allows {most:g}",
                subject=subject,
                hint=f"{_most_of(change, name)}set bounds.{name}",
            )


def _most_of(change: Change, bound: str) -> str:
    """What to do about a bound, naming the stages behind it, the busiest first."""
    shares = {
        name: percent
        for name, percent in change.stages_percent.items()
        if bound == ("lowered_percent" if _lowers(name) else "edited_percent")
    }
    if not shares:
        return "Listen to what was changed, then repair less or "
    named = sorted(shares, key=lambda name: -shares[name])
    said = ", ".join(f"{name} {shares[name]:.1f} %" for name in named)
    return (
        f"It is by {said}: listen with --dry-run --labels, leave it out with "
        f"--set {named[0]}=off, let it do less, or "
    )


def _lowers(name: str) -> bool:
    """Whether edits of this stage turn a band down rather than rebuild samples."""
    stage = STAGES.get(name)
    return stage is not None and issubclass(stage, Repair) and stage.lowers


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _total_s(spans: Spans) -> float:
    """Time in at least one of these spans."""
    total = end = 0.0
    for first, last in sorted(spans):
        total += max(0.0, last - max(first, end))
        end = max(end, last)
    return total


def _untouched(plan: Ride, spans: Spans) -> NDArray[np.bool_]:
    """Hops in which no edit, dip or fade was at work."""
    hops = len(plan.reduction_db)
    kept = np.asarray(plan.reduction_db <= STILL_DB)
    kept[: round(plan.fade_in_s / HOP_S)] = False
    kept[hops - round(plan.fade_out_s / HOP_S) :] = False
    for first, last in spans:
        kept[max(0, int(first / HOP_S)) : int(last / HOP_S) + 1] = False
    return kept


def _sounding(measured: Measurement, hops: int) -> NDArray[np.bool_]:
    """Hops in which there is any sound: silence cannot have been kept, or changed."""
    values = measured.curves["k_energy"].values[:hops]
    found = piecewise(lambda one: one.max(axis=1) > SILENT, values).astype(bool)
    return np.pad(found, (0, hops - len(found)))


def _sums(
    measured: Measurement, curve: str, kept: NDArray[np.bool_], gain: NDArray[Any] | None = None
) -> Array:
    """Sum of a curve over these hops, of shape (columns,) or a number; gain: in power per hop."""
    values = measured.curves[curve].values[: len(kept)]
    total = np.zeros(values.shape[1:])
    for start in range(0, len(values), PIECE_ROWS):
        hops = slice(start, start + PIECE_ROWS)
        piece = values[hops][kept[hops]].astype(np.float64)
        total += piece.sum(axis=0) if gain is None else gain[hops][kept[hops]] @ piece
    drop_pages()
    return total


def _weigh(sides: Array) -> Array:
    return sides @ channel_weights(len(sides))


def _image_change_db(was: Array, now: Array) -> float | None:
    """Largest change of the level of one channel against the mean of all."""
    if len(was) < 2:
        return None
    shares = [np.maximum(side / side.sum(), FAINT) for side in (was, now)]
    return float(np.abs(db(shares[1]) - db(shares[0])).max())


def _correlation_change(
    before: Measurement, after: Measurement, kept: NDArray[np.bool_]
) -> float | None:
    """Correlation of left and right, after minus before; None but for stereo."""
    found = []
    for measured in (before, after):
        if "k_cross" not in measured.curves:
            return None
        energy = _sums(measured, "k_energy", kept)
        if energy.min() <= FAINT * energy.sum():
            return None
        found.append(float(_sums(measured, "k_cross", kept) / np.sqrt(energy.prod())))
    return found[1] - found[0]
