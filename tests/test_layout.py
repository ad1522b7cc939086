"""The layout: rooms, imports that go one way, no circles, a home for each third-party package."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "asmrmaster"

AT_THE_ROOT = {"__init__", "__main__", "api", "demo", "errors"}
"""The only files that lie in no room."""

ROOMS = (
    "errors",
    "streams",
    "runtime",
    "dsp",
    "audio",
    "meters",
    "stages",
    "presets",
    "edits",
    "ride",
    "mend",
    "declarations",
    "report",
    "signatures",
    "advice",
    "delivery",
    "engine",
    "library",
    "views",
    "api",
    "demo",
    "web",
    "cli",
)
"""A file imports from its own room and from those before it, never from one after it."""

RUNTIME_USERS = {"engine", "library", "cli", "web"}
"""Who may know of processes and threads; everybody else is handed a runner."""

HOMES = {
    "soundfile": {"audio/pcm.py"},
    "av": {"audio/container/"},
    "click": {"cli/"},
    "jinja2": {"views/page.py"},
    "mutagen": {"audio/tags/"},
    "starlette": {"web/"},
    "uvicorn": {"web/server.py", "web/connections.py"},
    "python_multipart": {"web/upload.py"},
    "pedalboard": {"stages/plugin.py"},
    "pyloudnorm": {"advice/second_meter.py"},
    "distributed": {"library/cluster.py"},
    "threadpoolctl": {"runtime/blas.py"},
    "fsspec": {"library/object_store.py"},
    "pyarrow": {"library/export.py"},
    "cryptography": {"signatures/keys.py"},
    "rfc8785": {"signatures/signing.py"},
}
"""Third-party packages and the one file, or folder, that may import them."""

SHARED = {"numpy", "scipy", "pydantic"}
"""What the whole package is written in."""

BAGS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "base_utils", "shared"}
"""Names that say nothing of what is inside."""


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, *, at_start: bool = False) -> Iterator[str]:
    """Dotted names this file imports; inside functions too, unless only ``at_start``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _at_start(tree) if at_start else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _at_start(tree: ast.AST) -> Iterator[ast.AST]:
    """What runs when the file is loaded: not functions, not what is for type checking alone."""
    for node in ast.iter_child_nodes(tree):
        checking = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if not checking and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from _at_start(node)


def inside(name: str) -> str:
    """The room of an imported name of this package; empty for others and for the root itself."""
    parts = name.split(".")
    return parts[1] if parts[0] == "asmrmaster" and len(parts) > 1 else ""


def test_every_file_has_a_room() -> None:
    assert {path.stem for path in ROOT.glob("*.py")} <= AT_THE_ROOT
    rooms = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()}
    assert rooms == set(ROOMS) - AT_THE_ROOT


def test_every_room_says_in_one_sentence_what_it_is() -> None:
    for init in ROOT.rglob("__init__.py"):
        said = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8")))
        assert said, f"{place(init)} says nothing"
        assert said.split("\n\n")[0].rstrip().endswith("."), place(init)


def test_no_file_is_a_bag() -> None:
    assert not [place(path) for path in modules() if path.stem in BAGS]


@pytest.mark.parametrize("path", modules(), ids=place)
def test_imports_go_one_way(path: Path) -> None:
    own = room(path)
    if own in ("__init__", "__main__"):
        return
    for name in imported(path):
        other = inside(name)
        if other and other != "__version__":
            assert ROOMS.index(other) <= ROOMS.index(own), f"{own} imports {name}"


def test_no_circle_between_files() -> None:
    files = {dotted(path): path for path in modules()}
    graph = {
        name: {found for found in imported(path) if found in files and found != name}
        for name, path in files.items()
    }
    for name, found in graph.items():  # a package hands on what its files define
        found -= {package for package in found if name.startswith(f"{package}.")}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"these files import each other: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("path", modules(), ids=place)
def test_only_the_engine_and_its_callers_know_of_processes(path: Path) -> None:
    if room(path) in RUNTIME_USERS | {"runtime"}:
        return
    assert not [name for name in imported(path) if inside(name) == "runtime"]


@pytest.mark.parametrize("path", modules(), ids=place)
def test_third_party_packages_have_one_home(path: Path) -> None:
    for name in imported(path):
        top = name.split(".")[0]
        if top in sys.stdlib_module_names or top in SHARED | {"asmrmaster", ""}:
            continue
        assert top in HOMES, f"{place(path)} imports {top}, which has no home"
        assert any(place(path).startswith(home) for home in HOMES[top]), f"{place(path)}: {top}"


@pytest.mark.parametrize("path", sorted((ROOT / "engine").glob("*.py")), ids=place)
def test_no_step_of_the_engine_is_long(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 40, f"{node.name} in {place(path)}"


def test_every_test_lies_in_the_room_of_what_it_tests() -> None:
    tests = Path(__file__).parent
    rooms = {path.name for path in tests.iterdir() if (path / "__init__.py").is_file()}
    assert rooms <= set(ROOMS)


def test_a_wrong_import_would_be_seen(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from asmrmaster import cli\n    import soundfile\n")
    assert set(imported(wrong)) >= {"asmrmaster.cli", "soundfile"}
    assert not set(imported(wrong, at_start=True))
    assert ROOMS.index("cli") > ROOMS.index("report")
