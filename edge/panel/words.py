"""All that is said on the panel, in the language of whoever looks. A language is a file in ``locale``."""

from __future__ import annotations

from pathlib import Path

from edge.config.words import FIRST, Words, read
from edge.config.words import Languages as RoomLanguages

__all__ = ["FIRST", "LOCALE", "Languages", "Words", "read"]

LOCALE = Path(__file__).parent / "locale"


class Languages(RoomLanguages):
    """Every language of the panel."""

    def __init__(self, folder: Path = LOCALE) -> None:
        super().__init__(folder)
