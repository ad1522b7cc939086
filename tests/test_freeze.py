"""A change to what a shipped document does to sound is seen, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from asmrmaster.presets import Document, EqCurve, Preset, load
from asmrmaster.presets.recipe import load_recipe
from tests import freeze, frozen_sounds
from tests.signals import noise

RATE_HZ = frozen_sounds.RATE_HZ


@pytest.mark.parametrize("document", freeze.documents(), ids=lambda one: f"{one.kind} {one.id}")
def test_a_document_does_what_it_did_when_it_was_frozen(document: Document) -> None:
    path = freeze.golden(document)
    assert path.exists(), f"{document.id} is not frozen. Run: python -m tests.freeze"
    frozen = json.loads(path.read_text())
    assert frozen["version"] == document.version, "a new version. Run: python -m tests.freeze"
    changes = freeze.changed(document, frozen)
    assert not changes, f"{document.id}: {'; '.join(changes)}. {freeze.cure(document)}"


@pytest.mark.parametrize("factor_db", [-60, -80, -100])
def test_the_level_of_a_difference_is_read_from_two_sketches(factor_db: float) -> None:
    sound = noise(-30, 2.0)
    other = sound + noise(-30 + factor_db, 2.0, seed=1)
    found = freeze.apart_db(freeze.sketch(sound, RATE_HZ), freeze.sketch(other, RATE_HZ))
    assert found == pytest.approx(factor_db, abs=2)


def test_a_change_of_a_moment_or_of_a_channel_is_seen() -> None:
    sound = noise(-30, 4.0)
    was = freeze.sketch(sound, RATE_HZ)
    moment = sound.copy()
    moment[2 * RATE_HZ :][:480] *= 1.05  # 10 ms by 0.4 dB
    assert freeze.apart_db(was, freeze.sketch(moment, RATE_HZ)) > freeze.SAME_DB + 10
    assert freeze.apart_db(was, freeze.sketch(sound[:, ::-1], RATE_HZ)) > -3
    assert freeze.apart_db(was, freeze.sketch(sound[:-RATE_HZ], RATE_HZ)) == 0.0


def test_what_is_kept_is_compared_as_what_was_made() -> None:
    """To the bit of a float, and unmoved by what rounding does."""
    sound = frozen_sounds.tapping(3.0)
    kept = freeze.Result({"a_db": -20.0}, {"b": "pass"}, freeze.sketch(sound, RATE_HZ)).data()
    kept = json.loads(json.dumps(kept))
    nearly = sound + freeze.ROUNDING * np.random.RandomState(5).standard_normal(sound.shape)
    same = freeze.Result({"a_db": -20.001, "new": 1}, {"b": "pass"}, freeze.sketch(nearly, RATE_HZ))
    assert same.against(kept) == []
    louder = freeze.sketch(1.002 * sound, RATE_HZ)
    *told, measured = freeze.Result({"a_db": -20.1}, {"b": "fail"}, louder).against(kept)
    assert told == ["a_db was -20.0, is -20.1", "b was pass, is fail"]
    assert (
        measured == "the sound differs by -49 dB"
    )  # -54 all in all; its loudest second is 5 louder


@pytest.fixture
def golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(freeze, "GOLDEN", tmp_path)
    return tmp_path


def test_a_change_needs_a_new_version(golden: Path) -> None:
    document = load(EqCurve, "warm")
    assert freeze.freeze(document, unreleased=False) == "EQ curve warm 1.0.0: frozen"
    assert freeze.freeze(document, unreleased=False).endswith("as it was")
    bands = load(EqCurve, "clear-whisper").equalize
    other = document.model_copy(update={"equalize": bands})
    with pytest.raises(
        ValueError, match=r"whispering: the sound differs by -\d+ dB.*raise the ver"
    ):
        freeze.freeze(other, unreleased=False)
    newer = other.model_copy(update={"version": "1.1.0"})
    assert freeze.freeze(newer, unreleased=False) == "EQ curve warm 1.1.0: frozen"


@pytest.mark.parametrize(
    ("key", "value"),
    [("limiter.release_db_per_s", 150.0), ("highpass.cutoff_hz", 60.0)],
)  # fmt: skip
def test_a_change_of_the_chain_is_heard(
    key: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the code behind it had changed: the data of the document say nothing of it."""
    document = load(Preset, "gentle")
    frozen = json.loads(freeze.golden(document).read_text())
    other = load_recipe("gentle", settings={key: value})
    monkeypatch.setattr(freeze, "load_recipe", lambda name: other)
    assert any("the sound differs" in one for one in freeze.changed(document, frozen))
