"""The report as one HTML file: what it amounts to on the first screen, everything else opens.

It asks nothing of any server, needs no script to be read, prints, and plays nothing unasked. The
report and its sound travel inside, so that the file can be opened again and gone on with.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from asmrmaster.report import (
    Answered,
    Dip,
    EditData,
    Finding,
    Judgement,
    Place,
    Report,
    limits_in_words,
    name_of,
)
from asmrmaster.report.changed_limits import changed_in_words
from asmrmaster.report.grading import grade, placed
from asmrmaster.report.moments import of_place
from asmrmaster.report.saved_page import ADDED_ID, REPORT_ID, SOUND_ID
from asmrmaster.report.sentences import capital, counted, plain, spoken, title
from asmrmaster.views import advice, phrases, plots, raster, value_rows
from asmrmaster.views.excerpts import MEDIA_TYPE, Excerpt
from asmrmaster.views.page import Page
from asmrmaster.views.page import render as render_page
from asmrmaster.views.playback import Piece, gain_db
from asmrmaster.views.shape import Shape, shape
from asmrmaster.views.signed import signed
from asmrmaster.views.text import SUMMARY, shipped_sentence

DIPS, EDITS = 100, 40
"""Rows of a table that nobody reads further than; the rest stands in the JSON report."""
CROWDED = 0.15
"""Above this share of the drawing there is no room for words over a line."""
LOOKS = {"bad": "not_fine", "close": "look", "hint": "look", "unknown": "not_known", "fix": "fix"}

Address = Callable[[Excerpt, str], str]
"""Where a sound of an excerpt is found: ``before`` or ``after``."""


@dataclass(frozen=True)
class Player:
    """An excerpt on the page: its number, and its sounds as data addresses by name."""

    key: int
    excerpt: Excerpt
    sounds: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Row:
    """A criterion below its question: look is an answer's state, figure stands small below."""

    look: str
    title: str
    sentence: str
    more: str
    figure: str


def render(
    report: Report,
    excerpts: Sequence[Excerpt] = (),
    *,
    pieces: Sequence[Piece] = (),
    audio: bool = True,
    address: Address | None = None,
    piece_address: Callable[[Piece], str] | None = None,
    preparing: str = "",
    judge_to: str = "",
    template: str = "report.html.j2",
    styles: tuple[str, ...] = (),
    scripts: tuple[str, ...] = (),
    **more: object,
) -> Page:
    """The page. ``excerpts`` and ``pieces`` of the sound are in it unless ``audio`` is false.

    address, piece_address: where the sounds lie instead, for a page that is served. preparing:
    where to ask whether the sound is there yet. judge_to: where judgements are sent. template,
    styles, scripts, more: a page that has this one in it, what it adds, and what it shows.
    """
    found = report.answered
    given = address or _written_in
    players = [_player(k, e, given) for k, e in enumerate(excerpts, 1)] if audio else []
    heard = list(pieces) if audio else []
    drawn = shape(report, found.moments)
    ride = report.ride
    head, changed = limits_in_words(report.profile)
    why, command = advice.next_step(report)
    listed = sorted(report.findings, key=lambda f: (not f.applies, phrases.ORDER.index(f.state)))
    return render_page(
        template,
        styles=("verdict.css", "report.css", *styles),
        script=("report.js", *scripts),
        served=address is not None,
        placed=_placed(found, drawn),
        data=_inside(report, heard, found, piece_address, served=address is not None),
        **more,
        report=report,
        found=found,
        signed=signed(report),
        file=phrases.subject(report),
        name=phrases.name(phrases.subject(report)),
        name_of=name_of,
        limits_head=head,
        limits_changed=changed,
        by_shipped=shipped_sentence(report),
        all_changes=[capital(changed_in_words(one)) for one in report.profile.changes],
        shape=drawn,
        pieces=heard,
        preparing=preparing,
        judge_to=judge_to,
        gain_db=gain_db(report),
        answers=[(answer, _rows(report, answer.criteria)) for answer in found.answers],
        moments_title=_moments_title(found),
        quieter_title=_quieter_title(found),
        quieter_said=any(of_place(place, report.judgements) for place in found.quieter),
        said_of=lambda place: of_place(place, report.judgements),
        elsewhere=_elsewhere(report, found.places),
        given=report.declared,
        day=phrases.day,
        played=phrases.played,
        plain_title=title,
        message=advice.message(report),
        next_why=why,
        next_command=command,
        changed=advice.what_changed(report),
        listed=listed,
        summary=value_rows.figures(report, SUMMARY),
        noise=value_rows.figures(report, value_rows.NOISE),
        stereo=value_rows.figures(report, value_rows.STEREO),
        values=value_rows.figures(report),
        plots=plots.plots(report),
        bands=raster.bands(report),
        dips=_deepest(ride.dips) if ride else [],
        edits=_largest(report.edits),
        stages=_stages(report.edits),
        players=players,
    )


