"""Every sheet of statistics, in the order of their tabs."""

from __future__ import annotations

from edge.panel.pages.statistics import hours, visitors

SHEETS = (visitors.SHEET, hours.SHEET)
