"""asmrmaster: master an ASMR recording so that a screening profile accepts it, and prove it.

The public names. They are loaded when first used, so that ``asmrmaster --help`` need not wait for
numerical libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asmrmaster.audio import read as read
    from asmrmaster.audio import write as write
    from asmrmaster.engine import check as check
    from asmrmaster.engine import master as master
    from asmrmaster.errors import AsmrmasterError as AsmrmasterError
    from asmrmaster.presets.recipe import load_profile as profile
    from asmrmaster.presets.recipe import load_recipe as recipe
    from asmrmaster.report import Report as Report
    from asmrmaster.report import rescore as rescore

__version__ = "0.1.0"

_HOMES = {
    "AsmrmasterError": ("asmrmaster.errors", "AsmrmasterError"),
    "Report": ("asmrmaster.report", "Report"),
    "check": ("asmrmaster.engine", "check"),
    "master": ("asmrmaster.engine", "master"),
    "profile": ("asmrmaster.presets.recipe", "load_profile"),
    "read": ("asmrmaster.audio", "read"),
    "recipe": ("asmrmaster.presets.recipe", "load_recipe"),
    "rescore": ("asmrmaster.report", "rescore"),
    "write": ("asmrmaster.audio", "write"),
}

__all__ = [
    "AsmrmasterError",
    "Report",
    "__version__",
    "check",
    "master",
    "profile",
    "read",
    "recipe",
    "rescore",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'asmrmaster' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
