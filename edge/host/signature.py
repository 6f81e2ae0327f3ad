"""Whether a file is what its maker signed: minisign's signatures (https://jedisct1.github.io/minisign/).

A signature lies beside its file, as ``FILE.minisig``. It is Ed25519 over the BLAKE2b sum of the file, so a file of any
size is read once and piece by piece. ``minisign -V`` and ``minisign -S`` read and make the same.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.errors import AcmError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ENDING = ".minisig"
# How a key and a signature over a sum begin; one over the file itself begins with the key's letters and is not taken.
KEY_KIND, SIGNATURE_KIND = b"Ed", b"ED"
ID_BYTES, KEY_BYTES, SIGNATURE_BYTES = 8, 32, 64
UNTRUSTED, TRUSTED = "untrusted comment: ", "trusted comment: "
MOST_BYTES, MOST_KEYS = 16_384, 16
PIECE_BYTES = 1 << 20
ROWS = 4


class SignatureError(AcmError):
    """A file is not what somebody we trust has signed."""


@dataclass(frozen=True, slots=True)
class Key:
    """Whom we trust: the key's id, by which signatures name it, and the key itself."""

    id: bytes
    raw: bytes

    @property
    def name(self) -> str:
        """The id as minisign writes it."""
        return self.id[::-1].hex().upper()


def keys_in(path: Path) -> list[Key]:
    """The keys in a file: a line each; comments and empty lines are passed over. ``InputError`` if it will not do."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; it holds the keys updates are signed by.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from None
    rows = [row.strip() for row in text.decode("utf-8", "replace").splitlines()]
    wanted = [row for row in rows if row and not row.startswith(("#", UNTRUSTED.strip()))]
    if len(text) > MOST_BYTES or len(wanted) > MOST_KEYS:
        raise InputError(f"{path}: holds more than {MOST_KEYS} keys; leave those that are still used.")
    keys = []
    for row in wanted:
        packed = _unpacked(row)
        if packed is None or len(packed) != len(KEY_KIND) + ID_BYTES + KEY_BYTES or packed[:2] != KEY_KIND:
            raise InputError(f"{path}: {row[:60]!r} is no key; a key is the second line of a .pub file.")
        keys.append(Key(packed[2 : 2 + ID_BYTES], packed[2 + ID_BYTES :]))
    return keys


def signed_by(path: Path, keys: Sequence[Key], signature: Path | None = None) -> str:
    """What the signer said about the file (the trusted comment), once it is certain that one of ``keys`` signed it.

    Raises ``SignatureError``, a sentence, for everything else; ``InputError`` if there is nothing to be read.
    """
    signature = path.with_name(path.name + ENDING) if signature is None else signature
    key_id, over_file, comment, over_comment = _signature(signature)
    key = next((key for key in keys if key.id == key_id), None)
    if key is None:
        known = f"{len(keys)} others are" if len(keys) > 1 else "another one is" if keys else "none is"
        name = Key(key_id, b"").name
        raise SignatureError(f"{path}: is signed by the key {name}, which is not trusted here ({known}).")
    if not _fits(key, over_file, _sum(path)):
        raise SignatureError(f"{path}: is not what was signed; it was changed or is not whole. Fetch it again.")
    if not _fits(key, over_comment, over_file + comment.encode()):
        raise SignatureError(f"{signature}: its comment is not what was signed; fetch it again.")
    return comment


def _signature(path: Path) -> tuple[bytes, bytes, str, bytes]:
    """The key's id, the signature over the file's sum, the trusted comment, and the signature over both."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; a file is taken only with its signature beside it.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from None
    rows = text.decode("utf-8", "replace").splitlines()
    if len(text) <= MOST_BYTES and len(rows) == ROWS and rows[2].startswith(TRUSTED):
        first, second = _unpacked(rows[1]), _unpacked(rows[3])
        whole = len(SIGNATURE_KIND) + ID_BYTES + SIGNATURE_BYTES
        if first is not None and second is not None and len(first) == whole and len(second) == SIGNATURE_BYTES:
            if first[:2] != SIGNATURE_KIND:
                raise SignatureError(f"{path}: is a signature of the old kind; sign with minisign -H.")
            return first[2 : 2 + ID_BYTES], first[2 + ID_BYTES :], rows[2].removeprefix(TRUSTED), second
    raise SignatureError(f"{path}: is no signature; fetch it again.")


def _fits(key: Key, signature: bytes, data: bytes) -> bool:
    # Here, because most of what is asked of this program needs no cryptography.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - as said
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _sum(path: Path) -> bytes:
    total = hashlib.blake2b()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                total.update(piece)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from None
    return total.digest()


def _unpacked(row: str) -> bytes | None:
    try:
        return base64.b64decode(row, validate=True)
    except (binascii.Error, ValueError):
        return None
