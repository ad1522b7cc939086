"""A value against its limits: the one place that says what lies inside, and by how much not."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Bounds(Protocol):
    """Lowest and highest accepted value, either of them None where it does not matter."""

    @property
    def min(self) -> float | None: ...

    @property
    def max(self) -> float | None: ...


class Band(NamedTuple):
    """Plain bounds."""

    min: float | None = None
    max: float | None = None


def over(value: float, limits: Bounds) -> float:
    """By how much a value lies above its upper limit, in its unit; 0 where it does not."""
    return 0.0 if limits.max is None else max(0.0, value - limits.max)


def under(value: float, limits: Bounds) -> float:
    """By how much a value lies below its lower limit, in its unit; 0 where it does not."""
    return 0.0 if limits.min is None else max(0.0, limits.min - value)


def excess(value: float, limits: Bounds) -> float:
    """By how much a value misses its limits on either side, in its unit; 0 inside.

    >>> excess(-1.5, Band(max=-2.0)), excess(-3.0, Band(max=-2.0))
    (0.5, 0.0)
    """
    return max(over(value, limits), under(value, limits))


def is_within(value: float, limits: Bounds, tolerance: float = 0.0) -> bool:
    """Whether a value is accepted. A limit itself is; tolerance: so much beyond it is, too."""
    return excess(value, limits) <= tolerance


def narrowed(limits: Bounds, share: float) -> Band:
    """Limits moved inwards by a share of their size, for what has to keep clear of them."""
    low, high = limits.min, limits.max
    return Band(
        None if low is None else low + share * abs(low),
        None if high is None else high - share * abs(high),
    )


def in_words(limits: Bounds) -> str:
    """What is accepted, without its unit.

    >>> in_words(Band(-26, -18)), in_words(Band(max=-2.0)), in_words(Band())
    ('-26 to -18', 'at most -2', 'reported only')
    """
    if limits.min is not None and limits.max is not None:
        return f"{limits.min:g} to {limits.max:g}"
    if limits.max is not None:
        return f"at most {limits.max:g}"
    return f"at least {limits.min:g}" if limits.min is not None else "reported only"
