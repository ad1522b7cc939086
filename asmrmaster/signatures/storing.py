"""Where signatures are kept: inside the report, or in a file beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from asmrmaster.audio.regular import read_regular
from asmrmaster.errors import ReportError
from asmrmaster.report.facts import MOST_SIGNATURES, Signature

ENDING = ".signatures.json"
_LARGEST = 2**20


def beside(report: Path) -> Path:
    """The file of detached signatures of a report."""
    return report.with_name(report.name + ENDING)


def read_beside(path: Path) -> tuple[Signature, ...]:
    """Detached signatures; none where there is no such file. Raises ReportError."""
    try:
        found = json.loads(read_regular(path, _LARGEST))
        if not isinstance(found, list) or len(found) > MOST_SIGNATURES:
            raise ValueError("no list of signatures")
        return tuple(Signature.model_validate(one) for one in found)
    except FileNotFoundError:
        return ()
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise ReportError(reason, subject=path) from None
    except (ValueError, RecursionError, ValidationError):
        raise ReportError("holds no signatures that can be read", subject=path) from None


def store(signatures: Iterable[Signature]) -> str:
    """Signatures as the text of a file beside a report."""
    return json.dumps([one.model_dump(mode="json") for one in signatures], indent=2)
