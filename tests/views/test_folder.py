"""The folder page: what stands out first, each file linked, all of it there without a script."""

from __future__ import annotations

from asmrmaster.report import Report
from asmrmaster.views.folder import Entry, render
from tests import made_reports
from tests.page_reader import Page


def report(name: str, lufs: float = -26.0, verdict: str = "meets") -> Report:
    values = {**made_reports.AFTER_VALUES, "integrated_lufs": lufs}
    made = made_reports.mastered(output=name, values=values)
    return made.model_copy(update={"verdict": verdict})


def names(page: str) -> list[str]:
    """The files in the order they stand in."""
    keys = [a["data-key"] for a in Page(page).all("th") if "data-key" in a]
    assert len(keys) == page.count("<tr data-verdict")
    return keys


FOLDER = [
    report("b.wav"),
    report("a.wav"),
    report("shout.wav", -18.0),
    report("c.wav", -26.5),
    report("d.wav", -25.5),
    report("advised.wav", verdict="meets with advisories"),
    report("short.wav", verdict="not assessed"),
    made_reports.checked("slam.wav"),
]


def test_what_stands_out_comes_first() -> None:
    page = render(Entry(r, f"{k}.html") for k, r in enumerate(FOLDER))
    order = ["slam.wav", "short.wav", "advised.wav", "shout.wav"]
    assert names(page)[:4] == order
    assert set(names(page)[4:]) == {"a.wav", "b.wav", "c.wav", "d.wav"}


def test_a_figure_apart_from_the_others_is_marked_with_a_shape_and_words() -> None:
    page = render(Entry(r) for r in FOLDER)
    row = page[page.index("shout.wav") : page.index("</tr>", page.index("shout.wav"))]
    assert row.count("stands apart:") == 1
    assert "<strong>−18.0</strong>" in row
    calm = page[page.index('data-key="b.wav"') :]
    assert "stands apart" not in calm[: calm.index("</tr>")]


def test_among_a_few_or_equal_files_nothing_stands_apart() -> None:
    few = render(Entry(r) for r in FOLDER[:3])
    equal = render(Entry(report(f"{k}.wav", -26.0 + 0.2 * k)) for k in range(9))
    for page in (few, equal):
        assert "<strong>" not in page


def test_each_file_leads_to_its_own_report() -> None:
    entries = [
        Entry(report("a.wav"), "reports/a b#1?.html"),
        Entry(report("b.wav"), "javascript:alert(1)"),
        Entry(report("c.wav"), "//elsewhere.example/c.html"),
        Entry(report("d.wav")),
    ]
    links = {a["href"] for a in Page(render(entries)).all("a")}
    assert links == {
        "./reports/a%20b%231%3F.html",
        "./javascript%3Aalert%281%29",
        "./" + "//elsewhere.example/c.html",
    }


def test_it_is_all_there_without_a_script() -> None:
    source = render(Entry(r) for r in FOLDER)
    page = Page(source)
    assert "8 files: 1 does not meet, 1 not assessed, 1 meets with advisories, 5 meet." in page.text
    assert "Not as it is Two sudden sounds, at 0:32 and 0:52." in page.text
    assert "hidden" in page.all("form")[0]  # the filter appears with the script that serves it
    assert not page.all("button")
    sorts = [a.get("aria-sort") for a in page.all("th") if a["scope"] == "col"]
    assert sorts.count("ascending") == 1


def test_what_is_sorted_by_is_the_number_and_not_its_print() -> None:
    cells = [a["data-key"] for a in Page(render([Entry(FOLDER[0])])).all("td")]
    assert cells == ["0", "-26.0", "-4.02", "10.84", "8.1", "-50.2", "75.0"]


def test_a_value_that_was_not_measured_is_empty() -> None:
    nothing = made_reports.checked("x.wav", dict.fromkeys(made_reports.AFTER_VALUES))
    cells = [a["data-key"] for a in Page(render([Entry(nothing)])).all("td")]
    assert cells == ["0", "", "", "", "", "", "75.0"]


def test_an_empty_folder_has_a_page_too() -> None:
    assert "0 files:" in Page(render([])).text
