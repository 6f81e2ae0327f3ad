"""What the device keeps for the hub: its key and its token, each in a file that nobody else may read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from edge.core.errors import InputError
from edge.core.timekeeping import from_ms, to_ms
from edge.upstream.keys import DeviceKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY_FILE, TOKEN_FILE = "upstream.key", "upstream.token"
ROTATION = timedelta(days=30)
TOKEN_FORM = re.compile(r"[0-9A-Za-z_-]{16,200}")
MOST_FILE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Token:
    """What the hub knows the device by, and since when the device has it."""

    secret: str
    since: datetime

    def __repr__(self) -> str:
        return f"Token(***, {self.since.isoformat()})"

    def due(self, now: datetime) -> bool:
        """Whether it is time for another one."""
        return now - self.since >= ROTATION


class Keyring:
    """``folder`` has the files; ``write`` puts one there, whole or not at all, for its owner's eyes only."""

    def __init__(self, folder: Path, write: Callable[[Path, bytes], None]) -> None:
        self._folder, self._write = folder, write
        self._key: DeviceKey | None = None
        self._token: Token | None = None

    def key(self) -> DeviceKey | None:
        """The device's key, None if it has none yet. ``InputError`` if the file cannot be used."""
        if self._key is None:
            pem = self._read(KEY_FILE)
            try:
                self._key = None if pem is None else DeviceKey.from_pem(pem)
            except InputError as error:
                raise InputError(
                    f"{self._folder / KEY_FILE}: {error} Put it back from a copy, or remove it and enrol anew."
                ) from None
        return self._key

    def made_key(self) -> DeviceKey:
        """The device's key, a new one if it has none yet; it is on the disk before anybody hears of it."""
        key = self.key()
        if key is None:
            key = DeviceKey.fresh()
            self._write(self._folder / KEY_FILE, key.pem())
            self._key = key
        return key

    def token(self) -> Token | None:
        """The token, None if there is none (or a damaged one: the key gets another)."""
        if self._token is None:
            text = self._read(TOKEN_FILE)
            self._token = None if text is None else _token(text)
        return self._token

    def keep(self, secret: str, now: datetime) -> None:
        """Take a new token. ``OSError`` or ``InputError`` if it could not be written: it is good until the end."""
        self._token = Token(secret, now)
        told = {"token": secret, "since_ms": to_ms(now)}
        self._write(self._folder / TOKEN_FILE, json.dumps(told).encode("ascii"))

    def _read(self, name: str) -> bytes | None:
        path = self._folder / name
        try:
            with path.open("rb") as file:
                return file.read(MOST_FILE_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}); see who may read it.") from None


def _token(text: bytes) -> Token | None:
    try:
        told = json.loads(text)
        secret, since = told["token"], from_ms(told["since_ms"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return Token(secret, since) if isinstance(secret, str) and TOKEN_FORM.fullmatch(secret) else None
