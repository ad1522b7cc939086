"""A data file: found, read, laid over the one it extends, checked and written.

All are TOML, shipped or the user's own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from asmrmaster.audio.regular import read_regular
from asmrmaster.errors import PresetError, WrongTypeError
from asmrmaster.presets.toml import parse
from asmrmaster.presets.validation import unknown, validate
from asmrmaster.stages import FORMER_NAMES, STAGES, current_name

MOST_BYTES = 1_000_000
"""A profile of all there is has 40 kB."""

_HERE = Path(__file__).resolve().parents[1]
SHIPPED = _HERE / "data" if (_HERE / "data").is_dir() else _HERE.parent / "presets"
"""Where the shipped data lies: inside an installed package, or beside it in a checkout."""


class Document(BaseModel):
    """What every data file starts with."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    folder: ClassVar[str]
    """Folder of the shipped ones, below ``presets/``."""
    kind: ClassVar[str]
    """What it is called in messages."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", description="short name")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$", description="semantic version")]
    title: Annotated[str, Field(description="a few plain words")]
    when: Annotated[str, Field(description="one sentence on when to use it")]
    sha256: Annotated[str, Field(description="hash of the resolved data")] = ""

    def reference(self) -> dict[str, str]:
        """What a report says of it: id, version and hash."""
        return {"id": self.id, "version": self.version, "sha256": self.sha256}

    @classmethod
    def load(
        cls, name: str | os.PathLike[str], settings: Mapping[str, object] | None = None
    ) -> Self:
        """A shipped one by name, or one of your own by the path of its TOML file.

        Parameters
        ----------
        name : str or os.PathLike
            ``names()`` lists those that are shipped.
        settings : mapping, optional
            Values by dotted key that replace those of the file.

        Raises
        ------
        PresetError
            Where there is no such file, or a key or value in it is wrong; with the likely one.

        Examples
        --------
        >>> from asmrmaster import Preset
        >>> Preset.load("whisper", {"target.integrated_lufs": -26}).target.integrated_lufs
        -26.0
        """
        return load(cls, name, settings)

    @classmethod
    def names(cls) -> list[str]:
        """Names of the shipped ones, in alphabetical order.

        Examples
        --------
        >>> from asmrmaster import Profile
        >>> Profile.names()
        ['general', 'misophonia', 'sensory', 'sleep', 'trauma']
        """
        return shipped(cls)

    def hashed(self) -> Self:
        """This document with the hash of its own content."""
        canonical = self.model_dump_json(exclude={"sha256"})
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return self.model_copy(update={"sha256": digest})


D = TypeVar("D", bound=Document)


def shipped(kind: type[D]) -> list[str]:
    """Names of the shipped documents of a kind, in alphabetical order."""
    return sorted(path.stem for path in (SHIPPED / kind.folder).glob("*.toml"))


def load(
    kind: type[D], name: str | os.PathLike[str], overrides: Mapping[str, object] | None = None
) -> D:
    """A document by shipped name or path, with values replaced by dotted key.

    Raises PresetError naming the file and key when it does not exist or is wrong.
    """
    if not isinstance(name, str | os.PathLike):
        raise WrongTypeError(f"the {kind.kind}", name, "a name or a path")
    path = _locate(kind, os.fspath(name))
    data = _parse(path)
    data = _inherit(kind, data, path)
    return _resolved(kind, data, overrides, path.name)


def given(
    kind: type[D],
    document: str | os.PathLike[str] | D,
    overrides: Mapping[str, object] | None = None,
) -> D:
    """A document that is named, lies in a file, or is at hand; see ``load``.

    Raises WrongTypeError for anything else.
    """
    if isinstance(document, kind):
        if not overrides and document.sha256:
            return document
        data = {key: x for key, x in _as_tables(document).items() if key != "sha256"}
        return _resolved(kind, data, overrides, document.id)
    if isinstance(document, str | os.PathLike):
        return load(kind, document, overrides)
    needed = f"a name, a path or a {kind.__name__}"
    raise WrongTypeError(f"the {kind.kind}", document, needed, hint=_known(kind))


def _known(kind: type[Document]) -> str:
    return f"Shipped are: {', '.join(shipped(kind))}"


def _resolved(
    kind: type[D], data: dict[str, Any], overrides: Mapping[str, object] | None, subject: str
) -> D:
    """The document these tables hold, with values replaced, checked and hashed."""
    settings = (overrides or {}).items()
    # Turning a stage on or off comes last, so that nothing depends on the order of settings.
    for key, value in sorted(settings, key=lambda one: FORMER_NAMES.get(one[0], one[0]) in STAGES):
        _replace(data, key, value)
    resolved = validate(kind, data, where="", subject=subject)
    return resolved.hashed()


def _as_tables(value: Any) -> Any:
    """What a document holds as nested tables; what no table holds, such as an effect, as it is."""
    if isinstance(value, BaseModel):
        return {key: _as_tables(getattr(value, key)) for key in type(value).model_fields}
    if isinstance(value, dict):
        return {key: _as_tables(one) for key, one in value.items()}
    return value


def _locate(kind: type[Document], name: str | Path) -> Path:
    given = Path(name)
    inside = SHIPPED / kind.folder / f"{name}.toml"
    try:
        if given.suffix != ".toml" and given.name == str(name) and inside.is_file():
            return inside
        if given.is_file():
            return given
    except OSError as error:  # a name that is too long, a folder that may not be entered
        raise PresetError(f"cannot be read: {error.strerror}", subject=name) from None
    if given.suffix == ".toml" or given.name != str(name):
        raise PresetError(f"there is no such {kind.kind} file", subject=name)
    raise PresetError(unknown(kind.kind, str(name), shipped(kind)))


def _parse(path: Path) -> dict[str, Any]:
    try:
        data = read_regular(path, MOST_BYTES)
    except OSError as error:
        raise PresetError(f"cannot be read: {error.strerror}", subject=path) from None
    return _tables(data, path)


def _tables(text: bytes, path: Path) -> dict[str, Any]:
    """The tables in a TOML text that is, or will be, this file."""
    try:
        tables = parse(text)
    except ValueError as error:  # damaged, not UTF-8, absurd numbers, too deep
        raise PresetError(f"is not readable TOML: {error}", subject=path.name) from None
    return _current(tables)


def _current(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables with former names of stages replaced."""
    found = {current_name(key): value for key, value in tables.items()}
    stages = found.get("stages")
    if isinstance(stages, dict):
        found["stages"] = {current_name(key): value for key, value in stages.items()}
    return found


