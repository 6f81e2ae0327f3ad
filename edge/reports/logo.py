"""The sign at the head of a report: a picture from a file, looked over before anything is made of it."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

from edge.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES, MOST_PX = 1_000_000, 4000
# A PNG's first bytes, then the length and name of its first part, which begins with breadth and height.
SIGNATURE, SIZE_AT = b"\x89PNG\r\n\x1a\n", 16


def read_logo(path: Path) -> bytes:
    """A PNG's bytes. ``InputError`` names the file, what is wrong with it and what to do."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _refusal(path, f"cannot be read ({error.strerror})") from None
    if len(data) > MOST_BYTES:
        raise _refusal(path, "has more than 1 MB")
    if not data.startswith(SIGNATURE) or len(data) < SIZE_AT + 8:
        raise _refusal(path, "is no PNG")
    # Only after this is it unpacked: a small file may be a very large picture.
    if max(struct.unpack_from(">II", data, SIZE_AT)) > MOST_PX:
        raise _refusal(path, f"is more than {MOST_PX} pixels broad or high")
    from PIL import Image  # noqa: PLC0415 - most reports have no logo

    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError):
        raise _refusal(path, "is damaged") from None
    return data


def _refusal(path: Path, what: str) -> InputError:
    return InputError(f"reports.logo: {path} {what}; name a PNG of up to 1 MB, or none.")
