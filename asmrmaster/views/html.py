"""The report as one HTML file: verdict first, then what matters, then everything.

It asks nothing of any server, needs no script to be read, prints, and plays nothing unasked.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from asmrmaster.report import Dip, EditData, Report
from asmrmaster.views import highlights, phrases, plots, raster, value_rows
from asmrmaster.views.excerpts import MEDIA_TYPE, Excerpt
from asmrmaster.views.page import Page
from asmrmaster.views.page import render as render_page
from asmrmaster.views.text import SUMMARY

DIPS, EDITS = 100, 40
"""Rows of a table that nobody reads further than; the rest stands in the JSON report."""


Address = Callable[[Excerpt, str], str]
"""Where a sound of an excerpt is found: ``before`` or ``after``."""


@dataclass(frozen=True)
class Player:
    """An excerpt on the page: its number, and its sounds as data addresses by name."""

    key: int
    excerpt: Excerpt
    sounds: tuple[tuple[str, str], ...]

    def covers(self, start_s: float) -> bool:
        """Whether this moment can be heard in it; times are rounded to 0.1 s."""
        return self.excerpt.start_s - 0.05 <= start_s < self.excerpt.end_s


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
    listed = sorted(report.findings, key=lambda f: (not f.applies, phrases.ORDER.index(f.state)))
    return render_page(
        template,
        styles=("page.css", "report.css", *styles),
        script=("report.js", *scripts),
        served=address is not None,
        **more,
        report=report,
        file=phrases.subject(report),
        name=phrases.name(phrases.subject(report)),
        attention=[f for f in listed if f.applies and f.state in ("fail", "advisory")],
        left=sorted(
            (f for f in listed if f.applies and f.state == "not assessed"),
            key=lambda f: f.requirement != "required",
        ),
        listed=listed,
        gauges={f.criterion: raster.gauge(f) for f in report.findings},
        key_figures=value_rows.figures(report, value_rows.KEY),
        summary=value_rows.figures(report, SUMMARY),
        noise=value_rows.figures(report, value_rows.NOISE),
        stereo=value_rows.figures(report, value_rows.STEREO),
        values=value_rows.figures(report),
        moments=highlights.moments(report),
        plots=plots.plots(report),
        bands=raster.bands(report),
        dips=_deepest(ride.dips) if ride else [],
        edits=_largest(report.edits),
        stages=_stages(report.edits),
        players=players,
        compared=any(len(player.sounds) == 2 for player in players),
        heard_at=heard_at,
    )


def _written_in(excerpt: Excerpt, kind: str) -> str:
    """A sound as an address that holds it."""
    sound = excerpt.before if kind == "before" else excerpt.after
    return f"data:{MEDIA_TYPE};base64,{b64encode(sound or b'').decode('ascii')}"


def _player(key: int, excerpt: Excerpt, address: Address) -> Player:
    kinds = [("Take", "before"), ("Master", "after")]
    if excerpt.before is None:
        kinds = [("File", "after")]
    sounds = tuple((title, address(excerpt, kind)) for title, kind in kinds)
    return Player(key, excerpt, sounds)


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
