"""Everything done to the sound before the ride: the registry of repair and tone stages."""

from __future__ import annotations

from asmrmaster.stages.base import Stage
from asmrmaster.stages.declick import Declick
from asmrmaster.stages.declip import Declip
from asmrmaster.stages.deess import Deess
from asmrmaster.stages.denoise import Hush
from asmrmaster.stages.deplosive import Debump
from asmrmaster.stages.equalize import Equalize
from asmrmaster.stages.highpass import HighPass
from asmrmaster.stages.hum import Hum
from asmrmaster.stages.mouth_declick import Mouth
from asmrmaster.stages.plugin import Plugin

_IN_ORDER: tuple[type[Stage], ...] = (
    Declip,
    Declick,
    Mouth,
    Hum,
    Debump,
    Hush,
    Plugin,
    HighPass,
    Equalize,
    Deess,
)
"""In the order they run: what is repaired first cannot mislead what comes after."""

STAGES: dict[str, type[Stage]] = {stage.name: stage for stage in _IN_ORDER}
"""Repair and tone stages by name, in the order they run. Ride and limiter always come last."""
