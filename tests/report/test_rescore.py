"""A saved report of real sound, judged again, says what a fresh check of the sound says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asmrmaster import engine
from asmrmaster.presets import Profile, load, shipped
from asmrmaster.report import Report, rescore
from asmrmaster.views import text
from tests.signals import recording

DECLARED = """
tags = ["brushing", "mouth"]
forewarning = "written"
title = "Purring"
description = "Clinically proven to heal anxiety."
"""


@pytest.fixture(scope="module")
def take() -> Path:
    return recording("gentle/ambienzzz_purring.mp3")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("declared") / "take.content.toml"
    path.write_text(DECLARED)
    return path


@pytest.fixture(scope="module")
def saved(take: Path, content: Path) -> str:
    """A report by one profile, as it lies on disk."""
    general = load(Profile, "general")
    return engine.check(take, general, content=content, reviewed_by="A. Listener").to_json()


@pytest.mark.parametrize("name", sorted(shipped(Profile)))
def test_findings_are_the_same_to_the_byte(
    name: str, take: Path, content: Path, saved: str
) -> None:
    profile = load(Profile, name)
    fresh = engine.check(take, profile, content=content, reviewed_by="A. Listener")
    again = rescore(Report.from_json(saved), profile)
    assert json.dumps(again.to_dict()["findings"]) == json.dumps(fresh.to_dict()["findings"])
    assert again.to_json() == fresh.to_json()
    assert {f.state for f in fresh.findings} >= {"pass", "fail"}


def test_what_was_declared_is_told_with_the_claims_it_makes(saved: str) -> None:
    report = Report.from_json(saved)
    assert report.declared is not None
    assert report.declared.claims == ("heal", "Clinically proven")
    told = text.render(report, full=True)
    assert "Health claims in title and description: “heal”, “Clinically proven”" in told
    assert "What is heard: brushing, mouth sounds" in told
    assert "Listened to by A. Listener" in told
