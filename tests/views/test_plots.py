"""Drawings: the right place for every second and decibel, words for all of it, no clutter."""

from __future__ import annotations

import re
import struct
import zlib
from base64 import b64decode
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asmrmaster.report import CurveData, Dip, Limits
from asmrmaster.report.overviews import Picture
from asmrmaster.views import plots, raster
from asmrmaster.views.scales import Scale, area, merged, path, spread, ticks, time_ticks
from asmrmaster.views.svg import LEFT, LINE, RIGHT, TOP, WIDTH, Plot
from asmrmaster.views.timeline import happened
from tests import made_reports

PLOT_WIDTH = WIDTH - LEFT - RIGHT


def points(d: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", d)]


def at(time_s: float, seconds: float = 75.0) -> float:
    return LEFT + PLOT_WIDTH * time_s / seconds


# --- scales ---------------------------------------------------------------------------------------


def test_a_scale_holds_what_lies_beyond_it() -> None:
    scale = Scale(-60, -10, 200, 20)
    assert (scale(-60), scale(-35), scale(-10)) == (200, 110, 20)
    assert (scale(-200), scale(0)) == (200, 20)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-60, -10, ["−60", "−50", "−40", "−30", "−20", "−10"]),
        (-30, 0, ["−30", "−25", "−20", "−15", "−10", "−5", "0"]),
        (-6, 6, ["−6", "−4", "−2", "0", "2", "4", "6"]),
    ],
)
def test_ticks_are_round(low: float, high: float, texts: list[str]) -> None:
    found = [tick.text for tick in ticks(Scale(low, high, 0, 100), most=len(texts) - 1)]
    assert found == texts


@given(st.floats(0.05, 200_000))
def test_time_ticks_are_few_and_inside_for_any_length(seconds: float) -> None:
    found = time_ticks(Scale(0, seconds, 0, 700))
    assert 1 <= len(found) <= 12
    assert found[0].text in ("0:00", "0:00.0")
    assert all(0 <= tick.at <= 700 + 1e-6 for tick in found)
    assert all(b.at - a.at >= 50 for a, b in pairwise(found))


def test_hours_are_written_as_hours() -> None:
    assert [t.text for t in time_ticks(Scale(0, 36_000, 0, 700))][-1] == "10:00:00"
    assert [t.text for t in time_ticks(Scale(0, 75, 0, 700))][:2] == ["0:00", "0:10"]


def test_a_curve_has_gaps_where_nothing_was_heard() -> None:
    curve = CurveData(hop_s=1.0, unit="dB", values=(None, -10.0, -20.0, None, -30.0))
    x, y = Scale(0, 10, 0, 100), Scale(-40, 0, 40, 0)
    assert path(curve, x, y) == "M20 10L30 20M50 30"
    assert area(curve, x, y, 0.0) == "M0 0L10 0L20 10L30 20L40 0L50 30L50 0Z"


@given(st.lists(st.floats(0, 200), max_size=8))
def test_labels_are_spread_and_stay_in_order(places: list[float]) -> None:
    moved = spread(places, 14, 0, 200)
    order = sorted(range(len(places)), key=lambda k: places[k])
    for a, b in pairwise(order):
        assert moved[b] - moved[a] >= 14 - 1e-9
    assert all(-1e-9 <= place <= 200 + 1e-9 for place in moved)


@given(st.lists(st.tuples(st.floats(0, 700), st.floats(0, 50)), max_size=200))
def test_marks_never_overlap_and_cover_every_moment(found: list[tuple[float, float]]) -> None:
    spans = [(start, start + width) for start, width in found]
    joined = merged(spans, 3.0)
    assert all(a[1] < b[0] for a, b in pairwise(joined))
    assert all(any(s <= start and end <= e for s, e in joined) for start, end in spans)


# --- loudness and ride ----------------------------------------------------------------------------


def drawn(key: str) -> Plot:
    return next(plot for plot in plots.plots(made_reports.mastered()) if plot.key == key)


def decibels(plot: Plot) -> Scale:
    """The scale of a drawing, read back from two of its ticks."""
    first, last = plot.y_ticks[0], plot.y_ticks[-1]
    low, high = (float(tick.text.replace("−", "-")) for tick in (first, last))
    return Scale(low, high, first.at, last.at)