def _inherit(
    kind: type[Document], data: dict[str, Any], path: Path, below: tuple[Path, ...] = ()
) -> dict[str, Any]:
    """Lay ``data`` over the document it extends. An override of a criterion states a reason.

    below: the documents that extend this one, so that a circle is seen.
    """
    if "extends" not in data:
        return data
    name = data.pop("extends")
    if not isinstance(name, str):
        raise PresetError("extends must be a name or a path", subject=path.name)
    base_path = _locate(kind, name)
    if base_path.resolve() in (*below, path.resolve()):
        raise PresetError(f"extends {name}, which leads back to itself", subject=path.name)
    base = _inherit(kind, _parse(base_path), base_path, (*below, path.resolve()))
    criteria = _table(base, "criteria", base_path)
    dropped = data.pop("drop", [])
    if not isinstance(dropped, list):
        raise PresetError("drop must be a list of criteria", subject=path.name)
    for key in map(str, dropped):
        _movable(key, path)
        if key not in criteria:
            raise PresetError(f"drop: {unknown('criterion', key, criteria)}", subject=path.name)
        del criteria[key]
    overrides = _table(data, "override", path)
    data.pop("override", None)
    for key in overrides:
        if key not in criteria:
            raise PresetError(unknown("criterion", key, criteria), subject=path.name)
        _movable(key, path)
        changed = {**_table(criteria, key, base_path), **_table(overrides, key, path)}
        reason = changed.pop("reason", "")
        if not reason:
            raise PresetError(f"override {key} must state a reason", subject=path.name)
        changed["rationale"] = f"{changed.get('rationale', '')} Here: {reason}"
        criteria[key] = changed
    criteria = {**criteria, **_table(data, "criteria", path)}
    merged = {**base, **data}
    if criteria:
        merged["criteria"] = criteria
    return merged


FIXED = ("C4",)
"""Criteria nobody may move: what may not be promised does not depend on who listens."""


def _movable(key: str, path: Path) -> None:
    if key in FIXED:
        raise PresetError(f"{key} cannot be changed or dropped", subject=path.name)


def _table(data: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    """The table of this name, empty where there is none; PresetError where it is something else."""
    found = data.get(key, {})
    if not isinstance(found, dict):
        raise PresetError(f"{key} must be a table", subject=path.name)
    return dict(found)


def _replace(data: dict[str, Any], key: str, value: object) -> None:
    """Set a dotted key (``limiter.hold_ms``, ``highpass.cutoff_hz``) in nested tables."""
    first, *rest = key.split(".")
    parts = [current_name(first), *rest]
    if parts[0] in STAGES:
        parts = ["stages", *parts]
    for part in parts[:-1]:
        if data.get(part) in (True, "on", False, "off"):
            data[part] = {}
        data = data.setdefault(part, {})
        if not isinstance(data, dict):
            raise PresetError(f"--set {key}: {part} has no parameters")
    if len(parts) == 2 and parts[0] == "stages" and value in (True, "on"):
        value = data.get(parts[-1], value)  # with the parameters that were set
        value = True if value in (False, "off") else value
    data[parts[-1]] = value


def write_copy(kind: type[Document], base: str, name: str, path: Path) -> Path:
    """Write a copy of a shipped document under a new id, to start one's own from.

    Raises PresetError where the file exists or the id is not a plain name.
    """
    lines = _locate(kind, base).read_text(encoding="utf-8").splitlines(keepends=True)
    copied = "".join(f'id = "{name}"\n' if x.startswith("id =") else x for x in lines)
    return write_new(kind, copied, path)


def write_new(kind: type[Document], text: str, path: Path) -> Path:
    """Write a new document, checked first; PresetError where it is wrong or the file exists."""
    tables = _inherit(kind, _tables(text.encode("utf-8", "replace"), path), path)
    validate(kind, tables, where="", subject=path.name)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise PresetError("exists already", subject=path, hint="Choose another name") from None
    except OSError as error:
        raise PresetError(f"cannot be written: {error.strerror}", subject=path) from None
    return path
