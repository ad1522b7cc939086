"""The judging that gives a file its verdict.

``judge`` is pure: the same values, events and profile give the same findings, whether they were
measured a moment ago or years before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from asmrmaster.meters import ASKED_BY, QUANTITIES
from asmrmaster.meters.base import Quantity
from asmrmaster.presets import Criterion, Profile
from asmrmaster.presets.limits import excess, is_within, over, under
from asmrmaster.report.changed_limits import is_beyond
from asmrmaster.report.facts import (
    FileFacts,
    Finding,
    Limits,
    MeasurementData,
    Moment,
    State,
    Verdict,
)
from asmrmaster.report.formatting import clock, with_unit

FINDING_EVENTS = 20
"""A finding names this many of its largest events; all of them stand in the measurement."""


def judge(
    data: MeasurementData, facts: FileFacts, profile: Profile
) -> tuple[Verdict, tuple[Finding, ...]]:
    """The verdict of a profile on a measurement, and a finding for each criterion."""
    findings = tuple(_find(key, c, data, facts) for key, c in profile.criteria.items())
    return verdict_of(findings), findings


DECIDES: Mapping[Verdict, State] = {
    "does not meet": "fail",
    "not assessed": "not assessed",
    "meets with advisories": "advisory",
}
"""The state of a finding that decides for each verdict but ``meets``; the first one wins."""


def deciding(verdict: Verdict, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that make a verdict what it is; none of them for ``meets``.

    What was not assessed decides only where it had to be, and what does not apply never does.
    """
    wanted = DECIDES.get(verdict)
    return tuple(
        f
        for f in findings
        if f.applies
        and f.state == wanted
        and (f.requirement == "required" or verdict != "not assessed")
    )


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """Failing a required criterion decides; then what had to be measured and was not."""
    return next((verdict for verdict in DECIDES if deciding(verdict, findings)), "meets")


def _find(key: str, c: Criterion, data: MeasurementData, facts: FileFacts) -> Finding:
    quantity = QUANTITIES[c.quantity]
    gain_db = max(0.0, facts.player_gain_db) if quantity.is_level else 0.0
    stored = data.values.get(c.quantity)
    measured = None if stored is None else stored + gain_db
    events: tuple[Moment, ...] = ()
    advice = ""
    vetoes = (data.values.get(c.vetoed_by) or 0.0) if c.vetoed_by else 0.0
    applies = facts.channels == 2 or not c.stereo_only
    state: State
    if not applies:
        state, why = "not assessed", "does not apply: the file is not stereo"
    elif vetoes:
        # Whatever is required of how many listened: one person's unwelcome is enough.
        state, why = "fail", f"{vetoes:.0f} judged unwelcome"
        advice = c.too_high
    elif facts.duration_s < c.min_duration_s:
        state = "not assessed"
        why = f"not assessed: shorter than {c.min_duration_s:g} s"
    elif measured is None:
        state, applies = "not assessed", not c.if_present
        why = _unmeasured(c)
    elif c.vetoed_by and under(measured, c):
        # Who has not listened yet has found nothing wrong.
        state, why = "not assessed", f"not assessed: {_shown(quantity, measured)} of them so far"
        advice = _advice(c, measured, quantity)
    else:
        shown = _shown(quantity, measured) + _assumption(quantity, data)
        if gain_db:
            shown += f" ({gain_db:+.1f} dB by its tags)"
        accepted = "yes" if quantity.flag else with_unit(c.limit, quantity.unit)
        why = f"{shown}; accepted {accepted}"
        state = "pass"
        if c.requirement == "report":
            why = f"{shown}, reported only"
        elif under(measured, c) > c.tolerance and _only_bound(quantity, data):
            state, why = "not assessed", f"not assessed: {shown} or more; accepted {accepted}"
        elif not is_within(measured, c, c.tolerance):
            state = "fail" if c.requirement == "required" else "advisory"
            events = _events_beyond(c, data.events, gain_db)
            advice = _advice(c, measured, quantity)
            if events:
                why += f"; at {', '.join(clock(e.start_s) for e in events[:5])}"
    return Finding(
        criterion=key,
        title=c.title,
        requirement=c.requirement,
        state=state,
        applies=applies,
        quantity=c.quantity,
        unit=quantity.unit,
        measured=measured,
        limit=Limits(min=c.min, max=c.max),
        events=events,
        why=why,
        advice=advice,
        grades=c.grades,
        protects=c.protects,
        rationale=c.rationale,
        source=c.source,
        group=c.group,
        role=c.role,
        close=c.close,
        vetoed=bool(vetoes),
        beyond=is_beyond(key, c),
    )


def _shown(quantity: Quantity, value: float) -> str:
    if quantity.flag:
        return "yes" if value else "no"
    return with_unit(f"{value:z.{quantity.decimals}f}", quantity.unit)


def _only_bound(quantity: Quantity, data: MeasurementData) -> bool:
    """Whether the true figure may be larger than what was measured."""
    if quantity.bound_unless is None:
        return False
    name, value = quantity.bound_unless
    known = data.values.get(name)
    return known is not None and known != value


def _assumption(quantity: Quantity, data: MeasurementData) -> str:
    """What was assumed to get this figure, as it stands behind it."""
    if not quantity.assumes:
        return ""
    assumed, value = QUANTITIES[quantity.assumes], data.values.get(quantity.assumes)
    return f" ({assumed.title} {'unknown' if value is None else _shown(assumed, value)})"


def _unmeasured(c: Criterion) -> str:
    """Why there is no figure to judge."""
    if c.quantity in ASKED_BY:
        return f"not assessed: {ASKED_BY[c.quantity]}"
    if c.if_present:
        return "does not apply: nothing of the kind in this file"
    return "not assessed: it could not be measured in this file"


def _events_beyond(c: Criterion, events: Iterable[Moment], gain_db: float) -> tuple[Moment, ...]:
    """The largest events of this quantity beyond the limit, in order of time.

    gain_db: what players add to them.

    Where the events of another quantity locate it, their sizes say nothing of this limit.
    """
    own = [e for e in events if e.quantity == (c.located_by or c.quantity)]
    if not c.located_by and c.max is not None:
        own = [e for e in own if over(e.size + gain_db, c)]
    largest = sorted(own, key=lambda e: -e.size)[:FINDING_EVENTS]
    return tuple(sorted(largest, key=lambda e: e.start_s))


def _advice(c: Criterion, measured: float, quantity: Quantity) -> str:
    text = c.too_high if over(measured, c) else c.too_low
    counted = not quantity.unit and not quantity.decimals
    decimals = 0 if counted else max(quantity.decimals, 1)
    return text.replace("{excess}", f"{excess(measured, c):.{decimals}f}")
