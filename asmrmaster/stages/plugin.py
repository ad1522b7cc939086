"""A creator's own VST3 plugin, or any effect or board of pedalboard, which only this file imports.

It runs after repair, so that it gets clean sound, and before the tone stages, so that offset or
rumble it may add is filtered out. What it does to the sound is its own affair: asmrmaster holds it
to the length of the take and to its place in time, measures the result as any other sound, and
lists it in the report as outside of what it answers for.

Plugins want blocks of one size and keep state from block to block; pedalboard takes the latency a
plugin reports off the front. What a plugin does not report is measured here with a burst of noise.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from asmrmaster.dsp.windows import Windows
from asmrmaster.errors import OutputError, ParameterError
from asmrmaster.stages.base import Edit, EditLog, Stage, no_log
from asmrmaster.streams.audio import Audio, Block

Array = NDArray[np.float64]

BLOCK = 8192
FLUSH_S = 10.0
"""A plugin may hold back this much and no more."""
PROBE_S, PROBE_LEVEL = 0.5, 0.05
"""A burst this long and this loud (RMS of full scale 1) tells how late a plugin is."""
FARTHEST_S = 0.25
ALIKE = 0.3
"""Correlation above which the burst is recognised in what comes out."""
_MATHS = {"win32": "ucrtbase", "darwin": "libSystem.dylib"}.get(sys.platform, "libm.so.6")


class Effect(Protocol):
    """What is asked of a plugin; every pedalboard effect is one."""

    def process(
        self, input_array: NDArray[Any], sample_rate: float, buffer_size: int, reset: bool
    ) -> NDArray[np.float32]:
        """Samples (channels, frames) after the effect; fewer while it holds some back."""

    def reset(self) -> None:
        """Forget all sound that went through so far."""


def described(effect: object) -> str:
    """An effect in words: what it is and how it is set, without where it lies in memory."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(effect)) if effect is not None else ""


