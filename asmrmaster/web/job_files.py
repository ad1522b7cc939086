"""What was asked for one file, and how far it is: the two small files of a job's folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from asmrmaster.web import picker

REQUEST, STATE = "request.json", "state.json"

Status = Literal["waiting", "working", "done", "failed", "cancelled"]


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or what was there before."""
    part = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


class JobRequest(BaseModel):
    """What was asked for a file.

    kind: check or master. name: of the file, only to be shown. stored: the upload's name in the
    job's folder, empty where the file is ``picked`` from the folder ``picked_from``. settings,
    loop_s, start_s, undo, protect: what a master that is made again does otherwise; after: the job
    of the one before it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Literal["check", "master"]
    name: str
    profile: str
    preset: str = ""
    eq: str | None = None
    stored: str = ""
    picked_from: str = ""
    picked: str = ""
    settings: dict[str, float | str] = {}
    loop_s: float | None = None
    start_s: float | None = None
    undo: tuple[str, ...] = ()
    protect: tuple[tuple[float, float], ...] = ()
    after: str = ""

    def sound(self, folder: Path) -> Path:
        """Where the sound lies; a picked file is looked up anew, in case the folder changed."""
        if self.stored:
            return folder / self.stored
        return picker.find(Path(self.picked_from), self.picked)

    def save(self, folder: Path) -> None:
        """Write it into its folder."""
        write_whole(folder / REQUEST, self.model_dump_json())

    @classmethod
    def load(cls, folder: Path) -> JobRequest:
        """The request that was saved in a folder."""
        return cls.model_validate_json((folder / REQUEST).read_bytes())


class State(BaseModel):
    """How far a job is. share: 0 to 1. sounds: whether its excerpts can be heard."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    status: Status = "waiting"
    share: float = 0.0
    message: str = ""
    verdict: str = ""
    sounds: bool = False

    def save(self, folder: Path) -> None:
        """Write it into its folder."""
        write_whole(folder / STATE, self.model_dump_json())

    @classmethod
    def load(cls, folder: Path) -> State:
        """The state that lies in a folder."""
        return cls.model_validate_json((folder / STATE).read_bytes())
