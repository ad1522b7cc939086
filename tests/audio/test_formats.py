"""Which format a master gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from asmrmaster.audio.formats import SUFFIXES, master_format
from asmrmaster.audio.source import Format
from asmrmaster.errors import OutputError

TAKES = {
    "8": Format("WAV", "PCM_U8", 8),
    "16": Format("WAV", "PCM_16", 16),
    "24": Format("FLAC", "PCM_24", 24),
    "32": Format("AIFF", "PCM_32", 32),
    "float": Format("WAV", "FLOAT"),
    "double": Format("CAF", "DOUBLE"),
    "alac 16": Format("MP4", "ALAC_16", 16),
    "alac 20": Format("CAF", "ALAC_20", 20),
    "a-law": Format("WAV", "ALAW", None, 64_000, False),
    "adpcm": Format("AIFF", "IMA_ADPCM", None, 64_000, False),
    "aac": Format("MP4", "AAC", None, 128_000, False),
    "mp3": Format("MP3", "MPEG_LAYER_III", None, 128_000, False),
    "vorbis": Format("OGG", "VORBIS", None, 128_000, False),
    "opus": Format("OGG", "OPUS", None, 128_000, False),
    "lossy 16": Format("WAV", "GSM610", 16, 13_000, False),
}
KEPT = {"16": 16, "alac 16": 16, "32": 32}


@pytest.mark.parametrize("take", TAKES)
@pytest.mark.parametrize("suffix", [".wav", ".rf64", ".w64", ".aiff", ".caf", ".flac"])
def test_lossless_masters_keep_16_24_and_32_bits_and_make_24_of_all_else(
    take: str, suffix: str
) -> None:
    bits = KEPT.get(take, 24)
    if suffix == ".flac":
        bits = min(bits, 24)
    stores = master_format(TAKES[take], Path("m" + suffix))
    assert stores.codec == f"PCM_{bits}"
    assert stores.bits == bits
    assert stores.lossless


@pytest.mark.parametrize(
    ("suffix", "take", "codec"),
    [
        (".ogg", "24", "VORBIS"),
        (".ogg", "vorbis", "VORBIS"),
        (".ogg", "opus", "OPUS"),
        (".opus", "vorbis", "OPUS"),
        (".mp3", "aac", "MPEG_LAYER_III"),
    ],
)
def test_lossy_masters(suffix: str, take: str, codec: str) -> None:
    stores = master_format(TAKES[take], Path("m" + suffix))
    assert stores.codec == codec
    assert stores.bits is None
    assert not stores.lossless


def test_the_end_of_the_name_says_the_container_in_any_case() -> None:
    assert master_format(TAKES["24"], Path("a.b/m.WAV")).container == "WAV"
    assert {master_format(TAKES["24"], Path("m" + s)).container for s in SUFFIXES} == {
        "WAV", "RF64", "W64", "AIFF", "CAF", "FLAC", "OGG", "MP3",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["m", "m.", "m.xyz", "m.raw", ".wav"])
def test_a_name_that_says_nothing_is_refused_with_what_would(name: str) -> None:
    with pytest.raises(OutputError) as caught:
        master_format(TAKES["24"], Path(name))
    assert ".wav" in caught.value.hint
    assert ".flac" in caught.value.hint
