"""The languages reports can be written in: a file for each in ``locale``."""

from __future__ import annotations

from pathlib import Path

from edge.config.words import Languages

LOCALE = Path(__file__).parent / "locale"


def languages() -> Languages:
    """Every language a report can be written in."""
    return Languages(LOCALE)
