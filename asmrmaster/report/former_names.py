"""Names of stages and edits as data: in an older report they may be former ones."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from asmrmaster.stages import current_id, current_name

StageName = Annotated[str, AfterValidator(current_name)]
"""The name a stage has now; reading a former one gives a FutureWarning that says so."""
EditId = Annotated[str, AfterValidator(current_id)]
"""The id of an edit, ``stage-channel-frame``, with the name its stage has now."""
