"""A finished file in its place: whole or not at all, and never over another unasked."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from asmrmaster.audio.atomic import YOUNG_S, Draft, check_target
from asmrmaster.errors import OutputError


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """Rights count for this test, even where tests are run by root."""
    if os.name == "nt":
        pytest.skip("needs POSIX permissions, which Windows has not")
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_draft_is_hidden_beside_its_destination_and_ends_like_it(tmp_path: Path) -> None:
    with Draft(tmp_path / "night.FLAC") as draft:
        assert draft.path.exists()
        assert draft.path.parent == tmp_path
        assert draft.path.name.startswith(".")
        assert draft.path.suffix == ".FLAC"
        assert draft.path.name != Draft(tmp_path / "night.FLAC").path.name


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    final, other = tmp_path / "night.mkv", tmp_path / "take.mkv"
    with pytest.raises(OutputError, match=r"night\.mkv: full") as caught, Draft(final) as draft:
        raise OutputError("full", subject=draft.path)
    assert caught.value.subject == str(final)
    with pytest.raises(OutputError, match=r"take\.mkv: gone"), Draft(final):
        raise OutputError("gone", subject=other)


def test_publishing_names_the_whole_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    final = tmp_path / "master.wav"
    with Draft(final) as draft:
        draft.path.write_bytes(b"sound")
        assert draft.publish(final) == final
    assert final.read_bytes() == b"sound"
    assert left_over(tmp_path) == ["master.wav"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit, None])
def test_an_unpublished_draft_goes(tmp_path: Path, error: type[BaseException] | None) -> None:
    def work() -> None:
        with Draft(tmp_path / "master.wav") as draft:
            draft.path.write_bytes(b"half")
            if error is not None:
                raise error

    if error is None:
        work()
    else:
        with pytest.raises(error):
            work()
    assert left_over(tmp_path) == []


def test_a_published_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    with Draft(tmp_path / "m.wav") as draft:
        draft.publish(tmp_path / "m.wav")
    assert (tmp_path / "m.wav").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_file_that_exists_is_replaced_only_by_force(tmp_path: Path) -> None:
    final = tmp_path / "master.wav"
    final.write_bytes(b"old")
    with Draft(final) as draft:
        draft.path.write_bytes(b"new")
        with pytest.raises(OutputError, match="exists already") as caught:
            draft.publish(final)
        assert "--force" in caught.value.hint
        assert final.read_bytes() == b"old"
        draft.publish(final, force=True)
    assert final.read_bytes() == b"new"
    assert left_over(tmp_path) == ["master.wav"]


def no_links(*args: object, **kwargs: object) -> None:
    raise OSError(errno.EPERM, "no hard links here")


@pytest.mark.parametrize("links", [True, False])
def test_of_many_who_publish_at_once_one_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:  # as on FAT, and on some network drives
        monkeypatch.setattr(os, "link", no_links)
    final = tmp_path / "master.wav"
    start = threading.Barrier(8)
    won: list[int] = []
    lost: list[OutputError] = []

    def publish(number: int) -> None:
        with Draft(final) as draft:
            draft.path.write_bytes(b"%d" % number)
            start.wait()
            try:
                draft.publish(final)
                won.append(number)
            except OutputError as error:
                lost.append(error)

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(lost) == 7
    assert final.read_bytes() == b"%d" % won[0]
    assert left_over(tmp_path) == ["master.wav"]


def test_a_disk_without_links_is_served_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    final = tmp_path / "master.wav"
    with Draft(final) as draft:
        draft.path.write_bytes(b"sound")
        draft.publish(final)
    assert final.read_bytes() == b"sound"
    final.write_bytes(b"old")
    with Draft(final) as draft, pytest.raises(OutputError, match="exists already"):
        draft.publish(final)
    assert final.read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix", reason="renaming never replaces on Windows already")
def test_windows_is_served_by_its_own_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename(part: Path, final: Path) -> None:
        if final.exists():
            raise FileExistsError(errno.EEXIST, "file exists")
        os.replace(part, final)

    final = tmp_path / "master.wav"
    with Draft(final) as draft:
        draft.path.write_bytes(b"sound")
        monkeypatch.setattr("asmrmaster.audio.atomic.os.rename", rename)
        monkeypatch.setattr("asmrmaster.audio.atomic._REPLACES", False)
        draft.publish(final)
    with Draft(final) as draft, pytest.raises(OutputError, match="exists already"):
        draft.publish(final)


def test_a_full_disk_at_the_last_moment_publishes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    final = tmp_path / "master.wav"
    with Draft(final) as draft:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="no space left") as caught:
            draft.publish(final)
    assert caught.value.hint
    assert left_over(tmp_path) == []


def test_a_vanished_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    folder.mkdir()
    final = folder / "master.wav"
    with Draft(final) as draft:
        draft.path.unlink()
        folder.rmdir()
        with pytest.raises(OutputError, match="does not exist"):
            draft.publish(final)


# --- where a master may go ------------------------------------------------------------------------


def test_a_free_name_is_fine_and_nothing_is_left_there(tmp_path: Path) -> None:
    check_target(tmp_path / "master.wav", [tmp_path / "take.wav"])
    assert left_over(tmp_path) == []


def test_a_taken_name_needs_force(tmp_path: Path) -> None:
    (tmp_path / "master.wav").touch()
    with pytest.raises(OutputError, match="exists already") as caught:
        check_target(tmp_path / "master.wav")
    assert "--force" in caught.value.hint
    check_target(tmp_path / "master.wav", force=True)


def test_a_dangling_link_is_a_taken_name(tmp_path: Path) -> None:
    (tmp_path / "master.wav").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="exists already"):
        check_target(tmp_path / "master.wav")


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("way", ["same", "dots", "symlink", "hardlink", "link to its folder"])
def test_the_take_is_never_a_target(tmp_path: Path, way: str, force: bool) -> None:
    folder = tmp_path / "takes"
    folder.mkdir()
    take = folder / "take.wav"
    take.write_bytes(b"take")
    target = tmp_path / "other.wav"
    if way == "same":
        target = take
    elif way == "dots":
        target = folder / ".." / "takes" / "take.wav"
    elif way == "symlink":
        target.symlink_to(take)
    elif way == "hardlink":
        target.hardlink_to(take)
    else:
        (tmp_path / "link").symlink_to(folder)
        target = tmp_path / "link" / "take.wav"
    with pytest.raises(OutputError, match="never written over") as caught:
        check_target(target, [tmp_path / "another.wav", take], force)
    assert str(take) in str(caught.value)
    assert take.read_bytes() == b"take"


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        check_target(tmp_path, force=True)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the folder does not exist") as caught:
        check_target(tmp_path / "new" / "master.wav")
    assert caught.value.subject == str(tmp_path / "new")
    assert "Make the folder" in caught.value.hint


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="the folder does not exist"):
        check_target(tmp_path / "file" / "master.wav")


def test_a_long_name_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="too long"):
        check_target(tmp_path / ("m" * 300 + ".wav"))


@pytest.mark.usefixtures("ordinary_user")
def test_a_protected_folder_is_refused() -> None:
    with pytest.raises(OutputError, match="not permitted") as caught:
        check_target(Path("/usr/master.wav"))
    assert "Choose a folder" in caught.value.hint


def test_what_a_killed_process_left_is_swept_by_the_next(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path;"
        "from asmrmaster.audio.atomic import Draft;"
        "draft = Draft(Path(sys.argv[1])); draft.__enter__(); draft.path.write_bytes(b'x' * 100);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "m.wav")], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    with Draft(tmp_path / "n.wav") as draft:  # left a moment ago: it may be just being made
        assert left.exists()
        old = time.time() - 2 * YOUNG_S
        os.utime(left, (old, old))
        os.utime(draft.path, (old, old))
        with Draft(tmp_path / "o.wav"):
            assert not left.exists()
            assert draft.path.exists()  # somebody works on it, however long nothing was written
    assert list(tmp_path.iterdir()) == []
