"""What people who listened say of the moments of a report, kept beside each other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from asmrmaster.errors import ParameterError
from asmrmaster.presets import Profile
from asmrmaster.presets.validation import validate
from asmrmaster.report import Judgement, Report, rescore, with_judgements
from asmrmaster.report.answered import NAME_CHARACTERS, NOTE_CHARACTERS
from asmrmaster.views.phrases import visible
from asmrmaster.web.job_files import write_whole

JUDGEMENTS = "judgements.json"
MOST_PLACES, MOST_KEPT, MOST_PLAYED = 40, 1000, 999


def record(folder: Path, form: Mapping[str, Sequence[str]]) -> tuple[Judgement, ...]:
    """Keep what a form says, after all that was said before; nothing is replaced.

    Raises ParameterError where a name or every judgement is missing, or PresetError where one
    cannot be.
    """
    who = " ".join(visible("".join(form.get("by", []))).split())
    if not who or len(who) > NAME_CHARACTERS:
        raise ParameterError(f"give your name, in up to {NAME_CHARACTERS} characters")
    when = datetime.now(UTC).isoformat(timespec="seconds")
    said = []
    for k in range(MOST_PLACES):
        if answer := _one(form, f"answer{k}"):
            data = {
                "who": who,
                "when": when,
                "at_s": _number(_one(form, f"at{k}")),
                "answer": answer,
                "note": visible(_one(form, f"note{k}"))[:NOTE_CHARACTERS].strip(),
                "gently": min(MOST_PLAYED, int(_number(_one(form, f"gently{k}")))),
                "as_it_is": min(MOST_PLAYED, int(_number(_one(form, f"plain{k}")))),
            }
            said.append(validate(Judgement, data, where="judgement"))
    if not said:
        raise ParameterError("judge at least one moment: welcome, unsure or unwelcome")
    kept = (*recorded(folder), *said)
    if len(kept) > MOST_KEPT:
        raise ParameterError(f"no more than {MOST_KEPT} judgements are kept of one file")
    write_whole(folder / JUDGEMENTS, json.dumps([one.model_dump(mode="json") for one in kept]))
    return tuple(said)


def _one(form: Mapping[str, Sequence[str]], name: str) -> str:
    return "".join(form.get(name, [])[:1])


def _number(text: str) -> float:
    try:
        return float(text or 0)
    except ValueError:
        raise ParameterError(f"{visible(text[:20])!r} is not a number") from None


def recorded(folder: Path) -> tuple[Judgement, ...]:
    """What was said in a job's folder."""
    path = folder / JUDGEMENTS
    if not path.is_file():
        return ()
    return tuple(Judgement.model_validate(one) for one in json.loads(path.read_bytes()))


def with_judged(
    report: Report, said: Sequence[Judgement], profile: Profile, by: str = "", on: str = ""
) -> Report:
    """The report judged by ``profile`` and by what people said. by, on: who changed the profile."""
    found = with_judgements(report, said, profile)
    return rescore(found, profile, by, on)
