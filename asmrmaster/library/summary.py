"""How far a run is, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from asmrmaster.library.causes import EXIT_LOST, EXIT_SOME_WITHOUT
from asmrmaster.library.discovery import Problem
from asmrmaster.library.schema import Entry


@dataclass(frozen=True)
class Progress:
    """How far a run is: takes and bytes, done and in all, and seconds since it began."""

    done: int = 0
    takes: int = 0
    bytes_done: int = 0
    bytes: int = 0
    seconds: float = 0.0

    @property
    def share(self) -> float:
        """How much of the bytes is done, from 0 to 1."""
        return self.bytes_done / self.bytes if self.bytes else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds it will probably take, or None at the very beginning."""
        if not self.bytes_done:
            return None
        return self.seconds * (self.bytes - self.bytes_done) / self.bytes_done


@dataclass
class Summary:
    """What came of a run, with every take that did not meet or gave no verdict.

    takes: all that were found, those that could not be looked at included. Each has one verdict, or
    is among ``without``, or was not tried; and each was made, is as it was, has no master, or was
    not tried. failed: names of those the next run tries again by itself. changes: why takes were
    worked on, counted. replaced: masters whose place another took, and where the earlier one is.
    skipped: what was left out of folders, counted. lost: whether storage or scheduler were. verb:
    what was done to the takes.
    """

    takes: int = 0
    made: int = 0
    unchanged: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    against: list[Problem] = field(default_factory=list)
    without: list[Problem] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    changes: Counter[str] = field(default_factory=Counter)
    replaced: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    lost: bool = False
    verb: str = "made"
    not_tried: int = 0
    stopped: str = ""
    seconds: float = 0.0

    @property
    def not_made(self) -> int:
        """Takes that were tried, or could not be, and have no new master."""
        return self.takes - self.made - self.unchanged - self.not_tried

    def count(self, entry: Entry) -> None:
        """Count one take as it stands."""
        if entry.state == "failed":
            self.failed.add(entry.name)
        if entry.state != "done":
            again = " (set aside; --retry tries it again)" if entry.state == "aside" else ""
            self.without.append(Problem(entry.name, entry.cause + again, entry.code))
            return
        self.verdicts[entry.verdict] += 1
        if entry.verdict == "does not meet":
            self.against.append(Problem(entry.name, entry.cause, ""))
        elif entry.verdict == "not assessed":
            self.without.append(Problem(entry.name, f"not assessed: {entry.cause}", ""))

    @property
    def exit_code(self) -> int:
        """0 all meet, 1 at least one does not; 3 some gave no verdict, 6 the way to them was lost.

        See ``causes``.
        """
        if self.lost:
            return EXIT_LOST
        if self.without or self.not_tried or self.stopped:
            return EXIT_SOME_WITHOUT
        return 1 if self.against else 0
