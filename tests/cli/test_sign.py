"""``keys`` and ``sign``, and what ``verify`` makes of signatures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asmrmaster import engine
from asmrmaster.report import Report
from asmrmaster.views import files
from tests.cli.test_commands import complaint, run
from tests.cli.test_verify import sound


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file, two keys and the reports on the file."""
    folder = tmp_path_factory.mktemp("sign")
    path = sound(folder / "rain.wav")
    files.save(engine.check(path), folder, audio=False)
    for name, base in (("Anna Weber", "anna"), ("Béla Kun", "bela")):
        result = run("keys", "new", name, "-o", folder / base)
        assert result.exit_code == 0, result.output
    return folder


def words(made: Path, base: str) -> str:
    return run("keys", "show", made / f"{base}.pub").stdout.strip().rpartition(": ")[2]


def test_a_new_key_is_shown_in_words_and_never_made_twice(tmp_path: Path) -> None:
    result = run("keys", "new", "Carla Roth", "-o", tmp_path / "carla")
    assert result.exit_code == 0
    said = result.stdout.strip()
    assert said.startswith("Carla Roth: ")
    assert run("keys", "show", tmp_path / "carla.pub").stdout.strip() == said
    assert len(said.removeprefix("Carla Roth: ").split()) == 8
    before = (tmp_path / "carla.key").read_bytes()
    assert "never written over" in complaint(
        run("keys", "new", "Carla Roth", "-o", tmp_path / "carla")
    )
    assert (tmp_path / "carla.key").read_bytes() == before


@pytest.mark.parametrize("ending", [".report.json", ".report.html", ".sheet.html"])
def test_two_sign_each_form_and_verify_names_both(made: Path, ending: str) -> None:
    report, file = made / f"rain.wav{ending}", made / "rain.wav"
    for base in ("anna", "bela"):
        result = run("sign", report, "--key", made / f"{base}.key")
        assert result.exit_code == 0, result.output
        assert words(made, base) in result.stdout
    result = run("verify", report, file, "--trust", made / "anna.pub")
    assert result.exit_code == 0, result.output
    first, *rest = result.stdout.splitlines()
    assert first.startswith("AGREES: ")
    assert rest[0].strip().startswith("signed by Anna Weber, whose key you trust, on ")
    assert "signed as 'Béla Kun' by a key you do not list (" in rest[1]
    assert "signed this on" in complaint(run("sign", report, "--key", made / "anna.key"))


def test_both_stand_on_every_view_of_a_signed_report(made: Path, tmp_path: Path) -> None:
    report = tmp_path / "rain.json"
    report.write_bytes((made / "rain.wav.report.json").read_bytes())
    for base in ("anna", "bela"):
        run("sign", report, "--key", made / f"{base}.key")
    for kind in ("text", "html", "sheet"):
        shown = " ".join(run("view", report, "--as", kind, "--no-audio").stdout.split())
        for base in ("anna", "bela"):
            assert words(made, base) in shown, kind


def test_a_detached_signature_leaves_the_report_as_it_is(made: Path, tmp_path: Path) -> None:
    report = tmp_path / "rain.json"
    report.write_bytes((made / "rain.wav.report.json").read_bytes())
    before = report.read_bytes()
    for base in ("anna", "bela"):
        result = run("sign", report, "--key", made / f"{base}.key", "--detached")
        assert result.exit_code == 0, result.output
    assert report.read_bytes() == before
    result = run("verify", report, made / "rain.wav", "--trust", made / "bela.pub")
    assert result.exit_code == 0, result.output
    assert "signed by Béla Kun, whose key you trust" in result.stdout
    assert "'Anna Weber' by a key you do not list" in result.stdout


def test_whoever_is_asked_for_a_signature_has_to_have_one(made: Path, tmp_path: Path) -> None:
    report = tmp_path / "rain.json"
    data = json.loads((made / "rain.wav.report.json").read_text())
    report.write_text(json.dumps({**data, "signatures": []}))
    assert run("verify", report, made / "rain.wav").exit_code == 0
    result = run("verify", report, made / "rain.wav", "--trust", made / "anna.pub")
    assert result.exit_code == 1
    assert result.stdout.startswith("DIFFERS: rain.wav: signature: none by a key of anna.pub")
    run("sign", report, "--key", made / "bela.key")
    assert run("verify", report, made / "rain.wav", "--trust", made / "anna.pub").exit_code == 1


def test_a_signature_of_something_else_is_told(made: Path, tmp_path: Path) -> None:
    report = tmp_path / "rain.json"
    report.write_bytes((made / "rain.wav.report.json").read_bytes())
    run("sign", report, "--key", made / "anna.key")
    changed = Report.load(report).model_copy(update={"notes": ("Anna says: play it to anyone",)})
    report.write_text(changed.to_json())
    result = run("verify", report, made / "rain.wav", "--trust", made / "anna.pub")
    assert result.exit_code == 1
    assert "the signature of 'Anna Weber' does not hold" in result.stdout


def test_what_is_no_key_signs_nothing(made: Path) -> None:
    report = made / "rain.wav.report.json"
    assert "no private key" in complaint(run("sign", report, "--key", made / "anna.pub"))
    assert "line 1 is no public key" in complaint(
        run("verify", report, made / "rain.wav", "--trust", made / "anna.key")
    )
