"""What a hub's panel has beside statistics: all shops side by side, how their devices do, which reports they sent."""

from __future__ import annotations

from edge.panel.pages.sites import devices, overview, reports

PAGES = (overview.PAGE, devices.PAGE, reports.PAGE)
