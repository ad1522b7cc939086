"""What shipped presets, profiles and EQ curves do to sound, frozen: no silent change to a library.

    python -m tests.freeze               freeze what is new or has a new version
    python -m tests.freeze --unreleased  freeze all: what is frozen was never released

A library is made over years, and its masters must not change because asmrmaster was brought up to
date. So what each document makes of a few sounds is kept in ``tests/golden``, and ``test_freeze``
fails where it is another and the document still has the version it had. The cure is a new version,
never a wider tolerance.

Hashes of masters would differ with the processor and the versions of numpy and scipy. Instead a
master is kept as a *sketch*: the products of each tenth of a second with a few fixed random vectors
(Johnson and Lindenstrauss, Contemporary Mathematics 26, 1984), from which the level of the
difference between two sounds follows without either. It is compared far below what can be heard,
and far above what rounding does; whatever stands so near to a decision that rounding could tip it
is refused when it is frozen.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import soundfile

from asmrmaster import engine
from asmrmaster.presets import DeliveryTarget, Document, EqCurve, Preset, Profile, load, shipped
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.report import Report, rescore
from asmrmaster.streams.audio import Audio
from tests import frozen_sounds
from tests.frozen_sounds import RATE_HZ
from tests.signals import Array

GOLDEN = Path(__file__).with_name("golden")
KINDS: tuple[type[Document], ...] = (Preset, Profile, EqCurve, DeliveryTarget)
SAME_DB = -70.0
"""The difference of two sounds may reach this in any second, relative to the whole: below hearing
where the programme is at 60 dB SPL."""
SAME = {"lufs": 0.02, "lu": 0.02, "dbtp": 0.02, "dbfs": 0.02, "db": 0.02, "s": 0.02}
"""How far a value may be off, by the unit its name ends in …"""
SAME_SHARE = 1e-3
"""… and in relation to itself, where the unit is another."""
NOTHING_DB = -130.0
"""Levels below are alike: they are what rounding leaves."""
STEP_S = 0.1
VECTORS = 4
ROUNDING = 3e-8
"""Noise that is added to see whether a result stands on an edge: -150 dBFS."""

Frozen = dict[str, Any]


# --- sketches -------------------------------------------------------------------------------------


def sketch(sound: Array, rate_hz: int) -> Array:
    """A sound, shape (frames, channels), as products of shape (tenths of a second, channels, 4)."""
    step = round(STEP_S * rate_hz)
    sound = np.pad(sound, ((0, -len(sound) % step), (0, 0)))
    steps = sound.reshape(-1, step, sound.shape[1]).swapaxes(1, 2)
    result: Array = steps @ _vectors(step)
    return result


@cache
def _vectors(step: int) -> Array:
    """Columns of +1 and -1, scaled so that a product has the RMS of the sound."""
    signs = np.random.RandomState(2).randint(0, 2, (step, VECTORS)) * 2.0 - 1
    result: Array = signs / np.sqrt(step)
    return result


def apart_db(one: Array, other: Array) -> float:
    """Level of the difference of two sketched sounds in its loudest second, relative to ``one``."""
    if one.shape != other.shape:
        return 0.0
    second = round(1 / STEP_S)
    squares = ((one - other) ** 2).mean(axis=(1, 2))
    loudest = max(squares[first : first + second].mean() for first in range(len(squares)))
    return float(10 * np.log10(max(loudest, 1e-30) / max((one**2).mean(), 1e-30)))


def _kept(products: Array) -> str:
    return base64.b64encode(products.astype("<f4").tobytes()).decode()


def _read(kept: str, like: Array) -> Array:
    found: Array = np.frombuffer(base64.b64decode(kept), "<f4").astype(np.float64)
    return found.reshape(like.shape) if found.size == like.size else np.zeros((0, 0, 0))


# --- what a document does -------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What a document did to one sound: figures, words, and the sound it made, if any."""

    figures: Mapping[str, float | None]
    words: Mapping[str, str]
    sketch: Array | None = None

    def data(self) -> Frozen:
        """As it is kept."""
        rounded = {k: None if v is None else float(f"{v:.7g}") for k, v in self.figures.items()}
        data: Frozen = {"figures": rounded, "words": dict(self.words)}
        return data if self.sketch is None else {**data, "sketch": _kept(self.sketch)}

    def against(self, frozen: Frozen) -> list[str]:
        """What is other than it was frozen, in words."""
        found = []
        for name, was in frozen["figures"].items():
            now = self.figures.get(name)
            if not _same(name, was, now):
                found.append(f"{name} was {was}, is {now}")
        for name, was in frozen["words"].items():
            if self.words.get(name) != was:
                found.append(f"{name} was {was}, is {self.words.get(name)}")
        if self.sketch is not None:
            apart = apart_db(_read(frozen["sketch"], self.sketch), self.sketch)
            if apart > SAME_DB:
                found.append(f"the sound differs by {apart:.0f} dB")
        return found


def _same(name: str, was: float | None, now: float | None) -> bool:
    if was is None or now is None:
        return was is now
    unit = name.rpartition("_")[2]
    if unit in ("dbfs", "dbtp"):
        was, now = max(was, NOTHING_DB), max(now, NOTHING_DB)
    return abs(now - was) <= SAME.get(unit, SAME_SHARE + SAME_SHARE * abs(was))


