"""Channel repair: what was recorded on the wrong side, upside down or on one side alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from asmrmaster.errors import ParameterError
from asmrmaster.stages.base import Edit, EditLog, Stage, no_log
from asmrmaster.streams.audio import Audio, Block

REPAIRS: dict[str, tuple[str, tuple[tuple[float, float], tuple[float, float]]]] = {
    "none": ("", ((1, 0), (0, 1))),
    "swap": ("left and right swapped", ((0, 1), (1, 0))),
    "left_to_both": ("the left side put on both", ((1, 0), (1, 0))),
    "right_to_both": ("the right side put on both", ((0, 1), (0, 1))),
    "invert_left": ("the left side turned the right way up", ((-1, 0), (0, 1))),
    "invert_right": ("the right side turned the right way up", ((1, 0), (0, -1))),
    "mono": ("both sides mixed into one", ((0.5, 0.5), (0.5, 0.5))),
}
"""What was done, and what left and right become: rows are the new sides, columns the old ones."""

MOST_TRIM_DB = 24.0


class Channels(Stage):
    """Put left and right where they belong. Nobody can measure which side is which: only if asked.

    Raises ParameterError for a sound that has not two channels.
    """

    name: ClassVar[str] = "channels"
    title: ClassVar[str] = "Channel repair"
    done: ClassVar[str] = "left and right repaired"

    repair: Annotated[
        Literal[
            "none", "swap", "left_to_both", "right_to_both", "invert_left", "invert_right", "mono"
        ],
        Field(description="what to do with left and right"),
    ] = "none"
    left_db: Annotated[
        float, Field(ge=-MOST_TRIM_DB, le=MOST_TRIM_DB, description="then the left side, louder by")
    ] = 0.0
    right_db: Annotated[
        float,
        Field(ge=-MOST_TRIM_DB, le=MOST_TRIM_DB, description="then the right side, louder by"),
    ] = 0.0

    @property
    def idle(self) -> bool:
        """Whether both sides stay as they are."""
        return self.repair == "none" and self.left_db == self.right_db == 0

    @property
    def matrix(self) -> NDArray[np.float64]:
        """What left and right become, shape (2 new, 2 old)."""
        gains = 10 ** (np.array([self.left_db, self.right_db]) / 20)
        result: NDArray[np.float64] = gains[:, None] * np.array(REPAIRS[self.repair][1])
        return result

    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound with its sides repaired; one edit for each thing that was done."""
        if self.idle:
            return audio
        if audio.channels != 2:
            raise ParameterError(
                f"channels repairs left and right, and this has {audio.channels} channel"
                f"{'' if audio.channels == 1 else 's'}",
                hint="Leave it out: --set channels=off",
            )
        matrix = self.matrix

        def blocks() -> Iterator[Block]:
            for edit in self._edits(audio.duration_s):
                log(edit)
            for block in audio.open():
                yield (matrix @ block.T).T

        return Audio(audio.rate, audio.channels, audio.frames, blocks)

    def _edits(self, end_s: float) -> Iterator[Edit]:
        if self.repair != "none":
            yield Edit(self.name, 0.0, end_s, 0.0, REPAIRS[self.repair][0])
        for channel, amount_db in enumerate((self.left_db, self.right_db)):
            if amount_db:
                yield Edit(self.name, 0.0, end_s, amount_db, "trimmed as asked", channel)
