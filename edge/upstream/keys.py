"""The device's key, which it makes itself and which never leaves it. The hub knows the public half."""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from edge.core.errors import InputError

KEY_BYTES, SIGNATURE_BYTES, FINGERPRINT_BYTES = 32, 64, 10
ENROL, TOKEN = "acm-enrol-v1", "acm-token-v1"


class DeviceKey:
    """An Ed25519 key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        raw = key.public_key().public_bytes_raw()
        self.public = base64.b64encode(raw).decode("ascii")
        self.device = fingerprint(raw)

    @classmethod
    def fresh(cls) -> DeviceKey:
        """A new one."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes) -> DeviceKey:
        """The key in a PEM text. ``InputError`` if there is none of this kind in it."""
        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise InputError("The device's key is damaged, or is none.") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise InputError("The device's key is of another kind than Ed25519.")
        return cls(key)

    def pem(self) -> bytes:
        """The key as PEM, unencrypted: for a file that nobody else may read."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, message: bytes) -> str:
        """A signature, in base64."""
        return base64.b64encode(self._key.sign(message)).decode("ascii")


def fingerprint(public: bytes) -> str:
    """What a device is called: 16 letters made of its public key's 32 bytes."""
    return base64.b32encode(hashlib.sha256(public).digest()[:FINGERPRINT_BYTES]).decode("ascii").lower()


def public_bytes(public: str) -> bytes:
    """The 32 bytes of a public key in base64. ``InputError`` if it is none."""
    raw = _decoded(public)
    if raw is None or len(raw) != KEY_BYTES:
        raise InputError("The public key is none; it has to be the 32 bytes of an Ed25519 key in base64.")
    return raw


def verified(public: bytes, signature: str, message: bytes) -> bool:
    """Whether a signature (in base64) was made with the key whose public half this is."""
    raw = _decoded(signature)
    if raw is None or len(raw) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(raw, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def enrol_message(code: str, public: str) -> bytes:
    """What a device signs to be enrolled: that it has the key, and for which code."""
    return f"{ENROL}\n{code}\n{public}".encode()


def token_message(device: str, nonce: str) -> bytes:
    """What a device signs to be given a token."""
    return f"{TOKEN}\n{device}\n{nonce}".encode()


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
