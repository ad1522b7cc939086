"""What was removed: exactly the difference repair made, as long as the take."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.audio import read
from asmrmaster.edits.corrections import Corrections
from asmrmaster.edits.delta import check_removed, removed
from asmrmaster.edits.label_files import read_labels
from asmrmaster.errors import OutputError
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.report import Report
from asmrmaster.stages.declick import Declick
from asmrmaster.stages.highpass import HighPass
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.difference import difference
from tests.signals import Array, noise, pink, sine

RATE = 24_000
CLICKS = (48_000, 120_000, 200_000)


def clicked() -> Array:
    samples = pink(-44, 15, RATE) + sine(180, -40, 15, RATE)
    for number, frame in enumerate(CLICKS):
        samples[frame, number % 2] += 0.3
    fade = np.minimum(1, np.arange(len(samples)) / 40_000)
    result: Array = samples * (fade * fade[::-1])[:, None]
    return result


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("take") / "take.wav"
    soundfile.write(path, clicked(), RATE, "PCM_24")
    return path


def rendered(take: Path, folder: Path, marks: Corrections, *, force: bool = False) -> Report:
    recipe = load_recipe("gentle", settings={"declick": {}})
    return engine.master(
        take,
        folder / "m.wav",
        recipe=recipe,
        corrections=marks,
        removed=folder / "r.wav",
        force=force,
    )


def test_a_difference_takes_any_blocks() -> None:
    x, y = noise(-20, 0.5, seed=1), noise(-20, 0.5, seed=2)

    def cut(samples: Array, size: int) -> Audio:
        def blocks() -> Iterator[Block]:
            yield samples[:0]
            for start in range(0, len(samples), size):
                yield samples[start : start + size]

        return Audio(RATE, 2, len(samples), blocks)

    for sizes in ((4096, 4096), (1000, 7777), (7777, 1000), (30_000, 1)):
        found = difference(cut(x, sizes[0]), cut(y, sizes[1])).to_array()
        assert np.array_equal(found, x - y)
    with pytest.raises(ValueError, match="cannot be compared"):
        difference(cut(x, 100), cut(x[1:], 100))


def test_only_the_clicks_are_in_it() -> None:
    audio = Audio.from_array(clicked(), RATE)
    found = removed(audio, (Declick(), HighPass(cutoff_hz=20))).to_array()
    assert found.shape == (audio.frames, 2)
    for number, frame in enumerate(CLICKS):
        assert np.abs(found[frame : frame + 3, number % 2]).max() == pytest.approx(0.3, abs=0.03)
    for frame in CLICKS:
        found[frame - 20 : frame + 40_000] = 0  # the high-pass rings on, ever more quietly
    assert not found[: CLICKS[0] - 20].any()
    assert np.abs(found).max() < 1e-6


def test_edits_have_names_and_can_be_protected_taken_back_and_asked_for(
    take: Path, tmp_path: Path
) -> None:
    report = rendered(take, tmp_path, Corrections())
    names = [edit.id for edit in report.edits if edit.stage == "declick"]
    assert len(names) == len(CLICKS)
    assert all(edit.id for edit in report.edits)
    assert len({edit.id for edit in report.edits}) == len(report.edits)
    first = soundfile.read(tmp_path / "r.wav", always_2d=True)[0]
    assert len(first) == read(take).audio.frames
    assert np.abs(first[CLICKS[1]]).max() > 0.2
    marked = read_labels(tmp_path / "r.wav")
    assert [label.text.split()[-1] for label in marked] == names, "a marker at each edit"

    marks = Corrections(protect=((1.9, 2.1),), mend=((12.0, 12.002),), undo=frozenset(names[1:2]))
    again = rendered(take, tmp_path, marks, force=True)
    assert [edit.id for edit in again.edits if edit.stage == "declick"] == names[2:]
    mended = [edit for edit in again.edits if edit.stage == "mouth_declick"]
    assert len(mended) == 2, "in both channels"
    assert abs(mended[0].start_s - 12) < 0.001
    second = soundfile.read(tmp_path / "r.wav", always_2d=True)[0]
    for frame in CLICKS[:2]:
        assert np.abs(second[frame - 20 : frame + 20]).max() < 1e-3
    assert np.abs(second[CLICKS[2]]).max() > 0.2
    chain = {stage.stage: stage.parameters for stage in again.chain}
    assert chain["declick"]["protect"] == [[1.9, 2.1]]
    assert chain["declick"]["skip_edits"] == names[1:2]


def test_it_goes_under_no_name_that_is_taken(take: Path, tmp_path: Path) -> None:
    source = read(take)
    (tmp_path / "mine.wav").write_bytes(b"mine")
    for path, said in (
        (take, "never written over"),
        (tmp_path / "m.wav", "where the master goes"),
        (tmp_path / "mine.wav", "exists already"),
        (tmp_path / "gone" / "r.wav", "gone"),
        (tmp_path / "r.xyz", "xyz"),
    ):
        with pytest.raises(OutputError, match=said):
            check_removed(path, source, tmp_path / "m.wav", False)
