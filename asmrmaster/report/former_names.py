"""Names of stages and edits as data: in an older report they may be former ones."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from asmrmaster.stages import FORMER_NAMES


def _current_name(name: str) -> str:
    return FORMER_NAMES.get(name, name)


def _current_id(one: str) -> str:
    stage, dash, rest = one.partition("-")
    return f"{_current_name(stage)}{dash}{rest}"


StageName = Annotated[str, AfterValidator(_current_name)]
"""The name a stage has now; nobody who reads an old report has to act on it."""
EditId = Annotated[str, AfterValidator(_current_id)]
"""The id of an edit, ``stage-channel-frame``, with the name its stage has now."""
