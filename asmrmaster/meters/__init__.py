"""Everything heard: the registries of meters and readings."""

from __future__ import annotations

from asmrmaster.meters.base import Meter, Reading

METERS: tuple[type[Meter], ...] = ()
"""What hears samples, in the order of cost, dearest first (two threads share them)."""

READINGS: tuple[type[Reading], ...] = ()
"""What reads curves, in this order: a reading may use the values of earlier ones."""
