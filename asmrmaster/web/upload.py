"""An upload, straight to disk: bounded in size and time, under a name of our own.

What a form sends is read as it comes (multipart/form-data, RFC 7578); the name of the file is kept
to be shown, and says nothing of where it is stored.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from asmrmaster.views.phrases import visible
from asmrmaster.web.resource_limits import Limits

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELDS, FIELD_BYTES = 20, 2_000
"""Most fields beside the file, and the longest of them."""
NAME_CHARACTERS = 120
OVERHEAD_BYTES = 100_000
"""What a form may take beside the file."""
SPARE_BYTES = 2**30
"""Left free on the disk."""
RUN_OUT_S = 1.0
_CUT_OFF = "The form did not arrive whole. Try again."
_END = re.compile(r"\.[A-Za-z0-9]{1,5}$")


@dataclass
class Received:
    """fields: by name. name: the file's, to be shown. stored: its name on disk, empty for none."""

    fields: dict[str, str] = field(default_factory=dict)
    name: str = ""
    stored: str = ""
    size_bytes: int = 0


async def receive(request: Request, folder: Path, limits: Limits) -> Received:
    """What a form sent, its file in ``folder``. Raises HTTPException where it is too much, too
    slow or no such form; the caller removes the folder then."""
    stream = request.stream()
    try:
        return await _receive(request, stream, folder, limits)
    except HTTPException:
        await _let_run_out(stream)
        raise


async def _let_run_out(stream: AsyncIterator[bytes]) -> None:
    """Take what still comes for a moment: a browser reads no answer while it is sending."""
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(RUN_OUT_S):
            async for _ in stream:
                pass


async def _receive(
    request: Request, stream: AsyncIterator[bytes], folder: Path, limits: Limits
) -> Received:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 200:
        raise HTTPException(415, "This is not a form with a file.")
    promised = request.headers.get("content-length", "")
    if promised.isdigit():
        _check_size(int(promised), limits)
        try:
            free = shutil.disk_usage(folder).free
        except OSError:  # the page is closing, and its folder has gone
            raise HTTPException(503, "The page is closing.") from None
        if int(promised) + SPARE_BYTES > free:
            raise HTTPException(507, "There is not enough space on the disk for this file.")
    form = _Form(folder, limits)
    parser = MultipartParser(boundary, form.callbacks())
    try:
        async for chunk in _chunks(stream, limits):
            parser.write(chunk)
    except FormParserError:
        raise HTTPException(400, _CUT_OFF) from None
    finally:
        form.close()
    if not form.ended:
        raise HTTPException(400, _CUT_OFF)
    return form.received


def _check_size(size_bytes: int, limits: Limits) -> None:
    if size_bytes > limits.upload_bytes + OVERHEAD_BYTES:
        most = limits.upload_bytes / 1e9
        raise HTTPException(413, f"This file is too large; up to {most:.3g} GB are taken.")


async def _chunks(stream: AsyncIterator[bytes], limits: Limits) -> AsyncIterator[bytes]:
    total = 0
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream), limits.stall_s)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise HTTPException(408, "Nothing more of the file came. Try again.") from None
        except ClientDisconnect:
            raise HTTPException(400, "The connection was closed.") from None
        total += len(chunk)
        _check_size(total, limits)
        yield chunk


class _Form:
    """Puts the parts of a form where they belong."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.received = Received()
        self.ended = False
        self._folder, self._limits = folder, limits
        self._header, self._value = b"", b""
        self._disposition = b""
        self._field = ""
        self._text: bytearray | None = None
        self._file: BinaryIO | None = None

    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._last,
        }

    def _last(self) -> None:
        self.ended = True

    def close(self) -> None:
        """Let go of a file that was not finished."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._disposition = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        self._text = bytearray()
        if b"filename" not in options:
            return
        name = shown_name(options[b"filename"].decode("utf-8", "replace"))
        if not name:
            return  # a form in which no file was chosen
        if self.received.stored:
            raise HTTPException(400, "One file at a time.")
        end = _END.search(name)
        self.received.name = name
        self.received.stored = f"{secrets.token_hex(12)}{end.group().lower() if end else ''}"
        self._text = None
        self._file = (self._folder / self.received.stored).open("xb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self.received.size_bytes += end - start
            if self.received.size_bytes > self._limits.upload_bytes:
                _check_size(self.received.size_bytes + OVERHEAD_BYTES, self._limits)
            self._file.write(memoryview(data)[start:end])
        elif self._text is not None:
            self._text += data[start:end]
            if len(self._text) > FIELD_BYTES:
                raise HTTPException(413, "A field of the form is too long.")

    def _end(self) -> None:
        self.close()
        if self._text is not None and self._field:
            self.received.fields[self._field] = self._text.decode("utf-8", "replace")
            if len(self.received.fields) > FIELDS:
                raise HTTPException(413, "The form has too many fields.")
        self._text = None


def shown_name(name: str) -> str:
    """A file's own name for people: no folders, nothing that cannot be seen, not too long."""
    own = re.split(r"[/\\]", name)[-1]
    return visible(own)[-NAME_CHARACTERS:].strip()