def test_the_loudest_moment_is_drawn_where_it_is() -> None:
    plot = drawn("loudness")
    line = points(next(s.d for s in plot.strokes if s.kind == "before"))
    x, y = min(line, key=lambda point: point[1])
    assert x == pytest.approx(at(32.0), abs=2)
    curve = made_reports.mastered().before
    assert curve is not None
    loudest = max(v for v in curve.curves["short_term_lufs"].values if v is not None)
    assert y == pytest.approx(decibels(plot)(loudest), abs=0.1)


def test_limits_are_drawn_above_the_programme_of_the_master() -> None:
    plot = drawn("loudness")
    y = decibels(plot)
    rules = {rule.text: rule.y for rule in plot.rules}
    assert rules["programme −26.0"] == pytest.approx(y(-26.04))
    assert rules["limit for 3 s −20.0"] == pytest.approx(y(-20.04))
    assert rules["limit for 0.4 s −14.0"] == pytest.approx(y(-14.04))
    assert rules["noise floor −47.9"] == pytest.approx(y(-47.9))
    words = sorted(rule.text_y for rule in plot.rules)
    assert all(b - a >= LINE for a, b in pairwise(words))


def test_the_drawing_is_told_in_words() -> None:
    words = drawn("loudness").summary
    assert "Programme −26.0 LUFS. Limit for 3 s −20.0 LUFS." in words
    assert "The take had a programme loudness of −45.3 LUFS." in words
    ride = drawn("ride").summary
    assert ride == (
        "Besides +19.3 dB throughout. Fade-in 3 s, fade-out 5 s. "
        "Turned down in 2 places, at most by 21.3 dB."
    )
    moments = drawn("moments").summary
    assert "Noticed in the take: 2 places, at 0:32.0, 0:52.0." in moments


def test_peaks_are_drawn_with_what_is_accepted() -> None:
    plot = drawn("peaks")
    assert [stroke.kind for stroke in plot.strokes] == ["before", "peak"]
    assert [rule.text for rule in plot.rules] == ["limit −2.0"]
    assert "True peak −4.02 dBTP. Accepted is at most −2.0 dBTP." in plot.summary
    y = decibels(plot)
    tops = [b for _, b in points(plot.strokes[-1].d)]
    assert min(tops) == pytest.approx(y(-9), abs=0.1)
    assert plot.rules[0].y == pytest.approx(y(-2), abs=0.1)


def test_each_dip_is_labelled_with_its_depth_below_it() -> None:
    plot = drawn("ride")
    y = decibels(plot)
    assert {note.text for note in plot.notes} == {"−21.3", "−12.1"}
    deep = next(note for note in plot.notes if note.text == "−21.3")
    assert deep.x == pytest.approx(at((31.74 + 32.9) / 2), abs=0.1)
    assert 0 < deep.y - y(-21.3) <= LINE
    line = points(plot.strokes[0].d)
    assert max(b for a, b in line if at(31.9) < a < at(32.7)) == pytest.approx(y(-21.3), abs=0.1)


def test_labels_of_many_dips_do_not_cover_each_other() -> None:
    plot = next(p for p in plots.plots(made_reports.ten_hours()) if p.key == "ride")
    assert 10 <= len(plot.notes) <= plots.MOST_LABELS
    for one, other in combinations(plot.notes, 2):
        assert abs(one.x - other.x) >= plots.CLEAR or abs(one.y - other.y) >= LINE
    assert max(float(n.text.replace("−", "")) for n in plot.notes) == 19.0  # the deepest is named


def test_a_shallow_dip_beside_a_deep_one_is_labelled_too() -> None:
    dips = (
        Dip(start_s=30, end_s=31, depth_db=20.0, reason="a door"),
        Dip(start_s=32, end_s=33, depth_db=3.0, reason="a cup"),
    )
    plot = plots.ride(made_reports.mastered(dips=dips))
    assert plot is not None
    assert {note.text for note in plot.notes} == {"−20.0", "−3.0"}


def test_silence_is_not_a_line_along_the_bottom() -> None:
    report = made_reports.checked()
    silent = CurveData(hop_s=1.0, unit="LUFS", values=(-200.7, -200.7, -30.0, -30.0))
    measured = report.after.model_copy(update={"curves": {"short_term_lufs": silent}})
    plot = plots.loudness(report.model_copy(update={"after": measured}))
    assert plot is not None
    assert len(points(plot.strokes[0].d)) == 2


