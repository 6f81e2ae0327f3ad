"""The panel's own files for browsers, named so that a browser keeps each until it changes."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"


@cache
def static(name: str) -> str:
    """The address of one of them, with a mark of what is in it."""
    path = STATIC / name
    mark = hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "none"
    return f"/static/{name}?v={mark}"
