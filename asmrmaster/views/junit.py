"""Reports as JUnit XML, for systems that show test results: a suite per file, a case per criterion.

A failed criterion is a failure; one that was not assessed or does not apply is skipped; an advisory
passes and says in its output what it is, because JUnit knows no warning.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from asmrmaster.report import Finding, Report
from asmrmaster.report.changed_limits import changed_in_words
from asmrmaster.views import phrases
from asmrmaster.views.text import shipped_sentence


def render(reports: Iterable[Report]) -> str:
    """The document as text."""
    root = ElementTree.Element("testsuites", name="asmrmaster")
    for report in reports:
        root.append(_suite(report))
    for count in ("tests", "failures"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("errors", "0")
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _suite(report: Report) -> ElementTree.Element:
    path = phrases.visible(phrases.subject(report).path)
    suite = ElementTree.Element("testsuite", name=path)
    found = report.answered
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (
        ("verdict", report.verdict),
        ("state", found.state),
        ("headline", found.headline),
        ("second_line", found.second_line),
        ("limits", report.profile.standing),
        *(("changed_limit", changed_in_words(one)) for one in report.profile.changes),
        *((("by_shipped_limits", said),) if (said := shipped_sentence(report)) else ()),
        *((f"answer_{one.question}", f"{one.state}: {one.sentence}") for one in found.answers),
        ("profile", f"{report.profile.id} {report.profile.version}"),
        ("profile_sha256", report.profile.sha256),
        ("sha256", phrases.subject(report).sha256),
    ):
        ElementTree.SubElement(properties, "property", name=name, value=phrases.visible(value))
    states = []
    for finding in report.findings:
        state = phrases.result(finding)[0]
        suite.append(_case(finding, state, path))
        states.append(state)
    skipped = states.count("not assessed") + states.count("does not apply")
    suite.set("tests", str(len(states)))
    suite.set("failures", str(states.count("fail")))
    suite.set("errors", "0")
    suite.set("skipped", str(skipped))
    suite.set("time", "0")
    return suite


def _case(finding: Finding, state: str, path: str) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=path,
        name=phrases.visible(f"{finding.criterion} {finding.title}"),
        time="0",
    )
    why = phrases.visible(finding.why)
    if state == "fail":
        failure = ElementTree.SubElement(case, "failure", message=why, type=finding.criterion)
        failure.text = phrases.visible(finding.advice)
    elif state in ("not assessed", "does not apply"):
        ElementTree.SubElement(case, "skipped", message=why)
    else:
        said = f"{state}: {why}. {finding.advice}" if state == "advisory" else f"{state}: {why}"
        ElementTree.SubElement(case, "system-out").text = phrases.visible(said).rstrip()
    return case
