"""Keys as files: for their owner alone, never written over, and nothing else is taken for one."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from asmrmaster.errors import OutputError, ReportError
from asmrmaster.signatures import PublicKey, new_key, read_keys, read_private


def test_the_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        key = new_key("Anna Weber", tmp_path / "anna")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "anna.key").stat().st_mode) == 0o600
    again = read_private(tmp_path / "anna.key")
    assert again.public == key.public
    assert read_keys(tmp_path / "anna.pub") == (key.public,)
    assert (tmp_path / "anna.pub").read_text() == f"{key.public.line}\n"
    assert "PRIVATE" not in repr(key)
    assert "anna.key" not in repr(key)


@pytest.mark.parametrize("there", ["anna.key", "anna.pub"])
def test_no_key_is_written_over(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("kept")
    with pytest.raises(OutputError, match="never written over"):
        new_key("Anna Weber", tmp_path / "anna")
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "kept"


def test_not_even_through_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "anna.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="never written over"):
        new_key("Anna Weber", tmp_path / "anna")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["", " Anna", "Anna\nWeber", "Anna\u202eWeber", "A" * 201])
def test_a_name_is_one_line_that_can_be_printed(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="needs a name"):
        new_key(name, tmp_path / "key")
    assert not list(tmp_path.iterdir())


def test_a_file_of_keys_holds_many_and_remarks(tmp_path: Path) -> None:
    keys = [new_key(name, tmp_path / name).public for name in ("Anna", "Béla")]
    listed = tmp_path / "keys.txt"
    listed.write_text("# met in Vienna\n" + "\n\n".join(key.line for key in keys), "utf-8")
    assert list(read_keys(listed)) == keys


@pytest.mark.parametrize(
    "text", ["", "# none\n", "ssh-ed25519 AAAA anna", "asmrmaster-key 12 anna"]
)
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.txt"
    path.write_text(text)
    with pytest.raises(ReportError, match=r"no keys|is no public key"):
        read_keys(path)
    with pytest.raises(ReportError, match="no private key"):
        read_private(path)


def test_a_key_of_another_kind_signs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x25519.key"
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "X25519"], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip("openssl is not installed")
    path.write_text(f"Name: Anna\n{made.stdout}")
    with pytest.raises(ReportError, match="no private key"):
        read_private(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ReportError, match="cannot be read"):
        read_keys(pipe)


def test_ed25519_is_that_of_rfc_8032() -> None:
    """Section 7.1, test 2."""
    key = PublicKey("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "Two")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert key.is_signed(signature, b"\x72")
    assert not key.is_signed(signature, b"\x73")
    assert not key.is_signed(b"", b"\x72")
