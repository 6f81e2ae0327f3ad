"""Every sheet of statistics, in the order of their tabs."""

from __future__ import annotations

from edge.panel.pages.statistics import floor, hours, inside, stays, trust, visitors, ways

SHEETS = (visitors.SHEET, hours.SHEET, inside.SHEET, stays.SHEET, ways.SHEET, floor.SHEET, trust.SHEET)
# What a hub has the data of.
HUB_SHEETS = tuple(sheet for sheet in SHEETS if not sheet.box_only)
