"""Single compiled modules of scipy, without the packages around them.

``import scipy.signal`` takes most of a second and ``import scipy.fft`` a fifth of one, each for the
sake of one function here. Whoever loads a module this way falls back on the public function where
that fails: a private module may move.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
from pathlib import Path
from types import ModuleType

import scipy


def compiled(folder: str, name: str) -> ModuleType:
    """The compiled module ``name`` in this folder of scipy; ImportError if it is not there."""
    loader = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
    place = str(Path(scipy.__file__).parent / folder)
    spec = importlib.machinery.FileFinder(place, loader).find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(f"scipy has no compiled module {name} in {folder}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
