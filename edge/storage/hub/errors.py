"""Why the hub's database cannot be used, each as a sentence. What is secret in its address is never told."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import peewee

from edge.core.errors import AcmError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

RETRY_S = 5.0
PASSING = frozenset({"OperationalError", "InterfaceError"})
# What SQLite says in the same breath of statements that are wrong.
OURS = ("no such ", "near ", "ambiguous ", "table ", "too many ")


class HubStorageError(AcmError):
    """The database cannot be used until somebody does something about it."""


class HubAwayError(HubStorageError):
    """Not now: nothing of what was asked for has been done. Ask again in ``retry_after_s``."""

    retry_after_s = RETRY_S


class HubNewerError(HubStorageError):
    """A newer version of this program made the tables."""


class HubAddressError(InputError):
    """What was given as the database's address is none."""


class UnknownNameError(InputError):
    """There is no site, device or reader of that name."""


class TakenNameError(InputError):
    """There is one of that name already."""


def driver_errors() -> tuple[type[Exception], ...]:
    """What both databases' drivers raise, and peewee in their stead."""
    try:
        import psycopg  # noqa: PLC0415 - a trial on SQLite does without it
    except ImportError:
        return (peewee.PeeweeException, sqlite3.Error)
    return (peewee.PeeweeException, sqlite3.Error, psycopg.Error)


def passing(error: Exception) -> bool:
    """Whether a driver's complaint is about the server, the network or the disk, and not about what was asked."""
    if str(error).startswith(OURS):
        return False
    return any(kind.__name__ in PASSING for kind in type(error).__mro__)


@contextmanager
def telling(place: str) -> Iterator[None]:
    """Turn what the driver complains about into ours; ``place`` is the database's address without its secrets."""
    try:
        yield
    except driver_errors() as error:
        if not passing(error):
            raise
        words = str(error).strip().splitlines()
        reason = words[0] if words else type(error).__name__
        raise HubAwayError(f"{place}: the database cannot be used now ({reason}); see that it runs.") from error
