"""Live: each camera's picture with what is made of it, its counts, and how quick the chime is."""

from __future__ import annotations

from edge.panel.pages.live.page import PAGE

__all__ = ["PAGE"]
