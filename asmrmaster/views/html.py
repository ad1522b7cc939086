"""The report as one HTML file: verdict first, then what matters, then everything.

It asks nothing of any server, needs no script to be read, prints, and plays nothing unasked.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from asmrmaster.excerpts import Excerpt
from asmrmaster.report import Dip, EditData, Report
from asmrmaster.views import plots, raster, wording
from asmrmaster.views.page import Page
from asmrmaster.views.page import render as render_page
from asmrmaster.views.text import SUMMARY

DIPS, EDITS = 100, 40
"""Rows of a table that nobody reads further than; the rest stands in the JSON report."""
KEY_FIGURES = (
    "integrated_lufs",
    "true_peak_dbtp",
    "max_momentary_above_programme_lu",
    "noise_floor_lufs",
)
NOISE = (
    "noise_floor_lufs",
    "programme_above_floor_lu",
    "floor_step_lu",
    "pause_share_percent",
    "silent_share_percent",
)
STEREO = (
    "balance_lu",
    "correlation",
    "negative_correlation_s",
    "mono_loss_lu",
    "one_ear_run_s",
    "one_ear_share_percent",
    "side_jump_db",
)


Address = Callable[[Excerpt, str], str]
"""Where a sound of an excerpt is found: ``before`` or ``after``."""


@dataclass(frozen=True)
class Player:
    """An excerpt on the page: its number, and its sounds as data addresses by name."""

    key: int
    excerpt: Excerpt
    sounds: tuple[tuple[str, str], ...]

    def covers(self, start_s: float) -> bool:
        """Whether this moment can be heard in it."""
        return self.excerpt.start_s <= start_s < self.excerpt.end_s


@dataclass(frozen=True)
class Figure:
    """A quantity before and after, and what is accepted of it."""

    name: str
    title: str
    before: str
    after: str
    change: str
    accepted: str


def render(
    report: Report,
    excerpts: Sequence[Excerpt] = (),
    *,
    audio: bool = True,
    address: Address | None = None,
    template: str = "report.html.j2",
    styles: tuple[str, ...] = (),
    scripts: tuple[str, ...] = (),
    **more: object,
) -> Page:
    """The page. ``excerpts`` are written into it unless ``audio`` is false.

    address: where the sounds lie instead, for a page that is served. template, styles, scripts,
    more: a page that has this one in it, what it adds, and what it shows.
    """
    given = address or _written_in
    players = [_player(k, e, given) for k, e in enumerate(excerpts, 1)] if audio else []

    def heard_at(start_s: float) -> int | None:
        """The number of the player in which this moment can be heard."""
        return next((player.key for player in players if player.covers(start_s)), None)

    ride = report.ride
    listed = sorted(report.findings, key=lambda f: (not f.applies, wording.ORDER.index(f.state)))
    return render_page(
        template,
        styles=("page.css", "report.css", *styles),
        script=("report.js", *scripts),
        served=address is not None,
        **more,
        report=report,
        file=wording.subject(report),
        name=wording.name(wording.subject(report)),
        attention=[f for f in listed if f.applies and f.state != "pass"],
        listed=listed,
        gauges={f.criterion: raster.gauge(f) for f in report.findings},
        key_figures=_figures(report, KEY_FIGURES),
        summary=_figures(report, SUMMARY),
        noise=_figures(report, NOISE),
        stereo=_figures(report, STEREO),
        values=_figures(report, _names(report)),
        plots=plots.plots(report),
        bands=raster.bands(report),
        dips=_deepest(ride.dips) if ride else [],
        edits=_largest(report.edits),
        stages=_stages(report.edits),
        players=players,
        heard_at=heard_at,
    )


def _written_in(excerpt: Excerpt, kind: str) -> str:
    """A sound as an address that holds it."""
    sound = excerpt.before if kind == "before" else excerpt.after
    return f"data:{excerpt.media_type};base64,{b64encode(sound or b'').decode('ascii')}"


def _player(key: int, excerpt: Excerpt, address: Address) -> Player:
    kinds = [("Take", "before"), ("Master", "after")]
    if excerpt.before is None:
        kinds = [("File", "after")]
    sounds = tuple((title, address(excerpt, kind)) for title, kind in kinds)
    return Player(key, excerpt, sounds)


def _figures(report: Report, names: Sequence[str]) -> list[Figure]:
    """Those of the quantities that were measured, in this order."""
    before: Mapping[str, float | None] = report.before.values if report.before else {}
    after = report.after.values
    accepted = {f.quantity: wording.limit(f.limit) for f in report.findings}
    found = []
    for name in names:
        if after.get(name) is None and before.get(name) is None:
            continue
        old, new = before.get(name), after.get(name)
        known = wording.quantity(name)
        moved = "" if old is None or new is None else round(new, known.decimals)
        change = ""
        if moved != "" and old is not None and new is not None:
            step = round(new, known.decimals) - round(old, known.decimals)
            change = wording.number(step, known.decimals, sign=True)
        found.append(
            Figure(
                name,
                wording.title(name),
                wording.figure(name, old, unit=False),
                wording.figure(name, new, unit=False),
                change,
                accepted.get(name, ""),
            )
        )
    return found


def _names(report: Report) -> list[str]:
    before = report.before.values if report.before else {}
    return list({**report.after.values, **before})


def _deepest(dips: Sequence[Dip]) -> list[Dip]:
    return sorted(
        sorted(dips, key=lambda d: (-d.depth_db, d.start_s))[:DIPS], key=lambda d: d.start_s
    )


def _largest(edits: Sequence[EditData]) -> list[EditData]:
    largest = sorted(edits, key=lambda e: (-abs(e.amount_db), e.start_s))[:EDITS]
    return sorted(largest, key=lambda e: e.start_s)


def _stages(edits: Sequence[EditData]) -> list[tuple[str, int, float]]:
    """Each stage with the count of its edits and the largest of them."""
    found: dict[str, tuple[int, float]] = {}
    for edit in edits:
        count, most = found.get(edit.stage, (0, 0.0))
        found[edit.stage] = count + 1, max(most, abs(edit.amount_db))
    return [(stage, count, most) for stage, (count, most) in found.items()]
