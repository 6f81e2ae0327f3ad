"""Statistics: sheets of figures. One module a sheet; each gives its figures, and page and files are made of them."""

from __future__ import annotations

from edge.panel.pages.statistics.frame import page_of
from edge.panel.pages.statistics.sheets import HUB_SHEETS, SHEETS

PAGES = tuple(page_of(sheet, SHEETS) for sheet in SHEETS)
HUB_PAGES = tuple(page_of(sheet, HUB_SHEETS) for sheet in HUB_SHEETS)
