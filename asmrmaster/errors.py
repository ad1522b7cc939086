"""Every error asmrmaster raises on purpose.

    AsmrmasterError
    ├── InputError          this sound cannot be used (missing, damaged, silent, too short …)
    ├── OutputError         this result cannot be written (exists, no space, no permission …)
    ├── PresetError         this preset, profile, EQ curve or other data file is wrong
    ├── ParameterError      this value is out of its range (also a ValueError)
    ├── WrongTypeError      this is no such thing as is asked for (also a TypeError)
    └── ReportError         this report cannot be read or judged again

Errors are raised low, with the offending value and what is allowed, and are turned into one line
of text once, at the edge (command line or page). A message says what happened; ``hint`` says what
the reader can do about it.
"""

from __future__ import annotations


class AsmrmasterError(Exception):
    """Base of all errors a user can cause or cure.

    ``subject`` is the file or name the error is about, ``hint`` what to do next; both may be empty.
    ``exit_code`` is how the command line ends that it stops.
    """

    exit_code = 2

    def __init__(self, message: str, *, subject: object = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.subject = str(subject)
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.subject}: {self.message}" if self.subject else self.message
        return one_line(f"{head}. {self.hint}" if self.hint else head)


def one_line(text: str) -> str:
    """Text with all that would move a terminal escaped: hostile files choose some of the words."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class InputError(AsmrmasterError):
    """The sound cannot be used."""


class OutputError(AsmrmasterError):
    """The result cannot be written."""


class PresetError(AsmrmasterError):
    """A data file (preset, profile, EQ curve …) is wrong."""


class ParameterError(AsmrmasterError, ValueError):
    """A value is out of its range."""


class WrongTypeError(AsmrmasterError, TypeError):
    """An argument is of a type that nothing can be made of; for callers from Python.

    what: the argument in words. given: what came instead, or a text that says what. needed: what
    is taken.
    """

    def __init__(self, what: str, given: object, needed: str, *, hint: str = "") -> None:
        came = given if isinstance(given, str) and " " in given else type(given).__name__
        super().__init__(f"{what} has to be {needed}, not {came}", hint=hint)


class ReportError(AsmrmasterError):
    """A report cannot be read or judged again."""


class AlteredReportError(ReportError):
    """A report contradicts itself: it was changed after it was made."""


def missing_extra(extra: str, error: ImportError) -> OutputError:
    """The error where an optional package is not installed.

    extra: which of this package's extras brings it.
    """
    return OutputError(
        f"{error.name} is not installed",
        hint=f"Install it with: pip install 'asmrmaster[{extra}]'",
    )
