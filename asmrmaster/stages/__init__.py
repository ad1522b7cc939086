"""Everything done to the sound before the ride: the registry of repair and tone stages."""

from __future__ import annotations

import warnings

from asmrmaster.stages.base import Stage
from asmrmaster.stages.channels import Channels
from asmrmaster.stages.declick import Declick
from asmrmaster.stages.declip import Declip
from asmrmaster.stages.deess import Deess
from asmrmaster.stages.denoise import Denoise
from asmrmaster.stages.deplosive import Deplosive
from asmrmaster.stages.equalize import Equalize
from asmrmaster.stages.highpass import HighPass
from asmrmaster.stages.hum import Hum
from asmrmaster.stages.lift import Lift
from asmrmaster.stages.mouth_declick import MouthDeclick
from asmrmaster.stages.plugin import Plugin

_IN_ORDER: tuple[type[Stage], ...] = (
    Channels,
    Declip,
    Declick,
    MouthDeclick,
    Hum,
    Deplosive,
    Denoise,
    Plugin,
    HighPass,
    Equalize,
    Deess,
    Lift,
)
"""In the order they run: what is repaired first cannot mislead what comes after."""

STAGES: dict[str, type[Stage]] = {stage.name: stage for stage in _IN_ORDER}
"""Repair and tone stages by name, in the order they run. Ride and limiter always come last."""

FORMER_NAMES = {
    "hush": "denoise",
    "debump": "deplosive",
    "mouth": "mouth_declick",
    "limit": "limiter",
}
"""What stages were called in people's files, and what they are called now."""


def current_name(name: str) -> str:
    """A stage's name now, also where a former one is given: then a FutureWarning says so."""
    if name not in FORMER_NAMES:
        return name
    warnings.warn(f"{name} is called {FORMER_NAMES[name]} now", FutureWarning, stacklevel=2)
    return FORMER_NAMES[name]


def current_id(edit: str) -> str:
    """The id of an edit with the name that its stage has now."""
    stage, dash, rest = edit.partition("-")
    return f"{current_name(stage)}{dash}{rest}"
