"""Marks: the protected stays, the marked is mended, what is taken back is not done again."""

from __future__ import annotations

import pytest

from asmrmaster.edits.corrections import Corrections
from asmrmaster.errors import ParameterError
from asmrmaster.presets import Preset, load
from asmrmaster.stages.declick import Declick
from asmrmaster.stages.mouth_declick import WIDEST_S, MouthDeclick

SPANS = ((1.0, 2.0), (5.0, 5.5))
PRESET = load(Preset, "gentle", {"declick.sensitivity": 1.5, "declick.protect": [[8.0, 9.0]]})


def test_every_repair_is_told_what_to_leave_alone() -> None:
    marked = Corrections(protect=SPANS, mend=((3.0, 3.01),)).on(PRESET)
    declick, mouth = marked.stages["declick"], marked.stages["mouth_declick"]
    assert declick == Declick(sensitivity=1.5, protect=((8.0, 9.0), *SPANS))
    assert mouth == MouthDeclick(protect=SPANS, spans=((3.0, 3.01),))
    assert list(marked.stages) == ["declick", "mouth_declick", "highpass", "lift"], (
        "in the order they run"
    )
    assert marked.stages["highpass"] == PRESET.stages["highpass"]
    assert marked.sha256 == PRESET.sha256, "it is still that preset"


def test_no_marks_change_nothing() -> None:
    assert Corrections().on(PRESET) == PRESET
    assert not Corrections()
    assert Corrections(undo=frozenset({"declick-1-0000001"}))


def test_what_the_stages_are_told_can_be_replayed() -> None:
    marked = Corrections(mend=((3.0, 3.0 + WIDEST_S), (0.1, 0.1 + WIDEST_S + 5e-7))).on(PRESET)
    mouth = marked.stages["mouth_declick"]
    assert MouthDeclick.model_validate(mouth.model_dump(mode="json")) == mouth


def test_edits_are_taken_back_by_their_names() -> None:
    ids = frozenset({"declick-1-0483021", "declick-2-0000007"})
    declick = Corrections(undo=ids).on(PRESET).stages["declick"]
    assert isinstance(declick, Declick)
    assert declick.skip_edits == ids


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        (Corrections(mend=((3.0, 3.2),)), "200 ms long, and 50 ms is the most"),
        (Corrections(undo=frozenset({"first"})), "no name of an edit"),
        (Corrections(undo=frozenset({"limiter-0-0000001"})), "no repair 'limiter' is on"),
        (Corrections(undo=frozenset({"mouth_declick-1-0000001"})), "On are: declick"),
    ],
)
def test_wrong_marks_are_told(marks: Corrections, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        marks.on(PRESET)


def test_labels_of_another_file_are_told() -> None:
    marks = Corrections(protect=((10.0, 11.0),))
    marks.check(10.5, "take.wav")
    with pytest.raises(ParameterError, match=r"take\.wav: the span 10-11 s lies beyond its end"):
        marks.check(10.0, "take.wav")
