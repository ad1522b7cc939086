"""Presets, EQ curves, profiles and delivery targets: data, checked before any sound is touched.

A *preset* says how to make a master, a *profile* what is accepted, a *delivery target* what a
destination asks for; an *EQ curve* is a named gentle tone curve a preset refers to. An unknown key
or a value out of range is an error that names the key, the range and the likely meaning.
"""

from asmrmaster.presets.delivery import DeliveryTarget, Window
from asmrmaster.presets.documents import (
    SHIPPED,
    Document,
    load,
    shipped,
    write_copy,
    write_new,
)
from asmrmaster.presets.mastering import Bounds, EqCurve, Preset, RideParameters, Target
from asmrmaster.presets.profiles import (
    GRADES,
    GROUPS,
    Criterion,
    Grade,
    Grades,
    Group,
    Loosest,
    Profile,
    Role,
    shipped_criterion,
    shipped_profile,
)
from asmrmaster.presets.validation import unknown, validate

__all__ = [
    "GRADES",
    "GROUPS",
    "SHIPPED",
    "Bounds",
    "Criterion",
    "DeliveryTarget",
    "Document",
    "EqCurve",
    "Grade",
    "Grades",
    "Group",
    "Loosest",
    "Preset",
    "Profile",
    "RideParameters",
    "Role",
    "Target",
    "Window",
    "load",
    "shipped",
    "shipped_criterion",
    "shipped_profile",
    "unknown",
    "validate",
    "write_copy",
    "write_new",
]
