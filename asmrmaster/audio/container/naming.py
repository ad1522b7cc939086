"""FFmpeg's words for containers, codecs, streams and tags, turned into ours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream

from asmrmaster.audio.source import Format


def is_cover(stream: Stream) -> bool:
    """Whether a video stream is a still picture that goes with the sound."""
    return bool(stream.disposition & Disposition.attached_pic)


def has_picture(container: InputContainer) -> bool:
    """Whether there is moving picture, whose time the sound has to keep."""
    return any(not is_cover(stream) for stream in container.streams.video)


def describe_stream(stream: Stream) -> str:
    """A stream in a few words: ``aac, eng, Main``."""
    words = [codec_name(stream) or "unknown codec", stream.language, stream.metadata.get("title")]
    return ", ".join(word for word in words if word and word != "und")


def codec_name(stream: Stream) -> str:
    """FFmpeg's name of the codec, without the decoder's own ending; "" where unknown."""
    context = stream.codec_context
    return context.codec.canonical_name if context else ""


def tidy_tags(*layers: Mapping[str, str]) -> dict[str, str]:
    """Text that travels with the sound, lower-case names, earlier layers first.

    What describes the container rather than the sound is left out. Bytes that are not UTF-8 are
    read as Windows-1252, the usual case.
    """
    tags: dict[str, str] = {}
    for layer in layers:
        for key, value in layer.items():
            name = key.lower()
            if name not in _TECHNICAL and not name.startswith("_statistics"):
                tags.setdefault(_SAME.get(name, name), _text(value))
    return tags


def stored_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Our names of tags as FFmpeg calls them; those without a text are left out."""
    theirs = {ours: name for name, ours in _SAME.items() if name not in ("year", "tbpm", "tsrc")}
    return {theirs.get(name, name): text for name, text in tags.items() if text}


def _text(value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return value


_SAME = {
    "track": "tracknumber", "disc": "discnumber", "year": "date", "tsrc": "isrc",
    "album_artist": "albumartist", "encoded_by": "encodedby", "tbpm": "bpm",
}  # fmt: skip
_TECHNICAL = {
    "major_brand", "minor_version", "compatible_brands", "encoder", "handler_name", "vendor_id",
    "language", "duration", "bps", "number_of_frames", "number_of_bytes", "timecode",
    "creation_time", "isomif_version", "wm/encodingsettings", "devicevendor", "filename",
    "mimetype", "encoder_options", "itunsmpb", "gapless_playback", "encoding_tool", "name",
}  # fmt: skip


def stored_as(container: InputContainer, stream: AudioStream, path: Path) -> Format:
    """Container and codec, in libsndfile's words where it has them."""
    codec = codec_name(stream)
    context = stream.codec_context
    lossless = context.codec.lossless and not context.codec.lossy
    bits = _bits(codec, context.extradata or b"") if lossless else None
    name = _CODECS.get(codec.removesuffix("le").removesuffix("be"), codec.upper())
    if codec in ("alac", "flac") and bits:
        name = f"{'PCM' if container.format.name == 'flac' else name}_{bits}"
    bitrate = None if lossless else context.bit_rate
    return Format(_container_name(container, path), name, bits, bitrate, lossless)


def _container_name(container: InputContainer, path: Path) -> str:
    name = container.format.name
    if name.startswith("mov,"):
        if container.metadata.get("major_brand", "").startswith("qt"):
            return "MOV"
        return "MP4" if has_picture(container) or path.suffix.lower() == ".mp4" else "M4A"
    if name.startswith("matroska"):
        with path.open("rb") as file:  # its DocType
            return "WEBM" if b"webm" in file.read(64) else "MKV"
    return {"mpegts": "TS"}.get(name, name.split(",")[0].upper())


def _bits(codec: str, head: bytes) -> int | None:
    """Bits per sample of a lossless codec; head: its set-up data.

    Sources: Apple, ALACMagicCookieDescription; RFC 9639 section 8.2 (STREAMINFO).
    """
    if codec.startswith("pcm_"):
        digits = "".join(c for c in codec.split("_")[1] if c.isdigit())
        return int(digits) if digits and codec[4] in "su" else None
    if codec == "alac" and len(head) >= 24:
        return head[-24 + 5]
    if codec == "flac" and len(head) >= 34:
        return ((head[12] & 1) << 4 | head[13] >> 4) + 1
    return None


_CODECS = {
    "mp3": "MPEG_LAYER_III", "mp2": "MPEG_LAYER_II", "pcm_s8": "PCM_S8", "pcm_u8": "PCM_U8",
    "pcm_s16": "PCM_16", "pcm_s24": "PCM_24", "pcm_s32": "PCM_32", "pcm_f32": "FLOAT",
    "pcm_f64": "DOUBLE", "pcm_alaw": "ALAW", "pcm_mulaw": "ULAW",
}  # fmt: skip
