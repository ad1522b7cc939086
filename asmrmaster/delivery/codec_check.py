"""What a codec would make of a file: encoded as asked, decoded again, and measured."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from asmrmaster.audio.source import Format, Source
from asmrmaster.errors import ParameterError
from asmrmaster.meters import read_curves, run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.peaks import Peaks
from asmrmaster.meters.spectrum import Spectrum

CODECS = {
    "aac": (".m4a", Format("M4A", "AAC", lossless=False)),
    "opus": (".opus", Format("OGG", "OPUS", lossless=False)),
    "mp3": (".mp3", Format("MP3", "MPEG_LAYER_III", lossless=False)),
}
"""Name → end of a file name, and how it is stored at its usual bit rate."""

_CHANGES = {
    "codec_momentary_change_lu": "max_momentary_lufs",
    "codec_novelty_change_lu": "max_level_novelty_lu",
}


def codec_format(text: str) -> tuple[str, Format]:
    """``aac``, ``opus:96k`` … as the end of a name and a format; ParameterError for others."""
    name, _, rate = text.lower().partition(":")
    if name not in CODECS:
        raise ParameterError(f"unknown codec {text!r}", hint=f"Known: {', '.join(CODECS)}")
    suffix, stored = CODECS[name]
    if not rate:
        return suffix, stored
    if not re.fullmatch(r"\d{2,3}k", rate) or not 16 <= int(rate[:-1]) <= 512:
        raise ParameterError(
            f"bit rate {rate!r} of codec {text!r}", hint="Write it as 160k, from 16k to 512k"
        )
    bits = 1000 * int(rate[:-1])
    return suffix, Format(stored.container, stored.codec, bitrate_bps=bits, lossless=False)


def round_trip(source: Source, measured: Measurement, codec: str) -> Measurement:
    """The values of ``meters.after_codec``: the file encoded as asked, decoded and measured.

    measured: what the file itself measures. Raises ParameterError, OutputError, InputError.
    """
    from asmrmaster.audio.container import encode, open_source  # only here: it loads FFmpeg

    suffix, stored = codec_format(codec)
    with tempfile.TemporaryDirectory(prefix="asmrmaster-") as folder:
        path = Path(folder) / f"coded{suffix}"
        encode(source.audio, path, stored)
        decoded = open_source(path).audio
        after = read_curves(run_meters(decoded, (KEnergy, Energy, Spectrum, Peaks))).values
    values = {"codec_true_peak_dbtp": after["true_peak_dbtp"]}
    for name, quantity in _CHANGES.items():
        was, now = measured.values.get(quantity), after.get(quantity)
        values[name] = None if was is None or now is None else now - was
    return Measurement(values)
