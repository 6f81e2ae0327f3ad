"""``acm doctor --bundle``: what whoever helps has to see, in one archive, without secrets and without pictures.

Only text goes in, and every text is gone over: passwords, keys, addresses of people and of network cards are masked,
and what looks like the bytes of a file is left out. Its size is bounded.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from edge.core.errors import InputError
from edge.core.masking import MASK, masked
from edge.host.programs import told_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from edge.host.programs import Told

PIECE_BYTES, WHOLE_BYTES = 1_000_000, 8_000_000
JOURNAL_ROWS = "4000"
# A shorter secret would take ordinary words out of the text.
SHORTEST_SECRET = 4
# A longer line is no line of a journal, and takes long to be gone over.
LINE_LETTERS = 4000
LEFT_OUT = "[left out]"
# The name of a setting or variable whose value is nobody's business.
_NAMED = re.compile(
    r"""(?P<name>(?:password|passwd|passphrase|secret|token|api_?key|private_?key|credential)[\w.-]{0,40}["']?\s{0,9}[=:]\s{0,9})
        (?P<value>"[^"\n]*"|'[^'\n]*'|[^\s,}\]]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_MAIL = re.compile(r"[\w.+-]{1,64}@(?=[\w-]{1,64}\.\w)")
# The first half of a network card's address is its maker, the second is the card.
_CARD = re.compile(r"\b((?:[0-9a-f]{2}:){3})(?:[0-9a-f]{2}:){2}[0-9a-f]{2}\b", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.+-])\+\d[\d ()/-]{6,30}\d")
# A picture written as text, or a key.
_BYTES = re.compile(r"[A-Za-z0-9+/_-]{400,}={0,2}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of the archive. ``text`` is asked for when its turn comes; what it raises is put in its place."""

    name: str
    text: Callable[[], str]


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without secrets: those given, those of addresses, and the values of what is named like one."""
    rows = _BYTES.sub(LEFT_OUT, text).split("\n")
    text = "\n".join(row if len(row) <= LINE_LETTERS else row[:LINE_LETTERS] + LEFT_OUT for row in rows)
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    text = _NAMED.sub(lambda match: f"{match['name']}{MASK}", masked(text))
    text = _MAIL.sub(f"{MASK}@", text)
    text = _CARD.sub(rf"\1{MASK}", text)
    return _PHONE.sub(MASK, text)


def write_bundle(path: Path, pieces: Iterable[Piece], secrets: Sequence[str] = (), at_s: int = 0) -> list[str]:
    """Write the archive (tar.gz, for its owner only) and return the names in it.

    ``at_s`` is the time of day its files are given, in seconds of Unix. Raises ``InputError`` if it cannot be written.
    """
    left = WHOLE_BYTES
    names = []
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(number, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            for piece in pieces:
                data = _told(piece, secrets, min(PIECE_BYTES, left))
                left -= len(data)
                archive.addfile(_label(piece.name, len(data), at_s), io.BytesIO(data))
                names.append(piece.name)
    except FileExistsError:
        raise InputError(f"{path} is there already; name another file.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); name a place you may write to.") from None
    return names


def host_pieces(ask: Callable[[Sequence[str]], Told] = told_by, unit: str = "acm") -> list[Piece]:
    """What the operating system tells of itself and of the service."""
    commands = {
        "journal.txt": ["journalctl", f"--unit={unit}", f"--lines={JOURNAL_ROWS}", "--output=short-iso-precise"],
        "warnings.txt": ["journalctl", "--boot", "--priority=warning", "--lines=500", "--output=short-iso-precise"],
        "unit.txt": ["systemctl", "status", unit, "--lines=0", "--full"],
        "unit-settings.txt": ["systemctl", "show", unit],
        "unit-file.txt": ["systemctl", "cat", unit],
        "boots.txt": ["journalctl", "--list-boots"],
        "kernel.txt": ["uname", "-a"],
        "system.txt": ["cat", "/etc/os-release"],
        "board.txt": ["cat", "/proc/device-tree/model"],
        "disks.txt": ["df", "-h"],
        "memory.txt": ["free", "-m"],
        "network.txt": ["ip", "-brief", "address"],
        "clock.txt": ["timedatectl"],
        "sound.txt": ["aplay", "-L"],
        "cameras.txt": ["v4l2-ctl", "--list-devices"],
    }
    return [Piece(name, partial(_asked, command, ask)) for name, command in commands.items()]


def _asked(command: Sequence[str], ask: Callable[[Sequence[str]], Told]) -> str:
    told = ask(command)
    return f"$ {' '.join(command)}\n{told.text}" + (f"\n[{told.failed}]\n" if told.failed else "")


def _told(piece: Piece, secrets: Sequence[str], most_bytes: int) -> bytes:
    try:
        text = piece.text()
    except Exception as error:  # noqa: BLE001 - the archive is made when things are broken: the rest is still wanted
        text = f"[cannot be told: {type(error).__name__}: {error}]\n"
    return redacted(_ending(text, most_bytes), secrets).encode("utf-8", "replace")


def _ending(text: str, most_letters: int) -> str:
    """The last whole lines of a text: journals tell at their end what went wrong, and half a line half a secret."""
    if len(text) <= most_letters:
        return text
    _, _, rest = text[len(text) - max(0, most_letters) :].partition("\n")
    return f"[the first {len(text) - len(rest)} letters were left out]\n{rest}"


def _label(name: str, size: int, at_s: int) -> tarfile.TarInfo:
    label = tarfile.TarInfo(f"acm-bundle/{name}")
    label.size, label.mtime, label.mode = size, at_s, 0o600
    return label
