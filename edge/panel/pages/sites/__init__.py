"""What a hub's panel has beside statistics: all shops side by side, and how their devices do."""

from __future__ import annotations

from edge.panel.pages.sites import devices, overview

PAGES = (overview.PAGE, devices.PAGE)