class Plugin(Stage):
    """Run a VST3 plugin, or an effect of pedalboard, over the sound; without one nothing happens.

    Examples
    --------
    >>> import numpy as np, pedalboard
    >>> from asmrmaster import Plugin
    >>> board = pedalboard.Pedalboard([pedalboard.HighShelfFilter(6_000, -2), pedalboard.Gain(-6)])
    >>> Plugin(effect=board)(np.zeros((48_000, 2)), 48_000).shape
    (48000, 2)
    """

    name: ClassVar[str] = "plugin"
    title: ClassVar[str] = "Run a plugin of your own"
    done: ClassVar[str] = "changed by your own plugin"

    path: Annotated[str, Field(description="VST3 file or bundle; empty: none")] = ""
    plugin_name: Annotated[str, Field(description="which one, of a file that holds several")] = ""
    parameters: Annotated[
        dict[str, bool | float | str], Field(description="its parameters by name, as it calls them")
    ] = Field(default_factory=dict)
    effect: SkipJsonSchema[
        Annotated[
            Any,
            PlainSerializer(described, return_type=str),
            Field(description="instead of a path, from Python: a pedalboard.Plugin or Pedalboard"),
        ]
    ] = None

    @field_validator("path", mode="before")
    @classmethod
    def _as_text(cls, path: object) -> object:
        return os.fspath(path) if isinstance(path, os.PathLike) else path

    @field_validator("effect")
    @classmethod
    def _runs(cls, effect: Any) -> Any:
        if effect is None or effect == "":
            return None
        if isinstance(effect, type) or not all(
            callable(getattr(effect, needed, None)) for needed in ("process", "reset")
        ):
            raise ValueError(
                f"a pedalboard.Plugin or Pedalboard is needed, not {type(effect).__name__}"
            )
        if getattr(effect, "is_instrument", False):
            raise ValueError("is an instrument, and an effect is needed")
        return effect

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.path and self.effect is not None:
            raise ValueError("give a path or an effect, not both")
        return self

    @model_serializer(mode="wrap")
    def _as_data(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        if not data["effect"]:
            del data["effect"]
        return data

    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound after the plugin. Raises ParameterError where it cannot be loaded."""
        if self.effect is not None:
            return hosted(audio, self.effect, type(self.effect).__name__, log)
        if not self.path:
            return audio
        return hosted(audio, self._load(), self.path, log)

    def _load(self) -> Effect:
        import pedalboard  # late: it takes a tenth of a second, and few takes meet a plugin

        try:
            host: Any = pedalboard
            with _kept_apart():
                effect = host.load_plugin(
                    self.path, self.parameters, plugin_name=self.plugin_name or None
                )
        except (ImportError, RuntimeError, ValueError, TypeError, AttributeError) as error:
            reason = " ".join(str(error).split())
            raise ParameterError(f"is not loaded: {reason}", subject=self.path) from None
        if getattr(effect, "is_instrument", False):
            raise ParameterError("is an instrument, and an effect is needed", subject=self.path)
        loaded: Effect = effect
        return loaded


def hosted(audio: Audio, effect: Effect, name: str, log: EditLog = no_log) -> Audio:
    """The sound after an effect: as many frames, and in time with what went in.

    name: what it is called in messages. Raises OutputError while streaming where the effect drops
    sound, is late by changing amounts, or gives NaN or infinity.
    """

    def blocks() -> Iterator[Block]:
        late = _measured_lag(effect, audio, name)
        log(_edit(audio, name, late))
        yield from _aligned(effect, audio, late or 0, name)

    return Audio(audio.rate, audio.channels, audio.frames, blocks)


@contextmanager
def _kept_apart() -> Iterator[None]:
    """While this lasts a plugin may print and set up the processor as it likes: it stays there."""
    with _kept_off_stdout(), _kept_arithmetic():
        yield


@contextmanager
def _kept_arithmetic() -> Iterator[None]:
    """Put the rounding of the processor back afterwards.

    Libraries built for speed switch it to take the smallest numbers for 0 as soon as they are
    loaded, for everything else in the program, too.
    """
    try:
        library = ctypes.CDLL(_MATHS)
        keep, restore = library.fegetenv, library.fesetenv
    except (OSError, AttributeError):  # C99, but not everywhere by this name
        yield
        return
    state = ctypes.create_string_buffer(256)  # an fenv_t takes 32 bytes at most
    keep(state)
    try:
        yield
    finally:
        restore(state)


@contextmanager
def _kept_off_stdout() -> Iterator[None]:
    """While this lasts, what a plugin prints goes to standard error; the output is for results."""
    try:
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(2, 1)
    except (OSError, ValueError, AttributeError):  # one of the two is closed
        yield
        return
    try:
        yield
    finally:
        if os.name == "posix":
            ctypes.CDLL(None).fflush(None)  # what it printed waits in C's own buffer
        os.dup2(kept, 1)
        os.close(kept)


def _edit(audio: Audio, name: str, late: int | None) -> Edit:
    measured = "" if late is not None else "; how late it is could not be measured"
    return Edit(
        Plugin.name,
        0.0,
        audio.duration_s,
        0.0,
        f"changed by {name} in its own way, which asmrmaster does not answer for{measured}",
        evidence=() if late is None else (("unreported_latency_frames", float(late)),),
    )


def _aligned(effect: Effect, audio: Audio, late: int, name: str) -> Iterator[Block]:
    """What comes out, ``late`` frames earlier than it comes (later where negative), all of it."""
    with _kept_apart():
        effect.reset()
    left, skip = audio.frames, max(0, late)
    if late < 0:
        count = min(-late, left)
        yield np.zeros((count, audio.channels))
        left -= count
    for out in _processed(effect, audio, name):
        block = out[skip : skip + left]
        skip -= min(skip, len(out))
        left -= len(block)
        if len(block):
            yield block
        if not left:
            return
    if left:
        raise OutputError(f"held back {left} frames of the sound for good", subject=name)


def _processed(effect: Effect, audio: Audio, name: str) -> Iterator[Block]:
    """What the effect gives for the sound and for silence after it, in blocks of one size in."""
    windows = Windows(audio.channels, BLOCK, 0, 0, np.float32)
    for block in audio.open():
        for window in windows.feed(block):
            yield _process(effect, window, audio.rate, name)
    for window, _ in windows.finish():
        yield _process(effect, window, audio.rate, name)
    silence = np.zeros((audio.channels, BLOCK), dtype=np.float32)
    for _ in range(-(-round(FLUSH_S * audio.rate) // BLOCK)):
        yield _process(effect, silence, audio.rate, name)


def _process(effect: Effect, window: NDArray[Any], rate_hz: int, name: str) -> Block:
    try:
        with _kept_apart():
            out = effect.process(window.copy(), float(rate_hz), buffer_size=BLOCK, reset=False)
    except (ValueError, RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise OutputError(f"does not run on this sound: {reason}", subject=name) from None
    if out.ndim != 2 or len(out) != len(window):
        raise OutputError(f"turned {len(window)} channels into {out.shape}", subject=name)
    if not np.isfinite(out).all():
        raise OutputError("gave samples that are infinite or not a number", subject=name)
    return out.T.astype(np.float64)


def _measured_lag(effect: Effect, audio: Audio, name: str) -> int | None:
    """How many frames later than reported a burst comes out; None where it is not recognised."""
    rate = audio.rate
    frames, edge = round(PROBE_S * rate), round(FARTHEST_S * rate)
    burst = np.zeros((frames + 2 * edge, audio.channels))
    noise = PROBE_LEVEL * np.random.default_rng(0).standard_normal(frames)
    burst[edge : edge + frames] = noise[:, None]
    probe = Audio.from_array(burst, rate)
    late = _lag(burst, _all(effect, probe, 0, name), edge)
    if late and _lag(burst, _all(effect, probe, late, name), edge) != 0:
        raise OutputError("is late by changing amounts", subject=name)
    return late


def _all(effect: Effect, probe: Audio, late: int, name: str) -> Array:
    return np.concatenate(list(_aligned(effect, probe, late, name)))


def _lag(given: Array, got: Array, farthest: int) -> int | None:
    """Frames from a sound to where it is found in another, both of shape (frames, channels)."""
    x, y = given[:, 0], got.mean(axis=1)
    both = float(np.sqrt(np.sum(x**2) * np.sum(y**2)))
    if not both:
        return None
    size = 2 * len(x)
    match = np.abs(np.fft.irfft(np.fft.rfft(y, size) * np.conj(np.fft.rfft(x, size)), size))
    match = np.concatenate([match[-farthest:], match[: farthest + 1]])
    best = int(match.argmax())
    return best - farthest if match[best] > ALIKE * both else None
