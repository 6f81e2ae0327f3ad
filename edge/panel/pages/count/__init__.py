"""Count along: somebody at the door taps who comes and goes, and the panel compares."""

from __future__ import annotations

from edge.panel.pages.count.page import PAGE

__all__ = ["PAGE"]
