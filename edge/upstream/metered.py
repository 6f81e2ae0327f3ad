"""When it may be sent, and how fast, where the network costs money or is slow. Pure: time is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from edge.config.hours import within

if TYPE_CHECKING:
    from edge.config.hours import Hours
    from edge.config.upstream import UpstreamTable

BITS, KILO = 8, 1000
# Around the packed rows: the request's head, TLS, and what TCP adds to each packet.
AROUND_BYTES = 1500
# Twice a year an hour of the wall clock is missing or comes twice; looking again in time sees to that.
LOOK_AGAIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Metered:
    """``windows`` are hours by the shop's wall clock, none is always; ``kbit_s`` 0 is no limit."""

    windows: tuple[Hours, ...] = ()
    kbit_s: int = 0

    @classmethod
    def of(cls, table: UpstreamTable) -> Metered:
        """As the settings have it."""
        return cls(table.windows(), table.limit_kbit_s)

    def wait_s(self, local: datetime) -> float:
        """Seconds until it may be sent, 0 for now; at most those until it is worth asking again.

        ``local`` is the time by the shop's wall clock.
        """
        if not self.windows or any(within(local.time(), span) for span in self.windows):
            return 0.0
        opens = (datetime.combine(local.date(), start) for start, _ in self.windows)
        naive = local.replace(tzinfo=None)
        soonest = min(opening if opening > naive else opening + timedelta(days=1) for opening in opens)
        return min(soonest - naive, LOOK_AGAIN).total_seconds()

    def pause_s(self, sent_bytes: int) -> float:
        """Seconds to keep still after a batch of so many bytes, so that the limit holds in the mean."""
        return (sent_bytes + AROUND_BYTES) * BITS / (self.kbit_s * KILO) if self.kbit_s else 0.0