def _placed(found: Answered, drawn: Shape | None) -> str:
    """Where marks, ticks and words stand; a policy without inline style wants it in the sheet."""
    if drawn is None:
        return ""
    duration = drawn.width
    rules = [
        f".m{k}{{left:clamp(2.2rem,{(x + w / 2) / duration:.2%},calc(100% - 2.2rem))}}"
        for k, (x, w) in enumerate(drawn.spans)
    ]
    rules += [f".x{k}{{left:{tick.at / drawn.width:.2%}}}" for k, tick in enumerate(drawn.ticks)]
    rules += [
        f".lab.usual{{top:calc({drawn.usual / drawn.height:.1%} - .45rem)}}",
        f".lab.twice{{top:calc({drawn.twice / drawn.height:.1%} - .45rem)}}",
    ]
    if drawn.label:
        left, top = drawn.label
        beside = "+ .3rem" if top < CROWDED else "- 1.15rem"
        rules.append(f".lab.used{{left:{left:.1%};top:calc({top:.1%} {beside})}}")
    return "\n".join(rules)


def _inside(
    report: Report,
    pieces: Sequence[Piece],
    found: Answered,
    address: Callable[[Piece], str] | None,
    *,
    served: bool,
) -> list[tuple[str, str]]:
    data = []
    if pieces:
        sound = {
            "length": round((report.output or report.input).duration_s, 2),
            "moments": [[m.start_s, m.end_s, m.at_s] for m in found.moments],
            "pieces": [
                {
                    "start": p.start_s,
                    "end": p.end_s,
                    "sound": address(p) if address else p.address,
                }
                for p in pieces
            ],
        }
        data.append((SOUND_ID, json.dumps(sound)))
    if not served:
        data.append((REPORT_ID, json.dumps(report.to_dict(), separators=(",", ":"))))
        data.append((ADDED_ID, "[]"))
    return data


def _rows(report: Report, criteria: Sequence[str]) -> list[Row]:
    """What stands below a question: its criteria that answer, the heaviest first."""
    by = {finding.criterion: placed(finding) for finding in report.findings}
    tags = report.declared.tags if report.declared else None
    return [
        _row(report, by[key], tags)
        for key in criteria
        if by[key].requirement != "report" and by[key].applies
    ]


def _row(report: Report, finding: Finding, tags: Sequence[str] | None) -> Row:
    weight = grade(finding)
    words = spoken(finding)
    look = LOOKS[weight] if weight else "not_known" if finding.state == "not assessed" else "fine"
    more = "" if look == "fine" else f"{words.meaning} {words.checker}".strip()
    figure = finding.criterion
    if finding.measured is not None:
        accepted = phrases.accepted(finding)
        figure = f"{phrases.measured(finding)}; accepted {accepted} · {finding.criterion}"
    return Row(look, words.title, plain(finding, report.after, tags), more, figure)


def _moments_title(found: Answered) -> str:
    if found.moments:
        number = len(found.moments)
        return f"{capital(counted(number))} {'moment' if number == 1 else 'moments'} to judge"
    number = len(found.quieter)
    return f"{capital(counted(number))} {'place' if number == 1 else 'places'} to hear"


def _quieter_title(found: Answered) -> str:
    number = len(found.quieter)
    places = "place" if number == 1 else "places"
    if found.moments:
        return f"{capital(counted(number))} quieter {places}, so that somebody has heard the rest"
    return f"The newest {places}, so that somebody has heard them"


def _elsewhere(report: Report, places: Sequence[Place]) -> list[Judgement]:
    """Judgements of moments that are offered no more, such as those of other limits."""
    near = {one for place in places for one in of_place(place, report.judgements)}
    return [one for one in report.judgements if one not in near]


def _written_in(excerpt: Excerpt, kind: str) -> str:
    """A sound as an address that holds it."""
    sound = excerpt.before if kind == "before" else excerpt.after
    return f"data:{MEDIA_TYPE};base64,{b64encode(sound or b'').decode('ascii')}"


def _player(key: int, excerpt: Excerpt, address: Address) -> Player:
    kinds = [("Take", "before"), ("Master", "after")]
    if excerpt.before is None:
        kinds = [("File", "after")]
    sounds = tuple((title_, address(excerpt, kind)) for title_, kind in kinds)
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
