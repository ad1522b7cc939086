"""A whole library at once: nothing done twice, nothing lost, nothing overwritten unasked."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from asmrmaster import engine
from asmrmaster.declarations.content import content_path, write_template
from asmrmaster.errors import InputError, OutputError
from asmrmaster.library import publishing
from asmrmaster.library.batch import batch, preview
from asmrmaster.library.discovery import Problem
from asmrmaster.library.ledger import Ledger, default_ledger
from asmrmaster.library.maintenance import orphans
from asmrmaster.library.opening import backup_of
from asmrmaster.library.paths import DECLARED
from asmrmaster.library.schema import Entry
from asmrmaster.library.storage import digest
from asmrmaster.library.stores import storage
from asmrmaster.library.summary import Summary
from asmrmaster.library.task import Outcome, Task, work
from asmrmaster.presets.recipe import Recipe, load_recipe
from asmrmaster.report import Report
from tests.library_material import Inline, take

GENTLE = load_recipe()
FAILS = ".does-not-meet"
"""Takes of a second have no ending, so their masters do not meet."""


class Library:
    """A folder of takes, a folder of masters, and a run from one to the other."""

    def __init__(self, folder: Path) -> None:
        self.takes, self.out = folder / "takes", folder / "masters"
        self.takes.mkdir()
        self.workers = Inline()

    def run(
        self, recipe: Recipe = GENTLE, *, workers: Inline | None = None, **more: Any
    ) -> Summary:
        self.workers = workers or Inline()
        return batch([str(self.takes)], str(self.out), recipe, workers=self.workers, **more)

    def take(self, name: str, **sound: Any) -> Path:
        return take(self.takes / name, **sound)

    @property
    def masters(self) -> dict[str, str]:
        """Hash of every master by its name; nothing unfinished may lie about."""
        left = [p for p in self.out.rglob("*") if ".part" in p.name or "staging" in p.parts]
        assert not [path for path in left if path.is_file()]
        found = [p for p in self.out.rglob("*") if p.is_file() and ".asmrmaster" not in p.parts]
        return {str(path.relative_to(self.out)): digest(path) for path in sorted(found)}

    def entry(self, name: str) -> Entry:
        with Ledger(default_ledger(str(self.out))) as ledger:
            (entry,) = ledger.select("name = ?", name)
            return entry


@pytest.fixture
def lib(tmp_path: Path) -> Library:
    return Library(tmp_path)


def names(problems: list[Problem]) -> list[str]:
    return [problem.name for problem in problems]


def test_the_tree_is_mirrored_and_masters_are_those_of_master(lib: Library, tmp_path: Path) -> None:
    one, two = lib.take("a.wav"), lib.take("deep/er/b.wav", seed=1)
    summary = lib.run()
    assert summary.made == summary.takes == 2
    assert list(lib.masters) == [f"a{FAILS}.wav", f"deep/er/b{FAILS}.wav"]
    for take_, name in ((one, f"a{FAILS}.wav"), (two, f"deep/er/b{FAILS}.wav")):
        alone = engine.master(take_, tmp_path / take_.name, recipe=GENTLE)
        assert alone.output is not None
        assert lib.masters[name] == alone.output.sha256
        with Ledger(default_ledger(str(lib.out))) as ledger:
            kept = ledger.report(lib.entry(take_.relative_to(lib.takes).as_posix()))
        ours = alone.to_json().replace(alone.output.path, str(lib.out / name))
        assert Report.from_json(kept or "") == Report.from_json(ours)


def test_a_second_run_does_nothing(lib: Library) -> None:
    lib.take("a.wav")
    (lib.takes / "bad.wav").write_bytes(b"RIFF nonsense")
    first = lib.run()
    before = lib.masters
    second = lib.run()
    assert lib.workers.jobs == []
    assert lib.masters == before
    assert (second.made, second.unchanged) == (0, 2)
    assert second.verdicts == first.verdicts
    assert names(second.without) == names(first.without) == ["bad.wav"]
    assert second.exit_code == first.exit_code == 3


def test_only_what_changed_is_made_again_in_its_place(lib: Library) -> None:
    lib.take("a.wav")
    lib.take("b.wav", seed=1)
    lib.run()
    before = lib.masters
    lib.take("a.wav", seed=2)
    summary = lib.run()
    assert lib.workers.worked_on == ["a.wav"]
    assert summary.made == 1
    after = lib.masters
    assert list(after) == list(before)
    assert after[f"a{FAILS}.wav"] != before[f"a{FAILS}.wav"]
    assert after[f"b{FAILS}.wav"] == before[f"b{FAILS}.wav"]


def test_a_take_with_a_new_time_but_the_same_bytes_is_only_looked_at(lib: Library) -> None:
    path = lib.take("a.wav")
    lib.run()
    os.utime(path, (1, 1))
    assert lib.run().unchanged == 1
    assert [task.kind for task in lib.workers.jobs] == ["hash"]
    lib.run()
    assert lib.workers.jobs == []


def test_a_renamed_take_is_recognised_and_its_master_renamed(lib: Library) -> None:
    path = lib.take("a.wav")
    lib.run()
    before = lib.masters
    (lib.takes / "sub").mkdir()
    path.rename(lib.takes / "sub" / "z.wav")
    summary = lib.run()
    assert lib.workers.worked_on == []
    assert summary.unchanged == 1
    assert lib.masters == {f"sub/z{FAILS}.wav": before[f"a{FAILS}.wav"]}
    with Ledger(default_ledger(str(lib.out))) as ledger:
        report = Report.from_json(ledger.report(lib.entry("sub/z.wav")) or "")
    assert report.input.path.endswith("z.wav")
    assert report.output is not None
    assert report.output.path == str(lib.out / "sub" / f"z{FAILS}.wav")
    lib.run()
    assert lib.workers.jobs == []


def test_a_copy_is_no_renamed_take(lib: Library) -> None:
    path = lib.take("a.wav")
    lib.run()
    shutil.copy(path, lib.takes / "copy.wav")
    lib.run()
    assert lib.workers.worked_on == ["copy.wav"]
    assert len(set(lib.masters.values())) == 1
    assert len(lib.masters) == 2


def test_another_preset_goes_to_a_name_that_tells(lib: Library) -> None:
    lib.take("a.wav")
    lib.run()
    first = lib.masters
    lib.run(load_recipe("whisper", profile="sleep"))
    second = lib.masters
    assert second[f"a{FAILS}.wav"] == first[f"a{FAILS}.wav"]
    (new,) = set(second) - set(first)
    assert new.startswith("a.whisper-sleep-")
    lib.run(load_recipe("whisper", profile="sleep"))
    assert lib.workers.jobs == []
    lib.run()
    assert lib.workers.jobs == []


def test_force_lets_another_preset_take_the_place(lib: Library) -> None:
    lib.take("a.wav")
    lib.run()
    before = lib.masters
    lib.run(load_recipe("whisper"), force=True)
    assert list(lib.masters) == list(before)
    assert lib.masters != before
    with Ledger(default_ledger(str(lib.out))) as ledger:
        assert sorted(entry.state for entry in ledger.select()) == ["done", "replaced"]
    lib.run()  # what was replaced is not taken for done
    assert lib.workers.worked_on == ["a.wav"]


@pytest.mark.parametrize("force", [False, True])
def test_a_file_of_someone_else_is_left_alone_unless_forced(lib: Library, force: bool) -> None:
    lib.take("a.wav")
    lib.out.mkdir()
    foreign = lib.out / f"a{FAILS}.wav"
    foreign.write_bytes(b"mine")
    summary = lib.run(force=force)
    assert (foreign.read_bytes() == b"mine") is not force
    assert (summary.made, len(summary.without)) == ((1, 0) if force else (0, 1))
    if not force:
        assert "exists already" in summary.without[0].cause
        assert lib.masters == {f"a{FAILS}.wav": digest(foreign)}
        foreign.unlink()
        assert lib.run().made == 1


def test_a_master_someone_changed_is_left_alone_and_named(lib: Library) -> None:
    lib.take("a.wav")
    lib.run()
    master = lib.out / f"a{FAILS}.wav"
    master.write_bytes(b"edited")
    for _ in range(2):
        summary = lib.run()
        assert lib.workers.jobs == []
        assert "was changed since" in summary.without[0].cause
        assert summary.exit_code == 3
    lib.take("a.wav", seed=3)
    assert "was changed since" in lib.run().without[0].cause
    assert master.read_bytes() == b"edited"
    assert lib.run(force=True).made == 1
    assert digest(master) == lib.entry("a.wav").output_sha256


def test_a_master_that_is_gone_is_made_again(lib: Library) -> None:
    lib.take("a.wav")
    lib.run()
    before = lib.masters
    (lib.out / f"a{FAILS}.wav").unlink()
    assert lib.run().made == 1
    assert lib.masters == before


def test_masters_whose_ledger_is_lost_are_recognised(lib: Library) -> None:
    lib.take("a.wav")
    lib.run()
    before = lib.masters
    shutil.rmtree(lib.out / ".asmrmaster")
    assert lib.run().made == 1
    assert lib.masters == before


def test_a_new_verdict_leaves_no_old_master_behind(lib: Library) -> None:
    lib.take("a.wav", seconds=1)
    lib.run()
    lib.take("a.wav", seconds=1, seed=4)

    def renamed(task: Task) -> Outcome:
        """As if the new master had met its profile."""
        outcome = work(task)
        if outcome.state == "hashed":
            return outcome
        staged = Path(outcome.staged)
        met = staged.rename(staged.with_name("a.wav"))
        return Outcome(**{**vars(outcome), "staged": str(met), "name": "a.wav"})

    assert lib.run(workers=Inline(renamed)).made == 1
    assert list(lib.masters) == ["a.wav"]


def test_takes_that_differ_in_their_ending_get_masters_of_their_own(lib: Library) -> None:
    for name in ("a.wav", "a.mp3", "a.flac", "a.ogg"):
        lib.take(name)
    assert lib.run().made == 4
    assert list(lib.masters) == [
        f"a{FAILS}.flac", f"a{FAILS}.wav", f"a.mp3{FAILS}.wav", f"a.ogg{FAILS}.wav",
    ]  # fmt: skip


def test_broken_files_are_named_with_their_cause_and_stop_nothing(lib: Library) -> None:
    lib.take("good.wav")
    (lib.takes / "empty.wav").touch()
    (lib.takes / "noise.flac").write_bytes(os.urandom(5000))
    cut = lib.take("cut.wav", seed=1)
    cut.write_bytes(cut.read_bytes()[:30_000])
    take(lib.takes / "short.wav", 0.2)
    take(lib.takes / "silent.wav", level_dbfs=-300)
    (lib.takes / "words.wav").write_text("no sound at all")
    summary = lib.run()
    assert summary.made == 1
    causes = {problem.name: problem.cause for problem in summary.without}
    assert set(causes) == {
        "empty.wav", "noise.flac", "cut.wav", "short.wav", "silent.wav", "words.wav",
    }  # fmt: skip
    assert "0 bytes" in causes["empty.wav"]
    assert "cut off" in causes["cut.wav"]
    assert "too short" in causes["short.wav"]
    assert "silent" in causes["silent.wav"]
    assert list(lib.masters) == [f"good{FAILS}.wav"]
    lib.run(retry=True)
    assert len(lib.workers.worked_on) == 6
    lib.take("empty.wav")
    lib.run()
    assert lib.workers.worked_on == ["empty.wav"]


def test_a_take_that_changes_while_it_is_read_is_not_published(lib: Library) -> None:
    path = lib.take("a.wav")

    def meanwhile(task: Task) -> Outcome:
        original, read = engine.master, path.read_bytes()

        def slow(*args: object, **named: object) -> object:
            report = original(*args, **named)  # type: ignore[arg-type]
            path.write_bytes(read[:-1] + b"\x07")
            return report

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "master", slow)
            return work(task)

    summary = lib.run(workers=Inline(meanwhile))
    assert [problem.cause for problem in summary.without] == ["it changed while it was read"]
    assert lib.masters == {}
    assert lib.run().made == 1
    assert lib.entry("a.wav").take_sha256 == digest(path)


def test_a_take_that_vanishes_is_named_and_taken_up_when_it_is_back(lib: Library) -> None:
    path = lib.take("a.wav")
    sound = path.read_bytes()

    def too_late(task: Task) -> Outcome:
        path.unlink()
        return work(task)

    summary = lib.run(workers=Inline(too_late))
    assert "there is no such file" in summary.without[0].cause
    path.write_bytes(sound)
    assert lib.run().made == 1


def test_a_run_killed_before_publishing_is_finished_by_the_next(
    lib: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib.take("a.wav")
    lib.take("b.wav", seed=1)

    def killed(*args: object) -> Entry:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            lib.run()
    assert [p.name for p in lib.out.iterdir()] == [".asmrmaster"]
    staged = [p for p in lib.out.rglob("*.wav") if p.is_file()]
    with Ledger(default_ledger(str(lib.out))) as ledger:
        entered = [entry.name for entry in ledger.select("staged != ''")]
    assert entered == ["a.wav"]  # and waiting for its name; b was made, and is not known of
    (staged[0].parent.parent / "dead").mkdir()
    (staged[0].parent.parent / "dead" / ".asmrmaster-0123.part.wav").write_bytes(b"half")
    lib.run()
    assert lib.workers.worked_on == ["b.wav"]
    assert list(lib.masters) == [f"a{FAILS}.wav", f"b{FAILS}.wav"]


def test_files_of_others_that_look_like_ours_are_not_swept_away(lib: Library) -> None:
    lib.take("a.wav")
    lib.out.mkdir()
    other = lib.out / ".asmrmaster-0123456789ab.part.wav"  # of a single master being made
    other.write_bytes(b"half")
    lib.run()
    assert other.exists()


def test_a_share_that_has_gone_ends_the_run_and_loses_nothing(lib: Library) -> None:
    for number in range(25):
        lib.take(f"{number:02d}.wav", seed=number)
    done = 0

    def gone(task: Task) -> Outcome:
        nonlocal done
        done += 1
        if done == 3:
            shutil.rmtree(task.staging)  # with the second master, which has no name yet
        return work(task)

    summary = lib.run(workers=Inline(gone))
    assert "20 takes in a row failed" in summary.stopped
    # One more was under way when the twentieth came back.
    assert (summary.made, len(summary.without), summary.not_tried) == (1, 21, 3)
    assert summary.exit_code == 6
    assert lib.run().made == 24


def test_folders_may_lie_in_each_other_but_not_be_the_same(lib: Library) -> None:
    lib.take("a.wav")
    out = lib.takes / "masters"
    for _ in range(2):
        summary = batch([str(lib.takes)], str(out), GENTLE, workers=Inline())
        assert summary.takes == 1
    with pytest.raises(InputError, match="same folder"):
        batch([str(lib.takes)], f"{lib.takes}/x/..", GENTLE)


def test_object_storage_needs_a_ledger_of_its_own() -> None:
    with pytest.raises(OutputError, match="--ledger"):
        default_ledger("s3://bucket/masters")


def test_looking_changes_nothing(lib: Library) -> None:
    lib.take("a.wav")
    seen = preview([str(lib.takes)], str(lib.out), GENTLE)
    assert [item.take.name for item in seen.plan.items] == ["a.wav"]
    assert (seen.problems, seen.seconds) == ([], None)
    assert not lib.out.exists()
    lib.run()
    lib.take("b.wav", seed=1)
    before = lib.masters
    seen = preview([str(lib.takes)], str(lib.out), GENTLE)
    assert [item.take.name for item in seen.plan.items] == ["b.wav"]
    assert seen.seconds is not None
    assert seen.seconds > 0
    assert lib.masters == before


def test_looking_tells_the_names_that_are_made(lib: Library) -> None:
    for name in ("a.wav", "sub/b.wav", "c.mp3"):
        lib.take(name)
    (lib.takes / "words.wav").write_text("no sound\n" * 99)
    seen = preview([str(lib.takes)], str(lib.out), GENTLE)
    assert sorted(seen.names.values()) == ["a.wav", "c.mp3.wav", "sub/b.wav"]
    assert [problem.name for problem in seen.problems] == ["words.wav"]
    lib.run()
    made = {str(path.relative_to(lib.out)) for path in lib.out.rglob("*.wav")}
    assert {name.replace(".does-not-meet", "") for name in made} == set(seen.names.values())


def test_nothing_is_begun_where_no_take_is_there(lib: Library) -> None:
    (lib.takes / "notes.txt").write_text("gone.wav\nlost.wav\n")
    for given, said in (
        (lib.takes, "no sound or video is there"),
        (lib.takes / "notes.txt", "gone.wav: there is no such file"),
        (lib.takes / "none", "there is no such file"),
        (lib.takes / "*.wav", "no file fits"),
    ):
        with pytest.raises(InputError, match=said):
            batch([str(given)], str(lib.out), GENTLE)
        assert not lib.out.exists()


def test_the_counts_of_a_summary_add_up(lib: Library) -> None:
    lib.take("a.wav")
    lib.take("changed.wav", seed=1)
    lib.run()
    (changed,) = lib.out.glob("changed*.wav")
    changed.write_bytes(b"x")
    lib.take("new.wav", seed=2)
    (lib.takes / "words.wav").write_text("no sound\n" * 99)
    (lib.takes / "leads nowhere.wav").symlink_to("nowhere")
    for _ in range(2):
        found = lib.run()
        shown = sum(count for verdict, count in found.verdicts.items() if verdict != "not assessed")
        assert found.takes == 5 == shown + len(found.without) + found.not_tried
        assert found.takes == found.made + found.unchanged + found.not_made + found.not_tried
        assert len(found.without) == 3


def test_a_library_that_moved_as_a_whole_is_recognised(lib: Library, tmp_path: Path) -> None:
    lib.take("a.wav")
    lib.take("deep/b.wav", seed=1)
    lib.run()
    before = lib.masters
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    lib.takes = lib.takes.rename(moved / "takes")
    lib.out = lib.out.rename(moved / "masters")
    assert lib.run().unchanged == 2
    assert lib.workers.worked_on == []
    assert lib.masters == before


def test_other_declarations_beside_a_take_are_judged_anew(lib: Library) -> None:
    path = lib.take("a.wav")
    declared = write_template(content_path(path))
    assert declared.name.endswith(DECLARED)
    lib.run()
    assert lib.workers.worked_on == ["a.wav"]
    lib.run()
    assert lib.workers.jobs == []
    declared.write_text(declared.read_text(encoding="utf-8") + "\n# looked at again\n")
    lib.run()
    assert lib.workers.worked_on == ["a.wav"]
    declared.unlink()
    lib.run()
    assert lib.workers.worked_on == ["a.wav"]
    assert lib.run().unchanged == 1


def test_declarations_for_which_no_take_is_there_are_nobodys(lib: Library) -> None:
    lib.take("a.wav")
    (lib.takes / f"gone{DECLARED}").write_text("")
    summary = lib.run()
    assert (summary.takes, summary.without) == (1, [])


def test_a_share_that_is_not_there_is_no_deletion(lib: Library) -> None:
    lib.take("a.wav")
    lib.take("b.wav", seed=1)
    lib.run()
    away = lib.takes.rename(lib.takes.with_name("unmounted"))
    with Ledger(default_ledger(str(lib.out))) as ledger:
        assert orphans(ledger) == ([], {str(lib.takes): 2})
        found = orphans(ledger, [str(lib.takes.parent)])
        assert ([Path(take).name for take in found.missing], found.away) == (["a.wav", "b.wav"], {})
        away.rename(lib.takes)
        (lib.takes / "b.wav").unlink()
        found = orphans(ledger)
        assert ([Path(take).name for take in found.missing], found.away) == (["b.wav"], {})


def test_one_share_of_two_that_is_not_there_is_no_deletion(lib: Library, tmp_path: Path) -> None:
    lib.take("a.wav")
    lib.take("b.wav", seed=1)
    other = tmp_path / "other"
    other.mkdir()
    (lib.takes / "b.wav").rename(other / "b.wav")
    lib.take("c.wav", seed=2)
    batch([str(lib.takes), str(other)], str(lib.out), GENTLE, workers=lib.workers)
    (other / "b.wav").rename(tmp_path / "unmounted.wav")
    (lib.takes / "c.wav").unlink()
    with Ledger(default_ledger(str(lib.out))) as ledger:
        found = orphans(ledger)
    assert [Path(take).name for take in found.missing] == ["c.wav"]
    assert found.away == {str(other): 1}


def kept(lib: Library) -> list[str]:
    """Hashes of earlier masters that are kept."""
    found = (lib.out / ".asmrmaster" / "kept").rglob("*.wav")
    return sorted(digest(path) for path in found if path.is_file())


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_a_master_that_is_replaced_is_said_to_be_and_kept(lib: Library, keep: int) -> None:
    made: list[str] = []
    for seed in range(3):
        lib.take("[a] b?.wav", seed=seed)
        summary = lib.run(keep=keep)
        assert names(summary.replaced) == ([f"[a] b?{FAILS}.wav"] if seed else [])
        assert summary.changes == {"changed" if seed else "new": 1}
        made += lib.masters.values()
    assert kept(lib) == sorted(made[2 - keep : 2])
    assert lib.run(keep=keep).replaced == []
    assert lib.run(keep=keep, force=True).replaced == []  # the same bytes
    assert kept(lib) == sorted(made[2 - keep : 2])


def test_a_master_whose_verdict_changed_is_kept_under_its_old_name(lib: Library) -> None:
    lib.take("a.wav")

    def met(task: Task) -> Outcome:
        outcome = work(task)
        staged = Path(outcome.staged)
        there = staged.rename(staged.with_name("a.wav"))
        return Outcome(**{**vars(outcome), "staged": str(there), "name": "a.wav"})

    lib.run(workers=Inline(lambda task: work(task) if task.kind == "hash" else met(task)))
    ((_, before),) = lib.masters.items()
    lib.take("a.wav", seed=1)
    summary = lib.run()
    assert list(lib.masters) == [f"a{FAILS}.wav"]
    assert kept(lib) == [before]
    assert names(summary.replaced) == ["a.wav"]


def test_a_dry_run_and_a_run_say_why_of_every_take(lib: Library) -> None:
    def whys(recipe: Recipe = GENTLE, **more: Any) -> dict[str, str]:
        seen = preview([str(lib.takes)], str(lib.out), recipe, **more)
        return {item.take.name: item.why for item in seen.plan.items}

    first = lib.take("a.wav")
    lib.take("b.wav", seed=1)
    assert whys() == {"a.wav": "new", "b.wav": "new"}
    lib.run()
    assert whys() == {}
    assert set(whys(load_recipe("whisper")).values()) == {"settings"}
    assert set(whys(force=True).values()) == {"forced"}
    assert set(whys(checksum=True).values()) == {"checked"}
    lib.take("a.wav", seed=2)
    (lib.out / f"b{FAILS}.wav").unlink()
    assert whys() == {"a.wav": "changed", "b.wav": "master gone"}
    summary = lib.run()
    assert summary.changes == {"changed": 1, "master gone": 1}
    first.rename(lib.takes / "c.wav")
    summary = lib.run()
    assert summary.changes == {"renamed": 1}
    assert [problem.cause for problem in summary.replaced] == [
        f"renamed with its take, from a{FAILS}.wav"
    ]


def test_other_content_of_the_same_size_and_time_is_seen(lib: Library) -> None:
    path = lib.take("a.wav")
    lib.run()
    before, times = lib.masters, path.stat()
    lib.take("a.wav", seed=5)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    assert lib.run().made == 1
    assert lib.masters != before


def test_checksum_sees_what_no_stamp_shows(lib: Library) -> None:
    path = lib.take("a.wav")
    lib.run()
    lib.take("a.wav", seed=5)
    with Ledger(default_ledger(str(lib.out))) as ledger, ledger.transaction():
        entry = next(ledger.select())
        ledger.save(entry._replace(stamp=str(storage(str(path)).stamp(str(path)))))
    assert lib.run().unchanged == 1
    summary = lib.run(checksum=True)
    assert (summary.made, summary.changes) == (1, {"changed": 1})
    assert lib.run(checksum=True).unchanged == 1


def test_a_stamp_of_an_early_ledger_still_counts(lib: Library) -> None:
    lib.take("a.wav")
    lib.run()
    with Ledger(default_ledger(str(lib.out))) as ledger, ledger.transaction():
        entry = next(ledger.select())
        ledger.save(entry._replace(stamp=entry.stamp.partition("~")[0]))
    assert lib.run().unchanged == 1
    assert lib.workers.jobs == []


def test_what_is_left_out_of_a_folder_is_counted(lib: Library, tmp_path: Path) -> None:
    lib.take("a.wav")
    shutil.copy(lib.takes / "a.wav", lib.takes / "session")
    take(tmp_path / "elsewhere" / "b.wav")
    (lib.takes / "link").symlink_to(tmp_path / "elsewhere")
    summary = lib.run()
    assert summary.takes == 1
    assert summary.skipped == {"links to folders": 1, "files without an ending": 1}


def test_a_run_leaves_a_copy_of_its_ledger(lib: Library) -> None:
    lib.take("a.wav")
    lib.run()
    path = default_ledger(str(lib.out))
    path.write_bytes(b"damaged" * 5000)
    with pytest.raises(OutputError, match="rename its copy") as error:
        lib.run()
    assert error.value.exit_code == 5
    backup_of(path).replace(path)
    assert lib.run().unchanged == 1
    assert lib.workers.jobs == []
