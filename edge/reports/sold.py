"""What was sold to how many, where a till tells that; nothing otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.reports.table import Column, Kind

if TYPE_CHECKING:
    from edge.analytics.periods import Period
    from edge.reports.books import Books
    from edge.reports.table import Cell


def sales_columns(books: Books) -> tuple[Column, ...]:
    """Receipts, what they come to, and how many receipts there are for each visitor."""
    if not told(books):
        return ()
    return (
        Column("receipts", Kind.COUNT), Column("amount", Kind.MONEY, printed=False), Column("conversion", Kind.SHARE),
    )  # fmt: skip


def sales_cells(books: Books, period: Period, ins: int) -> tuple[Cell, ...]:
    """The same for some days on which so many came in."""
    sales = books.asked.sales
    if not told(books) or sales is None:
        return ()
    sold = sales(period)
    if sold is None:
        return None, None, None
    return sold.receipts, sold.amount, sold.receipts / ins if ins else None


def told(books: Books) -> bool:
    """Whether sales are told: they are the whole site's."""
    return books.asked.sales is not None and books.whole_site
