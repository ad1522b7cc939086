"""What all tests share: sounds that are made once in a run, and how hard hypothesis looks.

``HYPOTHESIS_PROFILE=long python -m pytest FILE`` looks a hundred times harder.
"""

from __future__ import annotations

import os

# Before NumPy is loaded: the tests fill the cores themselves, one process each.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

EXAMPLES, EXAMPLES_LONG = 20, 2_000

_QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("suite", max_examples=EXAMPLES, deadline=None, derandomize=True,
                          database=None, suppress_health_check=_QUIET)  # fmt: skip
settings.register_profile("long", max_examples=EXAMPLES_LONG, deadline=None, print_blob=True,
                          suppress_health_check=_QUIET)  # fmt: skip
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
