"""Makes keys for updates, and signs packages with them, as minisign does.

    python tools/sign_update.py --make-key vendor            writes vendor.key (keep it secret) and vendor.pub
    python tools/sign_update.py --key vendor.key FILE.deb    writes FILE.deb.minisig

What vendor.pub says belongs into /etc/acm/update.pub of the boxes, or into the package (build_deb.py --key).
minisign -V and minisign -S with a key without a password read and make the same.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

RAW = serialization.Encoding.Raw
# A secret key without a password: kind, no way to a key from a password, the sum's kind; salt and limits are unused.
HEAD, UNUSED = b"Ed\0\0B2", bytes(48)
ID_BYTES, SEED_BYTES, SUM_BYTES = 8, 32, 32


def make_key(name: Path) -> None:
    """Write NAME.key and NAME.pub; neither replaces one that is there."""
    private, number = Ed25519PrivateKey.generate(), secrets.token_bytes(ID_BYTES)
    seed = private.private_bytes(RAW, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    public = private.public_key().public_bytes(RAW, serialization.PublicFormat.Raw)
    total = hashlib.blake2b(b"Ed" + number + seed + public, digest_size=SUM_BYTES).digest()
    shown = number[::-1].hex().upper()
    _write(name.with_suffix(".key"), "minisign secret key", HEAD + UNUSED + number + seed + public + total, 0o600)
    _write(name.with_suffix(".pub"), f"minisign public key {shown}", b"Ed" + number + public, 0o644)
    print(f"{name.with_suffix('.key')} signs, and stays with you; {name.with_suffix('.pub')} is for the boxes.")


def _write(path: Path, comment: str, data: bytes, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise SystemExit(f"sign_update: {path} is there already; a key that is lost cannot be made again.") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"untrusted comment: {comment}\n{base64.b64encode(data).decode()}\n")


def read_key(path: Path) -> tuple[bytes, Ed25519PrivateKey]:
    """The key's number, and the key."""
    try:
        data = base64.b64decode(path.read_text(encoding="ascii").splitlines()[1])
    except (OSError, ValueError, IndexError):
        raise SystemExit(f"sign_update: {path} is no key; --make-key makes one.") from None
    kept = data[len(HEAD) + len(UNUSED) :]
    if data[: len(HEAD)] != HEAD or len(kept) != ID_BYTES + 2 * SEED_BYTES + SUM_BYTES:
        raise SystemExit(f"sign_update: {path} has a password or is no key; --make-key makes one.")
    return kept[:ID_BYTES], Ed25519PrivateKey.from_private_bytes(kept[ID_BYTES : ID_BYTES + SEED_BYTES])


def sign(path: Path, number: bytes, key: Ed25519PrivateKey, comment: str) -> Path:
    """Write the signature beside a file."""
    with path.open("rb") as file:
        total = hashlib.blake2b()
        while piece := file.read(1 << 20):
            total.update(piece)
    over_file = key.sign(total.digest())
    over_comment = key.sign(over_file + comment.encode())
    signature = path.with_name(path.name + ".minisig")
    signature.write_text(
        f"untrusted comment: signature of {path.name}\n{base64.b64encode(b'ED' + number + over_file).decode()}\n"
        f"trusted comment: {comment}\n{base64.b64encode(over_comment).decode()}\n",
        encoding="utf-8",
    )
    return signature


def main() -> None:
    """Make a key, or sign."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--make-key", type=Path, metavar="NAME", help="write NAME.key and NAME.pub")
    asked.add_argument("--key", type=Path, metavar="FILE.key", help="what to sign with")
    asked.add_argument("--comment", default="", help="what the signer says of it (the file's name)")
    asked.add_argument("files", nargs="*", type=Path, metavar="FILE", help="what to sign")
    ask = asked.parse_args()
    if ask.make_key is not None:
        make_key(ask.make_key)
    elif ask.key is None or not ask.files:
        asked.error("say --make-key NAME, or --key FILE.key and what to sign")
    else:
        number, key = read_key(ask.key)
        for path in ask.files:
            print(sign(path, number, key, ask.comment or f"file:{path.name}"))


if __name__ == "__main__":
    main()
