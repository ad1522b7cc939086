"""Who stands behind a report, in sentences; printed wherever the report is."""

from __future__ import annotations

from asmrmaster.report import Report
from asmrmaster.views.phrases import sentence


def signed(report: Report) -> list[str]:
    """A sentence for each signature inside; whose key it is, only `verify --trust` tells."""
    if not report.signatures:
        return []  # what checks them takes time to load
    from asmrmaster.signatures import check_signatures

    return [sentence(one.words) for one in check_signatures(report, report.signatures)]
