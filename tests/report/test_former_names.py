"""Reports of version 1 that name stages as they were called then."""

from __future__ import annotations

import json

import pytest

from asmrmaster.report import Report
from asmrmaster.stages import FORMER_NAMES
from asmrmaster.views import text
from tests.made_reports import mastered


def test_an_older_report_is_read_under_the_names_of_now() -> None:
    data = json.loads(mastered().to_json())
    data["chain"] = [{"stage": name, "parameters": {}} for name in FORMER_NAMES]
    data["edits"] = [
        {"id": f"{name}-0-0000480", "stage": name, "start_s": 1.0, "end_s": 1.1, "channel": 0,
         "amount_db": -3.0, "reason": "click"}
        for name in FORMER_NAMES
    ]  # fmt: skip
    data["change"] = data["change"] or None
    if data["change"]:
        data["change"]["stages_percent"] = {"debump": 0.5}
    with pytest.warns(FutureWarning, match="is called") as said:
        report = Report.from_dict(data)
    now = list(FORMER_NAMES.values())
    assert [stage.stage for stage in report.chain] == now
    assert [edit.stage for edit in report.edits] == now
    assert [edit.id.partition("-")[0] for edit in report.edits] == now
    assert {str(one.message) for one in said} == {
        f"{was} is called {is_now} now" for was, is_now in FORMER_NAMES.items()
    }
    shown = text.render(report, full=True)
    assert not [name for name in ("hush", "debump") if name in shown]
    assert Report.from_dict(report.to_dict()) == report, "it says the new names from now on"
