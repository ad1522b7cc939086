"""A series: one loudness or one gain for all, kept for later takes, and what stands out named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from asmrmaster.library.album import (
    GIVES_WAY_LU,
    Album,
    Survey,
    Way,
    _programme_lufs,
    outliers,
    series,
)
from asmrmaster.presets.recipe import Recipe, load_recipe
from tests.library_material import Inline, take
from tests.oracles import pyloudnorm_lufs
from tests.signals import pink

WANTED_LUFS = -24.0


def integrated(path: Path) -> float:
    return pyloudnorm_lufs(*soundfile.read(path, always_2d=True))


def make(target_lufs: float) -> Recipe:
    return load_recipe(settings={"target.integrated_lufs": target_lufs})


class Sessions:
    def __init__(self, folder: Path) -> None:
        self.takes, self.out = folder / "in", folder / "out"
        self.workers = Inline()

    def run(self, way: Way, **options: Any) -> Album:
        self.workers = Inline()
        return series([str(self.takes)], str(self.out), way, make, WANTED_LUFS,
                      workers=self.workers, **options)  # fmt: skip

    def loudness(self) -> dict[str, float]:
        """Integrated loudness of each master, by another meter."""
        found = sorted(p for p in self.out.rglob("*.wav") if ".asmrmaster" not in p.parts)
        return {path.name.split(".")[0]: integrated(path) for path in found}


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    made = Sessions(tmp_path)
    for number, level_dbfs in enumerate((-34, -38, -42), 1):
        take(made.takes / f"{number}.wav", seconds=2, seed=number, level_dbfs=level_dbfs)
    return made


def peaky(path: Path) -> None:
    """A take so quiet under its peaks that it cannot be raised far."""
    x = pink(-55, 2, seed=9)
    x[::4800] = 0.5
    soundfile.write(path, x, 48_000, "PCM_24")


def test_all_are_as_loud_as_each_other(sessions: Sessions) -> None:
    found = sessions.run("same-loudness")
    assert found.aim == {"target_lufs": WANTED_LUFS}
    assert sessions.loudness() == pytest.approx(dict.fromkeys("123", WANTED_LUFS), abs=0.15)
    assert found.outliers == ()


def test_one_gain_keeps_the_differences(sessions: Sessions) -> None:
    before = {path.stem: integrated(path) for path in sorted(sessions.takes.iterdir())}
    found = sessions.run("common-gain")
    after = sessions.loudness()
    assert set(found.aim) == {"gain_db"}
    for name in "23":
        kept = after["1"] - after[name]
        # Fades, which short takes get, take something off each master.
        assert kept == pytest.approx(before["1"] - before[name], abs=0.3)
    whole = 10 * np.log10(np.mean([10 ** (value / 10) for value in after.values()]))
    assert whole == pytest.approx(WANTED_LUFS, abs=0.5)


def test_one_that_cannot_follow_makes_the_others_give_way_but_not_far(sessions: Sessions) -> None:
    peaky(sessions.takes / "4.wav")
    found = sessions.run("same-loudness")
    assert found.aim == {"target_lufs": WANTED_LUFS - GIVES_WAY_LU}
    loudness = sessions.loudness()
    assert loudness.pop("4") < WANTED_LUFS - GIVES_WAY_LU - 1
    assert list(loudness.values()) == pytest.approx([WANTED_LUFS - GIVES_WAY_LU] * 3, abs=0.15)
    assert ("4.wav", "integrated_lufs") in [(o.name, o.quantity) for o in found.outliers]


def test_what_was_aimed_at_stays_for_later_takes(sessions: Sessions) -> None:
    sessions.run("same-loudness")
    peaky(sessions.takes / "4.wav")
    found = sessions.run("same-loudness")
    assert found.aim == {"target_lufs": WANTED_LUFS}
    assert [task.kind for task in sessions.workers.jobs] == ["survey", "make"]
    sessions.run("same-loudness")
    assert sessions.workers.jobs == []
    again = sessions.run("same-loudness", force=True)
    assert again.aim == {"target_lufs": WANTED_LUFS - GIVES_WAY_LU}


def test_a_broken_take_is_named_and_the_others_are_a_series(sessions: Sessions) -> None:
    (sessions.takes / "5.wav").write_bytes(b"RIFF nonsense")
    found = sessions.run("same-loudness")
    assert [problem.name for problem in found.summary.without] == ["5.wav"]
    assert found.summary.made == 3


def test_the_programme_is_weighted_by_length_and_gated() -> None:
    even = [Survey(-30, -24, 60), Survey(-30, -24, 600)]
    assert _programme_lufs(even) == pytest.approx(-30)
    long_and_quiet = [Survey(-20, -24, 60), Survey(-26, -24, 180)]
    by_hand = 10 * np.log10((10**-2 + 3 * 10**-2.6) / 4)
    assert _programme_lufs(long_and_quiet) == pytest.approx(by_hand)
    assert _programme_lufs([*long_and_quiet, Survey(-60, -24, 600)]) == pytest.approx(by_hand)


def test_what_stands_out_is_named_and_what_varies_alike_is_not() -> None:
    figures = {
        f"{n}.wav": {"integrated_lufs": -24 + 0.2 * (n % 3), "noise_floor_lufs": -60.0 + n % 4}
        for n in range(10)
    }
    assert outliers(figures) == ()
    figures["4.wav"] = {"integrated_lufs": -27.0, "noise_floor_lufs": None}  # type: ignore[dict-item]
    figures["6.wav"]["noise_floor_lufs"] = -45.0
    found = [(one.name, one.quantity, one.value) for one in outliers(figures)]
    assert found == [
        ("4.wav", "integrated_lufs", -27.0),
        ("6.wav", "noise_floor_lufs", -45.0),
    ]
    assert outliers(dict(list(figures.items())[:2])) == ()


def test_each_folder_can_be_a_series_of_its_own(tmp_path: Path) -> None:
    made = Sessions(tmp_path)
    for folder, level_dbfs in (("one", -34), ("two", -44)):
        for number in (1, 2):
            path = made.takes / folder / f"{folder}{number}.wav"
            take(path, seed=number, level_dbfs=level_dbfs - number)
    found = made.run("common-gain", per_folder=True)
    gains = {Path(folder).name: aim["gain_db"] for folder, aim in found.aims.items()}
    assert gains["two"] - gains["one"] == pytest.approx(10, abs=0.2)
    loud = made.loudness()
    for folder in ("one", "two"):
        assert loud[f"{folder}1"] - loud[f"{folder}2"] == pytest.approx(1, abs=0.3)
    again = made.run("common-gain", per_folder=True)
    assert (again.aims, made.workers.jobs) == (found.aims, [])


def test_an_aim_is_kept_however_its_folder_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Sessions(tmp_path)
    take(made.takes / "1.wav", level_dbfs=-30)
    first = made.run("common-gain")
    take(made.takes / "2.wav", level_dbfs=-40)
    monkeypatch.chdir(made.takes.parent)
    for typed in ("in", "./in/", str(made.takes / ".." / "in")):
        later = series([typed], str(made.out), "common-gain", make, WANTED_LUFS, workers=Inline())
        assert later.aim == first.aim
