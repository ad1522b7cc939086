"""Reports beside their ledger, compressed, each under the hash of what lies in it.

So the ledger stays small enough to copy, any program can read a report (``zcat``), and where the
ledger is lost, ``library rebuild`` has what it needs.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from asmrmaster.errors import ReportError

ENDING = ".json.gz"


def packed(report: str) -> bytes:
    """A report's JSON text compressed: about a quarter of its size, the same bytes every time."""
    return gzip.compress(report.encode(), 6, mtime=0)


def unpacked(data: bytes) -> str:
    """The JSON text of a compressed report, also of one an early ledger kept in itself."""
    return zlib.decompress(data, zlib.MAX_WBITS | 32).decode()


def folder_of(ledger: Path) -> Path:
    """Where the reports of a ledger lie."""
    return ledger.with_name(f"{ledger.stem}.reports")


def keep(ledger: Path, data: bytes) -> str:
    """Put a compressed report there, if it is not; its hash. Raises OSError."""
    sha256 = hashlib.sha256(data).hexdigest()
    file = _file(ledger, sha256)
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.part")  # one run at a time writes here
        with part.open("wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(part, file)
    return sha256


def kept(ledger: Path, sha256: str) -> str:
    """The JSON text of a report. Raises ReportError where it is gone or damaged."""
    file = _file(ledger, sha256)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ReportError(
            f"the report cannot be read: {error.strerror}",
            subject=file,
            hint="`asmrmaster batch --force` makes it anew",
        ) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ReportError(
            "the report was changed or damaged since it was kept",
            subject=file,
            hint="`asmrmaster batch --force` makes it anew",
        )
    return unpacked(data)


def all_kept(ledger: Path) -> Iterator[tuple[str, Path]]:
    """Hash and file of every report there, in order of hashes."""
    for folder in sorted(folder_of(ledger).glob("??")):
        for file in sorted(folder.glob(f"*{ENDING}")):
            yield file.name.removesuffix(ENDING), file


def sweep(ledger: Path, wanted: set[bytes]) -> int:
    """Remove reports that no entry has any more; how many. wanted: hashes, as bytes."""
    removed = 0
    for sha256, file in all_kept(ledger):
        if bytes.fromhex(sha256) not in wanted:
            with suppress(OSError):
                file.unlink()
                removed += 1
    return removed


def _file(ledger: Path, sha256: str) -> Path:
    return folder_of(ledger) / sha256[:2] / f"{sha256}{ENDING}"
