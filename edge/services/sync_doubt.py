"""Finding the row that the hub does not take, by ever smaller batches; no row is blamed for a hub that takes none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.core.shipment import Shipment

# So many times the hub may fail over a batch before the batch itself is suspected, and over a single row before that
# is set aside for good.
FAILURES, FAILURES_OF_ONE = 3, 10


class Doubt:
    """How large the next batch may be, and what makes it smaller.

    ``blames_rows``: the hub took an empty batch after it had refused a full one. ``went_back``: the hub wanted older
    rows first, and has taken nothing since.
    """

    def __init__(self) -> None:
        self._most: int | None = None
        self._failing: tuple[int, bool] | None = None
        self._failures = 0
        self.blames_rows = self.went_back = False

    def most(self, usual: int) -> int:
        """At most so many rows; ``usual`` while nothing is suspected."""
        if self._most is not None and self._most >= usual:
            self._most, self.blames_rows = None, False
        return usual if self._most is None else self._most

    def failed_again(self, shipment: Shipment) -> bool:
        """The hub failed over this batch; say whether that happened often enough to look for a row at fault."""
        # More rows may have joined it since, but the one at fault is still among them.
        begins = (shipment.after_seq, shipment.revised)
        self._failures = self._failures + 1 if begins == self._failing else 1
        self._failing = begins
        if shipment.rows <= 1:
            return shipment.rows == 1 and self._failures >= FAILURES_OF_ONE
        return self.blames_rows or self._failures >= FAILURES

    def halve(self, shipment: Shipment) -> None:
        """Somewhere among these rows it is."""
        self._most, self._failures = shipment.rows // 2, 0

    def found(self) -> None:
        """It was a single row, which is dealt with."""
        self._failures = 0
        self._grow()

    def accepted(self, shipment: Shipment) -> None:
        """It is not among these: the next batch may be larger."""
        self._failures, self.went_back = 0, False
        if shipment.rows:
            self._grow()

    def _grow(self) -> None:
        if self._most is not None:
            self._most *= 2
