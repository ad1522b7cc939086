"""Ed25519 keys (RFC 8032) as files: one that stays with its owner, and one line to hand out.

The private file is PEM (PKCS 8, RFC 5958), with the owner's name above it as RFC 7468 permits.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from asmrmaster.audio.regular import read_regular_text
from asmrmaster.audio.validation import unwritable
from asmrmaster.errors import OutputError, ReportError
from asmrmaster.report.answered import NAME_CHARACTERS
from asmrmaster.signatures.fingerprint import fingerprint

PRIVATE, PUBLIC = ".key", ".pub"
_KIND = "asmrmaster-key"
_NAME = "Name: "
_LARGEST = 2**20


@dataclass(frozen=True)
class PublicKey:
    """A key that tells whether its owner signed. key: 64 hexadecimal digits."""

    key: str
    name: str

    @property
    def words(self) -> str:
        """Its fingerprint, in words that can be read out."""
        return fingerprint(bytes.fromhex(self.key))

    @property
    def line(self) -> str:
        """The one line that is handed out."""
        return f"{_KIND} {self.key} {self.name}"

    def is_signed(self, signature: bytes, content: bytes) -> bool:
        """Whether the owner of this key signed ``content``."""
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key)).verify(signature, content)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class PrivateKey:
    """A key that signs; it is never shown."""

    public: PublicKey
    _secret: Ed25519PrivateKey

    def sign(self, content: bytes) -> bytes:
        """The 64 bytes of a signature."""
        return self._secret.sign(content)

    def __repr__(self) -> str:
        return f"<PrivateKey of {self.public.name!r}>"


def new_key(name: str, base: Path) -> PrivateKey:
    """Make a key for ``name`` and write BASE.key (for its owner alone, 0600) and BASE.pub.

    Raises OutputError where the name cannot be printed, or one of both files exists: a key that is
    lost signs nothing any more, so none is ever written over.
    """
    if not _is_name(name):
        raise OutputError(
            "a key needs a name that can be printed in one line",
            hint=f"Give a name of up to {NAME_CHARACTERS} characters",
        )
    secret = Ed25519PrivateKey.generate()
    key = _with_public(secret, name)
    pem = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")
    private, public = (base.with_name(base.name + ending) for ending in (PRIVATE, PUBLIC))
    for path in (private, public):
        if os.path.lexists(path):
            raise _kept(path)
    _write(private, f"{_NAME}{name}\n{pem}", 0o600)
    _write(public, f"{key.public.line}\n", 0o644)
    return key


def read_private(path: Path) -> PrivateKey:
    """The key in a private file. Raises ReportError where it holds none."""
    text = _read(path)
    head = text.partition("-----BEGIN")[0].strip()
    name = head.removeprefix(_NAME)
    try:
        secret = serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError):
        secret = None
    if (
        not isinstance(secret, Ed25519PrivateKey)
        or not head.startswith(_NAME)
        or not _is_name(name)
    ):
        raise ReportError(
            "holds no private key that signs reports",
            subject=path,
            hint="Make one with: asmrmaster keys new NAME",
        )
    return _with_public(secret, name)


def read_keys(path: Path) -> tuple[PublicKey, ...]:
    """The public keys in a file, one a line; lines that begin with # say something of them.

    Raises ReportError where it cannot be read or one line is no key.
    """
    lines = enumerate(_read(path).splitlines(), 1)
    keys = tuple(_key(path, at, line) for at, line in lines if line.strip() and line[0] != "#")
    if not keys:
        raise ReportError("holds no keys", subject=path, hint="Put one .pub line in it for each")
    return keys


def known(keys: Iterable[PublicKey], key: str) -> PublicKey | None:
    """The one of these keys that has these digits."""
    return next((one for one in keys if one.key == key), None)


def _key(path: Path, at: int, line: str) -> PublicKey:
    found = re.fullmatch(rf"{_KIND} ([0-9a-f]{{64}}) (.+)", line.strip())
    if found is None or not _is_name(found[2]):
        raise ReportError(
            f"line {at} is no public key",
            subject=path,
            hint=f"One reads: {_KIND}, 64 digits, a name",
        )
    return PublicKey(found[1], found[2])


def _is_name(name: str) -> bool:
    return 0 < len(name) <= NAME_CHARACTERS and name.isprintable() and name.strip() == name


def _with_public(secret: Ed25519PrivateKey, name: str) -> PrivateKey:
    return PrivateKey(PublicKey(secret.public_key().public_bytes_raw().hex(), name), secret)


def _read(path: Path) -> str:
    try:
        return read_regular_text(path, _LARGEST)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise ReportError(reason, subject=path) from None
    except UnicodeDecodeError:
        raise ReportError("is no text", subject=path) from None


def _write(path: Path, text: str, mode: int) -> None:
    """Under a name nothing has yet, with these rights from its first byte on."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
    except FileExistsError:
        raise _kept(path) from None
    except OSError as error:
        raise unwritable(error, path) from None


def _kept(path: Path) -> OutputError:
    return OutputError(
        "exists already, and a key is never written over",
        subject=path,
        hint="Choose another name with -o",
    )
