"""Impulses that do not belong to the sound: where they are, and the evidence for each.

Three views of a stretch of sound, all from one autoregressive model of it (``dsp.autoregression``):
the forward residual judges a sample by those before it, the backward residual by those after it,
and the *match* is the forward residual filtered by the reversed model, the filter matched to one
added sample. Natural transients, even a fingernail on glass, are announced or continued by the
sound around them and have little energy where the sound has little: they hardly rise in the match.
A digital or electrical click does, by ten to forty decibels.

Sources: S. Godsill and P. Rayner, "Digital Audio Restoration", Springer 1998, section 5.2; S.
Vaseghi and P. Rayner, "Detection and suppression of impulsive noise in speech communication
systems", IEE Proc. I 137(1), 1990 (the matched filter).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.residual import (
    CELLS,
    cell_scale,
    hop_frames,
    hop_models,
    look_ahead,
    look_back,
    model_order,
)

Array = NDArray[np.float64]
Hops = NDArray[np.int64]

SEGMENT_HOPS = 32  # hops judged at a time
CONTEXT_HOPS = 2  # hops seen before and after them
OUTLIER = 12.0  # robust deviations; what is further out may not teach the model
BRIDGE_S = 8e-4  # longest run of outliers that is bridged for the model
GROWTH = 4.5  # robust deviations; an impulse lasts while both residuals are beyond
GROWTH_SHARE = 0.01  # … or beyond this share of its largest
GROWTH_GAP = 3  # frames; a shorter quiet is part of the impulse
LONGEST_S = 2e-3  # how far an impulse is followed either way
SILENCE = 1e-7  # full scale; below this scale there is no sound to judge by
NEAR_S, FAR_S, BEFORE_S = 5e-4, 2e-3, 1e-2  # windows in which a body shows, and what was usual
AROUND_S = 25e-3  # an isolated impulse has no equal within this
EDGE_S = 12e-3  # first and last of a file, where there is too little to judge by


@dataclass(frozen=True)
class Impulse:
    """A candidate, and what was measured about it.

    start, end: frames. match: size in the matched filter, in robust deviations of the residual.
    residual: the same without the filter. isolation: the next largest match within 25 ms over
    this one. body: how much livelier the residual is in the 0.5 and 2 ms after it, or just
    before it, than in the 10 ms before; the largest of these ratios, 1 being no body at all.
    stop: the opposite, how much quieter it is in the 2 ms after it than in the 10 ms before.
    """

    start: int
    end: int
    match: float
    residual: float
    isolation: float
    body: float
    stop: float


def find_impulses(
    window: Array, rate_hz: int, least_match: float, first: int, last: int
) -> list[Impulse]:
    """Candidates in the middle of one channel's window, in order.

    window: shape (frames,): ``CONTEXT_HOPS`` hops, then ``SEGMENT_HOPS`` hops in which impulses
    are sought, then ``CONTEXT_HOPS`` hops. first, last: where in it the file starts and ends.
    Frames of the result count from the start of the window. It is sought a little beyond the
    middle, so that an impulse across its end is seen whole; two windows may both see it.
    """
    hop = hop_frames(rate_hz)
    views = _listen(window, hop, model_order(rate_hz), round(BRIDGE_S * rate_hz), least_match)
    if views is None:
        return []
    beyond = round(LONGEST_S * rate_hz)
    begin, stop = CONTEXT_HOPS * hop, (CONTEXT_HOPS + SEGMENT_HOPS) * hop
    part = slice(begin - beyond, stop + beyond)
    sizes = views.match[part] / views.scale[part]
    over = np.flatnonzero(sizes > least_match)
    if not len(over):
        return []
    groups = np.split(over, np.flatnonzero(np.diff(over) > round(1e-3 * rate_hz)) + 1)
    peaks = [int(group[np.argmax(sizes[group])]) + part.start for group in groups]
    edge = round(EDGE_S * rate_hz)
    return [
        _measure(views, peak, rate_hz)
        for peak in peaks
        if first + edge <= peak < last - edge and views.scale[peak] > SILENCE
    ]


@dataclass(frozen=True)
class _Views:
    """Magnitudes of both residuals and of the match, and the scale they are judged by."""

    ahead: Array
    back: Array
    match: Array
    scale: Array
    order: int


def _listen(window: Array, hop: int, order: int, bridge: int, least_match: float) -> _Views | None:
    """The views over one window; None where nothing in it stands out."""
    hops = np.arange(1, len(window) // hop - 1)
    models = hop_models(window, hops, hop, order)
    ahead, match = look_ahead(window, models, hops, hop)
    scale = cell_scale(ahead)
    cells = np.maximum(ahead, match).reshape(*scale.shape, -1).max(axis=2)
    odd = (cells > 0.5 * least_match * scale).any(axis=1)
    if not odd[CONTEXT_HOPS - 1 : 1 - CONTEXT_HOPS].any():
        return None
    # Only what stands out, and its neighbours, is worth a second model: one that the outliers
    # did not teach. Without it a loud click makes the model white and hides in it.
    near = odd.copy()
    near[1:] |= odd[:-1]
    near[:-1] |= odd[1:]
    back = np.zeros_like(ahead)
    back[near] = look_back(window, models[near], hops[near], hop)
    both = np.minimum(_widest(ahead.ravel()), _widest(back.ravel()))
    outliers = both.reshape(*scale.shape, -1) > OUTLIER * np.maximum(scale, SILENCE)[..., None]
    bridged = _bridged(window, np.pad(outliers.ravel(), hop), bridge)
    models = hop_models(bridged, hops[near], hop, order)
    ahead[near], match[near] = look_ahead(window, models, hops[near], hop)
    back[near] = look_back(window, models, hops[near], hop)
    scale = np.repeat(np.maximum(cell_scale(ahead), SILENCE).ravel(), hop // CELLS)
    return _Views(
        np.pad(ahead.ravel(), hop),
        np.pad(back.ravel(), hop),
        np.pad(match.ravel(), hop),
        np.pad(scale, hop, mode="edge"),
        order,
    )


def _widest(size: Array) -> Array:
    """Maximum of each value and its two neighbours."""
    wide = size.copy()
    np.maximum(wide[1:], size[:-1], out=wide[1:])
    np.maximum(wide[:-1], size[1:], out=wide[:-1])
    return wide


def _bridged(window: Array, outliers: NDArray[np.bool_], longest: int) -> Array:
    """The window with short runs of outliers replaced by straight lines."""
    starts, ends = _runs(outliers)
    result = window.copy()
    for start, end in zip(starts - 3, ends + 3, strict=True):
        if end - start < longest:
            result[start:end] = np.linspace(window[start - 1], window[end], end - start)
    return result


def _runs(flags: NDArray[np.bool_]) -> tuple[Hops, Hops]:
    """First and one-past-last of each run; runs less than seven apart count as one."""
    where = np.flatnonzero(flags)
    if not len(where):
        return where, where
    cut = np.flatnonzero(np.diff(where) > 6)
    return where[np.append(0, cut + 1)], where[np.append(cut, len(where) - 1)] + 1


def _measure(views: _Views, peak: int, rate_hz: int) -> Impulse:
    """Extent and evidence of the candidate whose match is largest at ``peak``."""
    reach = round(LONGEST_S * rate_hz)
    origin = peak - reach - 6
    part = slice(origin, peak + reach + 7)
    both = np.minimum(_widest(views.ahead[part]), _widest(views.back[part])) / views.scale[part]
    centre = peak - 4 + int(np.argmax(both[reach + 2 : reach + 11]))
    size = float(both[centre - origin])
    start, end = _extent(both > max(GROWTH, GROWTH_SHARE * size), centre - origin, reach)
    start, end = start + origin, end + origin

    near, far, usual, around = (round(s * rate_hz) for s in (NEAR_S, FAR_S, BEFORE_S, AROUND_S))
    before, after = views.ahead[: start - 2], views.back[end + 2 :]
    was = max(_rms(before[-usual:]), 0.7 * float(views.scale[peak]))
    now = _rms(after[:far])
    lively = max(now, _rms(after[:near]), _rms(before[-near:]), _rms(before[-far:]))
    away = views.order + 6  # how far the match of the impulse itself reaches
    rivals = (
        views.match[max(0, start - away - around) : start - away],
        views.match[end - 1 + away : end - 1 + away + around],
    )
    own = float(views.match[peak])
    return Impulse(
        start,
        end,
        own / float(views.scale[peak]),
        size,
        max(float(rival.max(initial=0.0)) for rival in rivals) / own,
        lively / was,
        was / max(now, SILENCE),
    )


def _extent(loud: NDArray[np.bool_], centre: int, reach: int) -> tuple[int, int]:
    """First and one-past-last frame around ``centre`` while it stays loud, at most ``reach``."""
    after = np.flatnonzero(loud[centre : centre + reach])
    before = np.flatnonzero(loud[centre : max(0, centre - reach) : -1])
    start, end = centre - _last_near(before), centre + _last_near(after) + 1
    # The maximum over three frames reaches one too far on either side.
    return (start + 1, end - 1) if end - start >= 3 else (start, end)


def _last_near(loud: Hops) -> int:
    """The last of the distances that follow one another closely, starting from 0."""
    gaps = np.flatnonzero(np.diff(loud) > GROWTH_GAP)
    return int(loud[gaps[0]]) if len(gaps) else int(loud[-1]) if len(loud) else 0


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(values * values)))
