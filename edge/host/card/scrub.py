"""Takes secrets off the boot partition, which anybody can read who takes the card out.

What stood in a file is written over before it goes. A card may keep old blocks all the same (it spreads its wear), so
a card that is thrown away has to be destroyed.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from edge.host.card.partition import FIRST_RUN, NETWORK
from edge.host.whole_file import keep_folder

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 1_000_000
GONE = "taken by the box"


def remove(path: Path) -> None:
    """Write over a file and remove it. ``OSError`` if that fails; none if it is not there."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        os.write(handle, b"\0" * min(os.fstat(handle).st_size, MOST_BYTES))
        os.fsync(handle)
    finally:
        os.close(handle)
    path.unlink()
    keep_folder(path.parent)


def replace(path: Path, text: str) -> None:
    """Write a file anew, whole or not at all, with nothing left of what it held."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
        remove(path)
        part.replace(path)
        # FAT gives the new name its length only when the file is synced again: without this a plug that is pulled soon
        # leaves an empty file.
        os.fsync(stream.fileno())
    keep_folder(path.parent)


def without_passwords(boot: Path) -> list[str]:
    """Take the Wi-Fi's password off the card, which the system has by now; return the files it was in."""
    done = []
    network = boot / NETWORK
    text = _text(network)
    if '"password"' in text and GONE not in text:
        try:
            told = json.loads(text)
        except ValueError:
            # Somebody's own file: not ours to change.
            told = None
        if isinstance(told, dict) and _hide(told):
            replace(network, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
            done.append(NETWORK)
    if "acm-first-boot.service" in _text(boot / FIRST_RUN):
        remove(boot / FIRST_RUN)
        done.append(FIRST_RUN)
    return done


def _hide(told: Any) -> bool:  # noqa: ANN401 - whatever JSON may hold
    """Whether there was a password, which is none any more."""
    hidden = False
    if isinstance(told, dict):
        hidden = "password" in told
        if hidden:
            told["password"] = GONE
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    for one in inner:
        hidden = _hide(one) or hidden
    return hidden


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as stream:
            return stream.read(MOST_BYTES)
    except (OSError, UnicodeDecodeError):
        return ""
