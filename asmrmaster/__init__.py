"""asmrmaster: master an ASMR recording so that a screening profile accepts it, and prove it.

    import asmrmaster

    report = asmrmaster.master("take.wav", "master.wav", preset="whisper", profile="sleep")
    y, report = asmrmaster.master_array(x, 48_000)
    report = asmrmaster.check("master.wav")
    y = asmrmaster.Limiter(ceiling_dbtp=-2)(x, 48_000)

Everything a program needs is here: the functions, what they take and give, and the errors they
raise. Names are loaded when they are first used, so importing this costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asmrmaster.api import CURVES as CURVES
    from asmrmaster.api import Plan as Plan
    from asmrmaster.api import check as check
    from asmrmaster.api import intrusions as intrusions
    from asmrmaster.api import lift as lift
    from asmrmaster.api import limit as limit
    from asmrmaster.api import master as master
    from asmrmaster.api import master_array as master_array
    from asmrmaster.api import measure as measure
    from asmrmaster.api import plan as plan
    from asmrmaster.api import rescore as rescore
    from asmrmaster.audio import read as read
    from asmrmaster.audio.source import Format as Format
    from asmrmaster.audio.source import Source as Source
    from asmrmaster.declarations.content import Chapter as Chapter
    from asmrmaster.declarations.content import Content as Content
    from asmrmaster.declarations.content import Listened as Listened
    from asmrmaster.declarations.content import Review as Review
    from asmrmaster.declarations.content import Stems as Stems
    from asmrmaster.delivery.length import Length as Length
    from asmrmaster.edits.corrections import Corrections as Corrections
    from asmrmaster.errors import AsmrmasterError as AsmrmasterError
    from asmrmaster.errors import InputError as InputError
    from asmrmaster.errors import OutputError as OutputError
    from asmrmaster.errors import ParameterError as ParameterError
    from asmrmaster.errors import PresetError as PresetError
    from asmrmaster.errors import ReportError as ReportError
    from asmrmaster.errors import WrongTypeError as WrongTypeError
    from asmrmaster.mend.intrusions import BandExcess as BandExcess
    from asmrmaster.mend.intrusions import Intrusion as Intrusion
    from asmrmaster.meters.base import Curve as Curve
    from asmrmaster.meters.base import Event as Event
    from asmrmaster.meters.base import Measurement as Measurement
    from asmrmaster.presets import EqCurve as EqCurve
    from asmrmaster.presets import Preset as Preset
    from asmrmaster.presets import Profile as Profile
    from asmrmaster.report import Report as Report
    from asmrmaster.report.at_ear import Listening as Listening
    from asmrmaster.stages.base import Edit as Edit
    from asmrmaster.stages.base import Stage as Stage
    from asmrmaster.stages.channels import Channels as Channels
    from asmrmaster.stages.declick import Declick as Declick
    from asmrmaster.stages.declip import Declip as Declip
    from asmrmaster.stages.deess import Deess as Deess
    from asmrmaster.stages.denoise import Denoise as Denoise
    from asmrmaster.stages.deplosive import Deplosive as Deplosive
    from asmrmaster.stages.equalize import Band as Band
    from asmrmaster.stages.equalize import Equalize as Equalize
    from asmrmaster.stages.highpass import HighPass as HighPass
    from asmrmaster.stages.hum import Hum as Hum
    from asmrmaster.stages.limiter import Limiter as Limiter
    from asmrmaster.stages.mouth_declick import MouthDeclick as MouthDeclick
    from asmrmaster.stages.plugin import Plugin as Plugin
    from asmrmaster.streams.audio import Audio as Audio

__version__ = "0.1.0"

_HOMES = {
    "asmrmaster.api": (
        "CURVES",
        "Plan",
        "check",
        "intrusions",
        "lift",
        "limit",
        "master",
        "master_array",
        "measure",
        "plan",
        "rescore",
    ),
    "asmrmaster.audio": ("read",),
    "asmrmaster.audio.source": (
        "Format",
        "Source",
    ),
    "asmrmaster.declarations.content": ("Chapter", "Content", "Listened", "Review", "Stems"),
    "asmrmaster.delivery.length": ("Length",),
    "asmrmaster.edits.corrections": ("Corrections",),
    "asmrmaster.errors": (
        "AsmrmasterError",
        "InputError",
        "OutputError",
        "ParameterError",
        "PresetError",
        "ReportError",
        "WrongTypeError",
    ),
    "asmrmaster.mend.intrusions": (
        "BandExcess",
        "Intrusion",
    ),
    "asmrmaster.meters.base": (
        "Curve",
        "Event",
        "Measurement",
    ),
    "asmrmaster.presets": (
        "EqCurve",
        "Preset",
        "Profile",
    ),
    "asmrmaster.report": ("Report",),
    "asmrmaster.report.at_ear": ("Listening",),
    "asmrmaster.stages": (
        "Channels",
        "Declick",
        "Declip",
        "Deess",
        "Denoise",
        "Deplosive",
        "Equalize",
        "HighPass",
        "Hum",
        "MouthDeclick",
        "Plugin",
    ),
    "asmrmaster.stages.base": (
        "Edit",
        "Stage",
    ),
    "asmrmaster.stages.equalize": ("Band",),
    "asmrmaster.stages.limiter": ("Limiter",),
    "asmrmaster.streams.audio": ("Audio",),
}
"""Where each public name is defined."""

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "CURVES",
    "AsmrmasterError",
    "Audio",
    "Band",
    "BandExcess",
    "Channels",
    "Chapter",
    "Content",
    "Corrections",
    "Curve",
    "Declick",
    "Declip",
    "Deess",
    "Denoise",
    "Deplosive",
    "Edit",
    "EqCurve",
    "Equalize",
    "Event",
    "Format",
    "HighPass",
    "Hum",
    "InputError",
    "Intrusion",
    "Length",
    "Limiter",
    "Listened",
    "Listening",
    "Measurement",
    "MouthDeclick",
    "OutputError",
    "ParameterError",
    "Plan",
    "Plugin",
    "Preset",
    "PresetError",
    "Profile",
    "Report",
    "ReportError",
    "Review",
    "Source",
    "Stage",
    "Stems",
    "WrongTypeError",
    "__version__",
    "check",
    "intrusions",
    "lift",
    "limit",
    "master",
    "master_array",
    "measure",
    "plan",
    "read",
    "rescore",
]


if not TYPE_CHECKING:  # a type checker knows the names above, and tells of others

    def __getattr__(name: str) -> Any:
        if name not in _HOME_OF:
            raise AttributeError(f"module 'asmrmaster' has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
