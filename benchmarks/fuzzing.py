"""Everything that reads a file, under a fuzzer that is guided by the lines it reaches.

    python -m benchmarks.fuzzing TARGET [--seconds 300] [--corpus FOLDER]
    python -m benchmarks.fuzzing TARGET FILE

Each target reads one kind of file all the way. Whatever is in it, the reader either understands it,
or refuses it with one of our errors, in one line of printable words. Anything else is a finding:
another exception, a warning, a crash, more than 20 s or 2 GiB. Atheris (pip install '.[fuzz]')
writes the input beside FOLDER and stops; the second form tries one file again, without it. What to
start from, and every finding since mended, lies in ``tests/corpus/TARGET`` and is run by the suite.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "corpus"
SECONDS_EACH, MEMORY_MB, LONGEST_BYTES = 20, 2048, 65_536

Reader = Callable[[Path], object]


class Fault(Exception):
    """A file was refused, but not in words a person can use."""


# --- what is read ---------------------------------------------------------------------------------


def _document(name: str) -> Reader:
    def reads(path: Path) -> object:
        from asmrmaster import presets
        from asmrmaster.views.documents import show

        return show(presets.load(getattr(presets, name), path))

    return reads


def _content(path: Path) -> object:
    from asmrmaster.declarations.content import load_content, measure_content

    return measure_content(load_content(path), path.parent, 600.0, (1.0, 20.0))


def _report(path: Path) -> object:
    from asmrmaster.presets.recipe import load_profile
    from asmrmaster.report import Report, rescore
    from asmrmaster.views import csv, html, junit, markers, phrases, sheet, text

    report = Report.load(path)
    again = rescore(report, cache(load_profile)())
    for one in (report, again):
        shown = text.render(one, full=True) + text.headline(one)
        if phrases.visible(shown.replace("\n", "")) != shown.replace("\n", ""):
            raise Fault("the text would move a terminal")
        csv.render([one])
        junit.render([one])
        html.render(one)
        sheet.render(one)
        for view in (markers.audacity, markers.reaper, markers.audition, markers.times):
            view(one)
    if Report.from_json(report.to_json()) != report:
        raise Fault("the report is another one when it is written and read again")
    return again


def _labels(path: Path) -> object:
    from asmrmaster.edits.label_files import read_labels

    labels = read_labels(path)
    if any(not 0 <= a <= b <= 2e6 for a, b in (label.span for label in labels)):
        raise Fault("a label lies outside of time")
    return labels


def _transcript(path: Path) -> object:
    from asmrmaster.declarations.transcript import decoded, parse_transcript
    from asmrmaster.errors import InputError

    text = decoded(path.read_bytes())
    parse_transcript(text, timed=False)
    with suppress(InputError):
        found = parse_transcript(text, timed=True)
        if not 0 <= (found.speech_s or 0.0) <= found.end_s:
            raise Fault(f"{found.speech_s} s of speech in {found.end_s} s")
    return text


def _sound(path: Path) -> object:
    """Whatever libsndfile, and else FFmpeg, makes of it; and the chunks and tags around it."""
    from asmrmaster.audio import read
    from asmrmaster.audio.chunks import scan
    from asmrmaster.audio.riff_metadata import carried, has_info, left_behind

    take = scan(path)
    carried(take, keep_info=not has_info(take))
    left_behind(take, wav=True)
    return _streamed(read(path).audio)


def _media(path: Path) -> object:
    """What FFmpeg makes of it, be it a film or not."""
    from asmrmaster.audio import container

    return _streamed(container.open_source(path).audio)


def _streamed(audio: object) -> int:
    from asmrmaster.streams.audio import Audio

    assert isinstance(audio, Audio)
    frames = 0
    for block in audio.open():
        if block.shape[1:] != (audio.channels,):
            raise Fault(f"a block of shape {block.shape} in {audio.channels} channels")
        frames += len(block)
    if frames != audio.frames:
        raise Fault(f"{frames} frames came of {audio.frames} promised")
    return frames


def _tags(path: Path) -> object:
    """The tags of a take, on their way into its master."""
    import numpy as np

    from asmrmaster.audio.source import Format, Source
    from asmrmaster.audio.tags import Metadata, finish
    from asmrmaster.streams.audio import Audio

    values = {"integrated_lufs": -24.0, "true_peak_dbtp": -3.0}
    sound = Audio.from_array(np.zeros((480, 1)), 48_000)
    own = Metadata.of(Source(path, sound, Format("WAV", "PCM_16", 16)), {})
    for name, content in _masters().items():
        master = path.with_name(f"master-{name}")
        master.write_bytes(content)
        own.put_into(master)
        own.notes(master, name, {})
        finish(master, values)
    return None


@cache
def _masters() -> dict[str, bytes]:
    """Masters without tags, of the kinds that tags are written into."""
    return {p.name: p.read_bytes() for p in sorted((CORPUS / "sound").glob("plain.*"))
            if p.suffix in (".flac", ".mp3", ".m4a")}  # fmt: skip


TARGETS: dict[str, tuple[str, Reader]] = {
    "preset": (".toml", _document("Preset")),
    "profile": (".toml", _document("Profile")),
    "eq": (".toml", _document("EqCurve")),
    "delivery": (".toml", _document("DeliveryTarget")),
    "content": (".toml", _content),
    "report": (".json", _report),
    "labels": (".txt", _labels),
    "transcript": (".srt", _transcript),
    "sound": (".wav", _sound),
    "media": (".mkv", _media),
    "tags": (".flac", _tags),
}
"""The end of the name its files have, and what reads them."""


# --- one attempt ----------------------------------------------------------------------------------


def attempt(target: str, data: bytes, folder: Path) -> str:
    """What comes of reading these bytes: "read", or the words of the refusal.

    Raises what should not have been raised, and Fault for words that cannot be used.
    """
    from asmrmaster.errors import AsmrmasterError

    suffix, reads = TARGETS[target]
    path = folder / f"given{suffix}"
    path.write_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # Of an older report under the names of now.
            warnings.filterwarnings("ignore", ".* is called", FutureWarning)
            reads(path)
    except AsmrmasterError as error:
        words = str(error)
        if not words.isprintable() or len(words) > 2_000 or not error.message:
            raise Fault(f"no plain words: {words[:500]!r}") from error
        return words
    return "read"


def seeds(target: str) -> list[Path]:
    """The files in the corpus of a target, and for documents the shipped ones."""
    from asmrmaster import presets

    kinds = {"preset": "mastering", "profile": "profiles", "eq": "eq", "delivery": "delivery"}
    folders = [CORPUS / target]
    if target in kinds:
        folders.append(presets.SHIPPED / kinds[target])
    if target in ("media", "tags"):
        folders.append(CORPUS / "sound")
    return sorted(path for folder in folders for path in folder.glob("*") if path.is_file())


# --- a campaign -----------------------------------------------------------------------------------


def campaign(target: str, seconds: int, corpus: Path) -> None:
    """Run the fuzzer in this process, which it ends. corpus: grows; what is found lies beside."""
    import atheris

    with atheris.instrument_imports(include=["asmrmaster", "mutagen", "tomllib", "csv"]):
        import asmrmaster

        for module in pkgutil.walk_packages(asmrmaster.__path__, "asmrmaster."):
            with suppress(ImportError):  # an extra that is not installed
                importlib.import_module(module.name)

    folder = Path(tempfile.mkdtemp(prefix="fuzzing-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for path in seeds(target):
        data = path.read_bytes()
        if len(data) <= LONGEST_BYTES:
            (corpus / f"seed-{path.name}").write_bytes(data)

    def one(data: bytes) -> None:
        attempt(target, data, folder)

    atheris.Setup(
        [sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-timeout={SECONDS_EACH}",
         f"-rss_limit_mb={MEMORY_MB}", f"-max_len={LONGEST_BYTES}", "-print_final_stats=1",
         f"-artifact_prefix={corpus.parent}/found-{target}-"],
        one,
    )  # fmt: skip
    atheris.Fuzz()


def main() -> None:
    """Run a campaign, or try one file again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--corpus", type=Path, help="default: a new folder, which is printed")
    given = parser.parse_args()
    if given.file:
        with tempfile.TemporaryDirectory() as folder:
            print(attempt(given.target, given.file.read_bytes(), Path(folder)))
        return
    corpus = given.corpus or Path(tempfile.mkdtemp(prefix=f"corpus-{given.target}-"))
    print(f"Corpus and findings: {corpus}")
    campaign(given.target, given.seconds, corpus)


if __name__ == "__main__":
    main()
