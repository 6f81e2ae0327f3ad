"""Words as they are kept: by their place in these lists, to which is only ever added at the end."""

from __future__ import annotations

from edge.analytics.occupancy import CorrectionReason
from edge.core.model import Direction

DIRECTIONS = (Direction.IN, Direction.OUT)
REASONS = (CorrectionReason.NEGATIVE, CorrectionReason.CLOSING, CorrectionReason.MANUAL)
# Stays are kept in tenths of a second.
DS = 10