def results(document: Document, noise: float = 0.0) -> dict[str, Result]:
    """What a document does to each of its sounds. noise: full scale, laid on them first."""
    return dict(_DOES[type(document)](document, noise))


def _takes(noise: float) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        for make in (frozen_sounds.whispering, frozen_sounds.tapping):
            yield make.__name__, _written(make(), Path(folder, f"{make.__name__}.wav"), noise)


def _written(sound: Array, path: Path, noise: float) -> Path:
    sound = sound + noise * np.random.RandomState(3).standard_normal(sound.shape)
    soundfile.write(path, sound, RATE_HZ, "DOUBLE")
    return path


def _preset(document: Document, noise: float) -> Iterator[tuple[str, Result]]:
    for name, take in _takes(noise):
        recipe = load_recipe(document.id)
        report = engine.master(take, take.with_name(f"{name}.master.wav"), recipe=recipe)
        assert report.output is not None
        assert report.ride is not None
        master, rate_hz = soundfile.read(report.output.path, always_2d=True)
        ride = report.ride.model_dump(include={"min_db", "max_db"})
        yield name, Result({**report.after.values, **ride}, {}, sketch(master, rate_hz))


def _profile(document: Document, noise: float) -> Iterator[tuple[str, Result]]:
    report = rescore(_checked(noise), cast(Profile, document))
    quantities = sorted({one.quantity for one in report.findings})
    values = {name: report.after.values.get(name) for name in quantities}
    states = {one.criterion: one.state for one in report.findings}
    yield "programme", Result(values, {**states, "verdict": report.verdict})


@cache
def _checked(noise: float) -> Report:
    """The programme, heard once for all profiles."""
    with tempfile.TemporaryDirectory() as folder:
        path = _written(frozen_sounds.programme(), Path(folder, "programme.wav"), noise)
        return engine.check(path)


def _eq_curve(document: Document, noise: float) -> Iterator[tuple[str, Result]]:
    sound = frozen_sounds.whispering(2.0)
    toned = cast(EqCurve, document).equalize(Audio.from_array(sound, RATE_HZ))
    yield "whispering", Result({}, {}, sketch(np.concatenate(list(toned.open())), RATE_HZ))


def _nothing(document: Document, noise: float) -> Iterator[tuple[str, Result]]:
    """A destination's limits are its data; what is made for it depends on encoders."""
    return iter(())


_DOES: dict[type[Document], Callable[[Document, float], Iterator[tuple[str, Result]]]] = {
    Preset: _preset, Profile: _profile, EqCurve: _eq_curve, DeliveryTarget: _nothing,
}  # fmt: skip


# --- freezing -------------------------------------------------------------------------------------


def documents() -> list[Document]:
    """All that is shipped."""
    return [load(kind, name) for kind in KINDS for name in shipped(kind)]


def golden(document: Document) -> Path:
    """Where a document's results are kept."""
    return GOLDEN / f"{document.folder}-{document.id}.json"


def changed(document: Document, frozen: Frozen) -> list[str]:
    """What a document holds or does that it did not when it was frozen, in words."""
    found = [] if document.sha256 == frozen["sha256"] else ["its data is another"]
    now = results(document)
    for name, was in frozen["results"].items():
        found += [f"{name}: {one}" for one in now[name].against(was)]
    return found


def cure(document: Document) -> str:
    """What to do about it."""
    where = f"presets/{document.folder}/{document.id}.toml"
    return f"If that is meant, raise the version in {where}, then run: python -m tests.freeze"


def freeze(document: Document, *, unreleased: bool) -> str:
    """Keep what a document does; a sentence on what was done. ValueError where it may not be."""
    path, named = golden(document), f"{document.kind} {document.id} {document.version}"
    frozen: Frozen = json.loads(path.read_text()) if path.exists() else {}
    if frozen.get("version") == document.version and not (changes := changed(document, frozen)):
        return f"{named}: as it was"
    if frozen.get("version") == document.version and not unreleased:
        raise ValueError(f"{named}: {'; '.join(changes)}. {cure(document)}")
    now = {name: one.data() for name, one in results(document).items()}
    for name, one in results(document, ROUNDING).items():
        if edges := one.against(now[name]):
            raise ValueError(f"{named}: {name} stands on an edge: {'; '.join(edges)}")
    data = {**document.reference(), "results": now}
    GOLDEN.mkdir(exist_ok=True)
    path.write_text(json.dumps(data, indent=1) + "\n")
    return f"{named}: frozen"


def main() -> None:
    """Freeze; exit 1 where something may not be frozen."""
    refused = False
    for document in documents():
        try:
            print(freeze(document, unreleased="--unreleased" in sys.argv[1:]))
        except ValueError as error:
            refused = True
            print(error)
    for path in set(GOLDEN.glob("*.json")) - {golden(document) for document in documents()}:
        print(f"{path.name}: removed, nothing of this name is shipped any more")
        path.unlink()
    sys.exit(refused)


if __name__ == "__main__":
    main()
