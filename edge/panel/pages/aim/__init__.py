"""Aim: lines and zones drawn on the live picture, how well the camera is aimed, and what another line would count."""

from __future__ import annotations

from edge.panel.pages.aim.page import PAGE

__all__ = ["PAGE"]
