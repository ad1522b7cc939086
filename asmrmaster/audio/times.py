"""Times as people write them, read and printed in one place.

Written are seconds (``92.5``), or minutes or hours before them (``1:32.5``, ``1:01:32.5``).
"""

from __future__ import annotations

import re

from asmrmaster.errors import ParameterError

HOW_TO_WRITE = "Write times as 92.5 or 1:32.5, and spans as 1:32.5-1:33"
LONGEST_S = 1e6
"""No recording is longer, in seconds."""

_TIME = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,7}(?:\.\d{0,9})?)")
_SHOWN_CHARACTERS = 40


def read_time(text: str) -> float:
    """A time as typed, in seconds. Raises ParameterError.

    >>> read_time("92.5"), read_time("15:00"), read_time("1:01:32.5")
    (92.5, 900.0, 3692.5)
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise ParameterError(f"{shortened(text)} is no time", hint=HOW_TO_WRITE)
    hours, minutes, seconds = found.groups()
    if (minutes and float(seconds) >= 60) or (hours and int(minutes) >= 60):
        raise ParameterError(f"{shortened(text)} has 60 or more where minutes or hours begin anew")
    time_s = in_seconds(int(hours or 0), int(minutes or 0), float(seconds))
    if time_s > LONGEST_S:
        raise ParameterError(f"{shortened(text)} lies beyond every recording")
    return time_s


def in_seconds(hours: float, minutes: float, seconds: float) -> float:
    """Hours, minutes and seconds as seconds."""
    return hours * 3600 + minutes * 60 + seconds


def clock(seconds: float, decimals: int = 1, *, hours: bool = False) -> str:
    """A time as it is printed; ``hours`` prints them even where there are none.

    >>> clock(41.25), clock(3723.4), clock(90, 0), clock(32, 3, hours=True)
    ('0:41.2', '1:02:03.4', '1:30', '0:00:32.000')
    """
    parts = 10**decimals
    whole, part = divmod(round(seconds * parts), parts)
    minutes = whole // 60
    long = hours or minutes >= 60
    head = f"{minutes // 60}:{minutes % 60:02d}" if long else f"{minutes}"
    tail = f".{part:0{decimals}d}" if decimals else ""
    return f"{head}:{whole % 60:02d}{tail}"


def duration(seconds: float) -> str:
    """A length in words, to the second: what a file lasts.

    >>> duration(3723), duration(0.25)
    ('1 h 2 min 3 s', '0.2 s')
    """
    whole = round(seconds)
    parts = [(whole // 3600, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or f"{seconds:.1f} s"


def about(seconds: float) -> str:
    """A length in words, as roughly as people say it: what work takes.

    >>> about(8.04), about(42), about(185), about(7500)
    ('8.0 s', '42 s', '3 min', '2 h 5 min')
    """
    if seconds < 99.5:
        return f"{seconds:.0f} s" if seconds >= 9.5 else f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def shortened(text: str) -> str:
    """A text as typed, quoted, so that a whole file does not end up in a message."""
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…")