def test_a_report_without_curves_has_no_drawing_of_them() -> None:
    report = made_reports.checked()
    bare = report.after.model_copy(update={"curves": {}, "events": (), "pictures": {}})
    findings = tuple(f.model_copy(update={"events": ()}) for f in report.findings)
    assert plots.plots(report.model_copy(update={"after": bare, "findings": findings})) == []


def test_rows_of_moments_stand_in_the_order_that_matters() -> None:
    plot = happened(made_reports.checked())
    assert plot is not None
    assert [row.kind for row in plot.rows] == ["fail"] * 4
    assert plot.rows[2].title == "Louder than anything before: fails (2)"
    starts = [x for x, _ in plot.rows[2].marks]
    assert starts == pytest.approx([at(32.0), at(52.0)], abs=0.1)
    assert all(row.y > TOP - LINE for row in plot.rows)


def test_thousands_of_moments_become_marks_that_fit() -> None:
    plot = happened(made_reports.ten_hours())
    assert plot is not None
    assert all(len(row.marks) <= PLOT_WIDTH / 3 for row in plot.rows)


def test_left_is_up() -> None:
    report = made_reports.checked()
    rows = Picture(hop_s=25.0, unit="LUFS", rows=("left", "right"), values=((-20, -30, None),) * 2)
    left = rows.model_copy(update={"values": ((-20, -30, None), (-30, -24, -20))})
    measured = report.after.model_copy(update={"pictures": {"channels": left}})
    plot = plots.sides(report.model_copy(update={"after": measured}))
    assert plot is not None
    line = points(plot.strokes[0].d)
    middle = plot.rules[0].y
    assert [y < middle for _, y in line] == [True, False]
    assert "Left is the louder side 50 % of the time; the sides differ by up to 10 dB" in (
        plot.summary
    )


# --- pictures and gauges --------------------------------------------------------------------------


def pixels(image: str) -> tuple[list[bytes], bytes]:
    """Rows of palette indices and the opacity of each index, decoded as ISO 15948 says."""
    data = b64decode(image.removeprefix("data:image/png;base64,"))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, place = {}, 8
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + size]
        check = struct.unpack(">I", data[place + 8 + size : place + 12 + size])[0]
        assert check == zlib.crc32(kind + body)
        chunks[kind] = body
        place += 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    raw = zlib.decompress(chunks[b"IDAT"])
    rows = [raw[k * (width + 1) + 1 : (k + 1) * (width + 1)] for k in range(height)]
    return rows, chunks[b"tRNS"]


def test_louder_is_more_ink_and_low_bands_lie_below() -> None:
    report = made_reports.checked()  # programme −45.3 LUFS
    picture = Picture(
        hop_s=1.0, unit="LUFS", rows=("low", "high"), values=((-42, -66, None), (-100, -45, -42))
    )
    measured = report.after.model_copy(update={"pictures": {"bands": picture}})
    (shades,) = raster.bands(report.model_copy(update={"after": measured}))
    rows, cover = pixels(shades.image)
    assert shades.rows == ("high", "low")
    high, low = ([cover[index] for index in row] for row in rows)
    assert low[0] == 255  # above the loudest shade
    assert low[2] == 0  # silence
    assert high[0] == 0  # below the quietest shade
    assert 0 < low[1] < high[1] < 255
    assert shades.summary == "Measured: most sound lies at low, least at high"


def test_a_gauge_shows_the_same_excess_at_the_same_place() -> None:
    finding = made_reports.checked().findings[3]  # at most 12 LU
    near = finding.model_copy(update={"measured": 15.0})
    other = finding.model_copy(update={"measured": -7.0, "limit": Limits(max=-10.0)})
    far = finding.model_copy(update={"measured": 27.0})
    inside = finding.model_copy(update={"measured": 9.0})
    places = [raster.gauge(f) for f in (near, other, far, inside)]
    assert places[0] == places[1]
    assert places[0] is not None
    assert places[2] is not None
    assert places[3] is not None
    assert places[0].end == places[2].end == 120  # the limit lies in the middle
    assert places[3].at < 120 < places[0].at < 236
    assert places[2].at == pytest.approx(120 + 116 * 15 / 24, abs=0.1)  # excess 15 of 24
    nothing = finding.model_copy(update={"measured": None})
    assert raster.gauge(nothing) is None
    assert raster.gauge(finding.model_copy(update={"limit": Limits()})) is None
