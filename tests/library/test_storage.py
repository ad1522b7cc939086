"""A disk and object storage keep the same promises; object storage here is fsspec's memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from asmrmaster.errors import OutputError
from asmrmaster.library.batch import batch
from asmrmaster.library.discovery import find
from asmrmaster.library.paths import inside, join, parent
from asmrmaster.library.storage import Storage
from asmrmaster.library.stores import gone, storage
from asmrmaster.presets.recipe import load_recipe
from tests.library_material import Inline, take

fsspec = pytest.importorskip("fsspec")
_number = itertools.count()


@pytest.fixture(params=["disk", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "disk":
        yield str(tmp_path)
        return
    yield f"memory://bucket{next(_number)}/masters"
    fsspec.filesystem("memory").store.clear()


def put(store: Storage, folder: str, name: str, content: bytes) -> str:
    """Stage a file."""
    store.prepare(folder)
    with store.scratch(folder) as scratch:
        path = scratch.folder / name
        path.write_bytes(content)
        return scratch.keep(path)


def read(store: Storage, place: str) -> bytes:
    with store.fetch(place) as path:
        return path.read_bytes()


def test_published_whole_and_gone_from_staging(folder: str) -> None:
    store = storage(folder)
    staged = put(store, join(folder, ".asmrmaster"), "a.wav", b"one")
    final = join(folder, "deep", "a.wav")
    store.publish(staged, final, "")
    assert read(store, final) == b"one"
    assert gone(staged)
    assert store.stamp(final).size == 3


def test_what_is_there_stays_unless_it_may_be_replaced(folder: str) -> None:
    store = storage(folder)
    final = join(folder, "a.wav")
    store.publish(put(store, folder, "a.wav", b"one"), final, "")
    for replaces in ("", "0" * 64):
        with pytest.raises(OutputError, match="exists already"):
            store.publish(put(store, folder, "a.wav", b"two"), final, replaces)
        assert read(store, final) == b"one"
    store.publish(put(store, folder, "a.wav", b"one"), final, "")  # the very same is fine
    store.publish(put(store, folder, "a.wav", b"two"), final, store.digest(final))
    assert read(store, final) == b"two"
    store.publish(put(store, folder, "a.wav", b"three"), final, "*")
    assert read(store, final) == b"three"


def test_a_stamp_tells_a_change(folder: str) -> None:
    store = storage(folder)
    final = join(folder, "a.wav")
    store.publish(put(store, folder, "a.wav", b"one"), final, "")
    before = store.stamp(final)
    assert store.stamps(folder)(final) == before
    assert store.stamps(folder)(join(folder, "b.wav")) is None
    store.publish(put(store, folder, "a.wav", b"two!"), final, "*")
    assert store.stamp(final) != before


def test_walking_skips_what_is_hidden(folder: str) -> None:
    store = storage(folder)
    for name in ("b.wav", "a.wav"):
        for parts in ((), ("sub",), (".hidden",)):
            staged = put(store, join(folder, ".asmrmaster"), name, b"x")
            store.publish(staged, join(folder, *parts, name), "")
    found = [place for place, _ in store.walk(folder, lambda place, why: pytest.fail(why))]
    assert sorted(found) == sorted(
        join(folder, *parts)
        for parts in (("a.wav",), ("b.wav",), ("sub", "a.wav"), ("sub", "b.wav"))
    )
    assert list(store.match(join(folder, "*.wav"))) == [
        join(folder, "a.wav"),
        join(folder, "b.wav"),
    ]
    assert store.present(folder)
    assert not store.present(join(folder, "none"))


def test_what_is_removed_is_gone_and_may_be_removed_again(folder: str) -> None:
    store = storage(folder)
    staged = put(store, folder, "a.wav", b"one")
    copied = store.copy(staged, folder)
    assert read(store, copied) == b"one"
    store.remove(staged)
    store.remove(staged)
    assert gone(staged)
    store.sweep(folder)
    store.sweep(folder)
    assert gone(copied)


def test_a_failure_on_the_bench_leaves_nothing(tmp_path: Path) -> None:
    store = storage(str(tmp_path))

    def fail() -> None:
        with store.scratch(str(tmp_path)) as scratch:
            (scratch.folder / "half.wav").write_bytes(b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_has_gone_is_not_made_again(tmp_path: Path) -> None:
    unmounted = tmp_path / "share" / "staging"
    with (
        pytest.raises(OutputError, match="does not exist"),
        storage(str(unmounted)).scratch(str(unmounted)),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_places() -> None:
    assert parent("s3://bucket/a/b.wav") == "s3://bucket/a"
    assert parent("s3://bucket") == ""
    assert parent("/a/b.wav") == "/a"
    assert parent("/") == ""
    assert inside("/a/b", "/a")
    assert not inside("/ab", "/a")
    assert inside("s3://x/a/b", "s3://x/a")


def test_an_unknown_storage_is_said() -> None:
    with pytest.raises(OutputError, match="not known"):
        storage("nowhere://a")


def test_a_batch_in_object_storage_makes_the_same_masters(tmp_path: Path) -> None:
    recipe = load_recipe()
    local = tmp_path / "in"
    take(local / "a.wav")
    take(local / "sub" / "b.mp3", seed=1)
    (local / "bad.wav").write_bytes(b"RIFF nonsense")
    here = batch([str(local)], str(tmp_path / "out"), recipe, workers=Inline())

    memory = fsspec.filesystem("memory")
    takes, out = f"memory://b{next(_number)}/in", f"memory://b{next(_number)}/out"
    memory.put(str(local) + "/", takes + "/", recursive=True)
    workers, ledger = Inline(), tmp_path / "remote.db"
    there = batch([takes], out, recipe, workers=workers, ledger=ledger)
    assert (there.made, there.verdicts) == (here.made, here.verdicts)
    assert there.without == here.without
    names = [
        p.relative_to(tmp_path / "out").as_posix()
        for p in (tmp_path / "out").rglob("*.wav")
        if ".asmrmaster" not in p.parts
    ]
    for name in names:
        assert memory.cat(f"{out}/{name}") == (tmp_path / "out" / name).read_bytes()
    assert len(memory.find(out)) == len(names) == 2

    workers = Inline()
    again = batch([takes], out, recipe, workers=workers, ledger=ledger)
    assert workers.jobs == []
    assert again.unchanged == 3
    memory.pipe(f"{takes}/a.wav", take(tmp_path / "new.wav", seed=5).read_bytes())
    batch([takes], out, recipe, workers=workers, ledger=ledger)
    assert workers.worked_on == ["a.wav"]


NAMES = ("[ASMR] rain.wav", "what?.wav", "*.wav", "[a-z].wav")


def test_names_that_look_like_patterns_are_names(folder: str) -> None:
    store = storage(folder)
    staging = join(folder, ".asmrmaster", "[s]*")
    for name in NAMES:
        other = join(folder, "deep", "a.wav")
        store.publish(put(store, staging, "a.wav", b"other"), other, "")
        final = join(folder, "[deep]", name)
        store.publish(put(store, staging, name, name.encode()), final, "")
        assert read(store, final) == name.encode()
        store.publish(put(store, staging, name, b"new"), final, store.digest(final))
        store.keep(final, join(folder, ".asmrmaster", "kept", name))
        assert read(store, join(folder, ".asmrmaster", "kept", name)) == b"new"
        copied = store.copy(final, staging)
        assert read(store, copied) == b"new"
        put(store, staging, name, b"left")
        store.sweep(staging)
        assert gone(copied)
        assert read(store, other) == b"other"
    found = [place for place, _ in store.walk(join(folder, "[deep]"), lambda place, why: None)]
    assert sorted(found) == sorted(join(folder, "[deep]", name) for name in NAMES)
    takes = find([join(folder, "[deep]", "[[]*.wav")], "/none", [])
    assert [one.name for one in takes] == ["[ASMR] rain.wav", "[a-z].wav"]
    for name in NAMES:
        (one,) = find([join(folder, "[deep]", name)], "/none", [])
        assert (one.place, one.name) == (join(folder, "[deep]", name), name)
        store.remove(one.place)
        assert gone(one.place)
