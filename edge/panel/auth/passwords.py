"""Passwords: what will do as one, and Argon2id hashes of them."""

from __future__ import annotations

from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST, LONGEST = 10, 200
# A password of the same few letters over and over is short, however long.
FEWEST_LETTERS = 5
EASY = ("password", "passwort", "parola", "qwerty", "qwertz", "123456", "customer", "letmein")
EASY_REST = 4
# Argon2id with 19 MiB: OWASP's least, three passes instead of two. A small board needs about a third of a second.
HASHER = PasswordHasher(time_cost=3, memory_cost=19456, parallelism=1)


class Passwords:
    """Makes and checks hashes, one at a time: many wrong passwords at once must not take memory from the counter."""

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        self._hasher = hasher
        self._lock = Lock()
        self._nobodys: str | None = None

    def hashed(self, password: str) -> str:
        """What is kept of a password."""
        with self._lock:
            return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one kept; None takes as long and never fits, so that names cannot be guessed."""
        with self._lock:
            if kept is None and self._nobodys is None:
                self._nobodys = self._hasher.hash("nobody has this password")
            try:
                self._hasher.verify(kept or str(self._nobodys), password[:LONGEST])
            except (Argon2Error, InvalidHashError):
                return False
        return kept is not None

    def aged(self, kept: str) -> bool:
        """Whether a hash was made in a weaker way than is usual now."""
        return self._hasher.check_needs_rehash(kept)


def weak(password: str, name: str) -> bool:
    """Whether somebody would guess it."""
    plain = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST or len(set(plain)) < FEWEST_LETTERS:
        return True
    rest = plain.replace(name.casefold(), "") if name else plain
    for easy in EASY:
        rest = rest.replace(easy, "")
    return len(rest) < EASY_REST
