"""CSV and JUnit XML: every value and criterion, and nothing of a name that breaks or runs."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

from asmrmaster.meters import QUANTITIES
from asmrmaster.views import csv as csv_view
from asmrmaster.views import junit
from tests import made_reports

REPORTS = [
    made_reports.mastered(),
    made_reports.checked(),
    made_reports.checked("mono.wav", channels=1),
    made_reports.checked(made_reports.HOSTILE, {"integrated_lufs": -20.0, "=new_db": 1.0}),
]


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_view.render(REPORTS)), strict=True))


# --- CSV ------------------------------------------------------------------------------------------


def test_one_row_per_file_with_verdict_and_every_value() -> None:
    found = rows()
    assert [row["verdict"] for row in found] == [r.verdict for r in REPORTS]
    for row, report in zip(found, REPORTS, strict=True):
        for name, value in report.after.values.items():
            text = row.get(name, row.get(f"'{name}"))
            assert text is not None
            assert (float(text) if text else None) == value
        for finding in report.findings:
            assert row[f"criterion_{finding.criterion}"] != ""
    assert found[0]["before_integrated_lufs"] == "-45.31"
    assert found[1]["before_integrated_lufs"] == ""
    assert (found[0]["file"], found[0]["take"]) == ("take.master.wav", "take.wav")
    assert (found[1]["file"], found[1]["take"]) == ("found.wav", "")
    assert found[0]["criterion_N1"] == "reported"
    assert found[2]["criterion_S1"] == "does not apply"
    assert found[0]["criterion_O1c"] == "not assessed"


def test_columns_are_in_the_order_of_the_registry() -> None:
    head = next(csv.reader(io.StringIO(csv_view.render(REPORTS))))
    known = [name for name in head if name in QUANTITIES]
    assert known == [name for name in QUANTITIES if name in known]
    assert len(head) == len(set(head))


def test_a_name_is_never_a_formula() -> None:
    for line in csv.reader(io.StringIO(csv_view.render(REPORTS))):
        for cell in line:
            number = cell.replace("-", "", 1).replace(".", "", 1).isdigit()
            assert number or not cell.startswith(("=", "+", "-", "@", "\t")), cell
    assert rows()[3]["file"].startswith("'=<script>")


def test_csv_is_deterministic_and_nothing_gives_a_head() -> None:
    assert csv_view.render(REPORTS) == csv_view.render(REPORTS)
    assert csv_view.render([]).split(",")[0] == "file"


# --- JUnit ----------------------------------------------------------------------------------------


def test_a_suite_per_file_and_a_case_per_criterion() -> None:
    root = ElementTree.fromstring(junit.render(REPORTS))
    suites = root.findall("testsuite")
    assert [len(s.findall("testcase")) for s in suites] == [len(r.findings) for r in REPORTS]
    for suite, report in zip(suites, REPORTS, strict=True):
        fails = [f for f in report.findings if f.state == "fail"]
        skips = [f for f in report.findings if f.state == "not assessed"]
        assert suite.get("tests") == str(len(report.findings))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("failures") == str(len(fails))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
        assert suite.get("skipped") == str(len(skips))
        properties = {p.get("name"): p.get("value") for p in suite.findall("properties/property")}
        assert properties["verdict"] == report.verdict
    totals = [sum(int(s.get(k, "")) for s in suites) for k in ("tests", "failures")]
    assert totals == [int(root.get(k, "")) for k in ("tests", "failures")]


_COUNTS = {"tests", "failures", "errors"}
JUNIT: dict[str, tuple[set[str], list[str]]] = {
    "testsuites": ({"name", *_COUNTS}, ["testsuite"]),
    "testsuite": ({"name", "time", "skipped", *_COUNTS}, ["properties", "testcase"]),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "testcase": ({"name", "classname", "time"}, ["skipped", "failure", "system-out"]),
    "failure": ({"message", "type"}, []),
    "skipped": ({"message"}, []),
    "system-out": (set(), []),
}
"""What junit-10.xsd of the Jenkins xUnit plugin allows of what is used here: the attributes of each
element, and its children in their order."""


def test_it_follows_the_schema() -> None:
    seen = set()
    for element in ElementTree.fromstring(junit.render(REPORTS)).iter():
        attributes, children = JUNIT[element.tag]
        seen.add(element.tag)
        assert set(element.keys()) == attributes
        order = [children.index(child.tag) for child in element]
        assert order == sorted(order)
    assert seen == set(JUNIT)


def test_a_failure_says_why_and_what_to_do() -> None:
    root = ElementTree.fromstring(junit.render([made_reports.checked()]))
    case = root.find("testsuite/testcase[@name='L4 Loudest moment above programme']")
    assert case is not None
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "27.2 LU"
    assert failure.text == "Lower it by 15.2 dB."


def test_an_advisory_passes_and_says_so() -> None:
    values = {**made_reports.AFTER_VALUES, "loudness_range_lu": 17.0}
    root = ElementTree.fromstring(junit.render([made_reports.checked("x.wav", values)]))
    case = root.find("testsuite/testcase[@name='L5 Loudness range']")
    assert case is not None
    assert case.find("failure") is None
    assert case.findtext("system-out") == "advisory: 17.0 LU. Lower it by 2.0 dB."


def test_a_hostile_name_is_text_in_valid_xml() -> None:
    text = junit.render(REPORTS)
    name = ElementTree.fromstring(text).findall("testsuite")[3].get("name", "")
    assert name.startswith("=<script>alert(1)<img src=x onerror=alert(2)>\"'&")
    assert "\x07" not in text
    assert junit.render(REPORTS) == text
