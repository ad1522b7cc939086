"""What people read of a verdict: titles, sentences and advice in a language, apart from all limits.

Words are data in ``presets/words``. No profile's hash covers them, so that they can be improved
and translated while every limit stays what it was.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from asmrmaster.presets.documents import SHIPPED
from asmrmaster.presets.validation import validate


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupWords(_Words):
    """A question: what it is called, what it asks, and what is said where nothing is wrong."""

    title: str
    short: Annotated[str, Field(description="head of a narrow column")]
    question: str
    fine: str


class CriterionWords(_Words):
    """A criterion in plain words. ``fine`` and ``wrong`` are empty where it never answers."""

    title: str
    fine: str = ""
    wrong: str = ""
    meaning: Annotated[str, Field(description="what it means to a listener")]
    checker: Annotated[str, Field(description="what somebody who checks does about it")]
    creator: Annotated[str, Field(description="what somebody who makes does about it")]


class Words(_Words):
    """All words of a language."""

    states: Mapping[str, str]
    answers: Mapping[str, str]
    tags: Mapping[str, str]
    groups: Mapping[str, GroupWords]
    criteria: Mapping[str, CriterionWords]


@cache
def words(language: str = "en") -> Words:
    """The words of a language. Raises PresetError where its file is wrong."""
    path = SHIPPED / "words" / f"{language}.toml"
    return validate(Words, tomllib.loads(path.read_text("utf-8")), where="", subject=path.name)
