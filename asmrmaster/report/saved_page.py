"""A report inside a saved page, with the judgements that were added in the page itself."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import ValidationError

from asmrmaster.errors import ReportError
from asmrmaster.report.answered import Judgement

REPORT_ID, ADDED_ID, SOUND_ID = "asmrmaster-report", "asmrmaster-added", "asmrmaster-sound"
"""Elements that hold the report, judgements added in the file itself, and its sound."""
MOST_ADDED = 1000


def is_page(text: bytes) -> bool:
    """Whether this begins as a page does and not as JSON."""
    return text.lstrip()[:1] == b"<"


def element(text: str, name: str) -> str:
    """What stands in the data element of this id; empty where there is none."""
    found = _element(text, name)
    return found.group(1) if found else ""


def _element(text: str, name: str) -> re.Match[str] | None:
    return re.search(
        rf'<script\b[^>]*\bid="{name}"[^>]*>(.*?)</script>', text, re.DOTALL | re.IGNORECASE
    )


def report_json(text: bytes, subject: object = "") -> str:
    """The report's JSON in a saved page. Raises ReportError where it holds none."""
    found = element(text.decode("utf-8", "replace"), REPORT_ID)
    if not found:
        raise ReportError("is a page without an asmrmaster report inside", subject=subject)
    return found


def added(text: bytes, subject: object = "") -> tuple[Judgement, ...]:
    """Judgements added in a saved page. Raises ReportError where they are none."""
    found = element(text.decode("utf-8", "replace"), ADDED_ID)
    try:
        data: Any = json.loads(found or "[]")
        if not isinstance(data, list) or len(data) > MOST_ADDED:
            raise ValueError("no list of judgements")
        return tuple(Judgement.model_validate(one) for one in data)
    except (ValueError, RecursionError, ValidationError):
        raise ReportError("holds judgements that cannot be read", subject=subject) from None


def with_report(text: str, report: str) -> str:
    """A saved page with this report, JSON in one line, in place of its own and what was added."""
    return _with_element(_with_element(text, REPORT_ID, report), ADDED_ID, "[]")


def _with_element(text: str, name: str, inside: str) -> str:
    found = _element(text, name)
    if found is None:
        return text
    return text[: found.start(1)] + in_element(inside) + text[found.end(1) :]


def in_element(text: str) -> str:
    """JSON that cannot end the element it stands in (HTML, 13.2.5.2, script data)."""
    return text.replace("<", "\\u003c")
