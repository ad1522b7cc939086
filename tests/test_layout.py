"""The layout: imports go one way, and each third-party package has one home."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "asmrmaster"

LAYERS = (
    {"beside", "errors", "dsp", "malloc", "memory", "threads"},
    {"audio"},
    {"meters"},
    {"stages"},
    {"presets", "claims", "transcript"},
    {"delivery", "length", "recipes", "room_tone"},
    {"content"},
    {"labels", "marks"},
    {"ride"},
    {"report", "pictures"},
    {"at_ear", "attest", "calibration", "learning"},
    {
        "account",
        "change",
        "coach",
        "encoder_loss",
        "file_facts",
        "removed",
        "rendering",
        "round_trip",
        "fulfil",
        "hushing",
        "mastering",
        "second_meter",
        "demo",
        "excerpts",
    },
    {"library", "views"},
    {"cli", "web"},
)
"""A module imports from its own layer and from those before it, never from one after it."""

HOMES = {
    "soundfile": {"audio/pcm.py"},
    "av": {"audio/container/"},
    "click": {"cli/"},
    "jinja2": {"views/page.py"},
    "mutagen": {"audio/tags/"},
    "starlette": {"web/"},
    "uvicorn": {"web/server.py"},
    "python_multipart": {"web/intake.py"},
    "pedalboard": {"stages/plugin.py"},
    "pyloudnorm": {"second_meter.py"},
    "distributed": {"library/cluster.py"},
    "threadpoolctl": {"dsp/blas.py"},
    "fsspec": {"library/objects.py"},
    "pyarrow": {"library/export.py"},
}
"""Third-party packages and the one file, or folder, that may import them."""

SHARED = {"numpy", "scipy", "pydantic"}
"""What the whole package is written in."""


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Dotted names this file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            if node.module == "asmrmaster":
                yield from (f"asmrmaster.{alias.name}" for alias in node.names)


def layer(name: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if name in names)


def test_every_module_has_a_layer() -> None:
    tops = {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in modules()}
    known = set().union(*LAYERS) | {"__init__", "__main__"}
    assert tops - known == set()


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if own in ("__init__", "__main__"):
        return
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "asmrmaster" and len(parts) > 1 and parts[1] != "__version__":
            assert layer(parts[1]) <= layer(own), f"{own} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_third_party_packages_have_one_home(path: Path) -> None:
    place = str(path.relative_to(ROOT))
    for name in imported(path):
        top = name.split(".")[0]
        if top in sys.stdlib_module_names or top in SHARED | {"asmrmaster", ""}:
            continue
        assert top in HOMES, f"{place} imports {top}, which has no home"
        assert any(place.startswith(home) for home in HOMES[top]), f"{place} imports {top}"


def test_a_wrong_import_would_be_seen(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from asmrmaster import cli\n    import soundfile\n")
    assert set(imported(wrong)) >= {"asmrmaster.cli", "soundfile"}
    assert layer("cli") > layer("report")
