"""What a person declares of a sound on the page, and the file that says the same elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from asmrmaster.declarations.content import TAGS, Content, measure_content
from asmrmaster.errors import ParameterError
from asmrmaster.meters.declared import DECLARED
from asmrmaster.presets import validate
from asmrmaster.report import Report
from asmrmaster.report.declared import as_declared
from asmrmaster.views.phrases import visible
from asmrmaster.web.job_files import write_whole

FILE = "declared.json"
NONE = "none-of-these"
"""The box to tick where none of the listed content is there; nothing ticked says nothing."""
TITLE_CHARACTERS, TEXT_CHARACTERS = 200, 4_000


def record(folder: Path, form: Mapping[str, Sequence[str]]) -> Content:
    """Keep what a form declares. Raises ParameterError or PresetError where it declares nothing,
    or what cannot be."""
    ticked = form.get("tag", [])
    tags = [tag for tag in ticked if tag != NONE]
    if tags and NONE in ticked:
        raise ParameterError("tick what is heard, or that none of it is, not both")
    given: dict[str, object] = {"tags": tags} if ticked else {}
    if forewarning := _text(form, "forewarning"):
        given["forewarning"] = forewarning
    for name, most in (("title", TITLE_CHARACTERS), ("description", TEXT_CHARACTERS)):
        if text := _text(form, name)[:most]:
            given[name] = text
    if not given:
        raise ParameterError("nothing was declared")
    if by := " ".join(_text(form, "declared_by").split())[:TITLE_CHARACTERS]:
        given["declared_by"] = by
    if role := _text(form, "declared_as"):
        given["declared_as"] = role
    given["declared_on"] = datetime.now(UTC).date().isoformat()
    content = validate(Content, given, where="declarations")
    write_whole(folder / FILE, content.model_dump_json())
    return content


def _text(form: Mapping[str, Sequence[str]], name: str) -> str:
    """A field, without what cannot be seen; line ends stay."""
    lines = "".join(form.get(name, [])).splitlines()
    return "\n".join(visible(line) for line in lines).strip()


def recorded(folder: Path) -> Content | None:
    """What was declared in a job's folder, None where nothing was."""
    path = folder / FILE
    return Content.model_validate_json(path.read_bytes()) if path.is_file() else None


def with_content(report: Report, content: Content | None) -> Report:
    """The report with what was declared in its values, to be judged anew; as ``--content`` gives
    it. Who listened stays as it was."""
    if content is None:
        return report
    duration_s = (report.output or report.input).duration_s
    measured = measure_content(content, Path(), duration_s).values
    kept = {"review_points_confirmed", "moments_unwelcome"}
    values = {**report.after.values, **{k: v for k, v in measured.items() if k not in kept}}
    listener = report.declared.reviewed_by if report.declared else ""
    after = report.after.model_copy(update={"values": values})
    return report.model_copy(update={"after": after, "declared": as_declared(content, listener)})


def as_file(content: Content) -> str:
    """The declarations as NAME.content.toml, to lie beside the sound (TOML 1.0; a JSON string is a
    TOML basic string)."""
    lines = ["# Declared on the page of asmrmaster serve. It lies beside the sound it is about."]
    for name in (
        "title",
        "description",
        "declared_by",
        "declared_as",
        "declared_on",
        "forewarning",
    ):
        text = getattr(content, name)
        if text is not None:
            lines.append(f"{name} = {json.dumps(text, ensure_ascii=False)}")
    if content.tags is not None:
        lines.append(f"tags = {json.dumps(list(content.tags))}")
    return "\n".join(lines) + "\n"


def asks(report: Report) -> bool:
    """Whether the profile judges anything a person declares here."""
    here = {q.name for q in DECLARED} - {"review_points_confirmed"}
    return any(finding.quantity in here for finding in report.findings)


__all__ = ["NONE", "TAGS", "as_file", "asks", "record", "recorded", "with_content"]
