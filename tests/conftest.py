"""What all tests share: sounds that are made once in a run, and how hard hypothesis looks.

``HYPOTHESIS_PROFILE=hard python -m pytest FILE`` looks ten times harder, ``long`` a hundred times.
"""

from __future__ import annotations

import os

# Before NumPy is loaded: the tests fill the cores themselves, one process each.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

EXAMPLES = {"suite": 20, "hard": 200, "long": 2_000}

_QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
for _name, _examples in EXAMPLES.items():
    _same = {"derandomize": True, "database": None} if _name == "suite" else {"print_blob": True}
    settings.register_profile(
        _name, max_examples=_examples, deadline=None, suppress_health_check=_QUIET, **_same
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run see."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def demo_take(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The flawed take of ``asmrmaster demo``. Read it, copy it, never write to it."""
    path = shared / "demo-take.wav"
    if not path.exists():
        from asmrmaster.demo import make_take

        make_take(tmp_path_factory.mktemp("demo")).replace(path)  # whole, whoever is first
        path.chmod(0o444)
    return path
