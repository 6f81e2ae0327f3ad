"""The letters of reports: DejaVu Sans, which has those of every language here and comes with matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

FAMILY = "body"
FILES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}


def add_fonts(pdf: FPDF) -> None:
    """Make the family ``body`` known to a PDF: plain and bold. What is used of it is embedded."""
    from matplotlib import get_data_path  # noqa: PLC0415 - takes a second to load

    folder = Path(get_data_path()) / "fonts" / "ttf"
    for style, name in FILES.items():
        pdf.add_font(FAMILY, style, folder / name)
