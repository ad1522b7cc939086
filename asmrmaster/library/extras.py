"""What to say where an optional package is wanted and not installed."""

from __future__ import annotations

from asmrmaster.errors import OutputError


def missing_extra(extra: str, error: ImportError) -> OutputError:
    """The error where an optional package is not installed."""
    return OutputError(
        f"{error.name} is not installed",
        hint=f"Install it with: pip install 'asmrmaster[{extra}]'",
    )
