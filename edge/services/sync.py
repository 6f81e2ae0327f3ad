"""Sends what was recorded to the hub, whenever there is something and the hub can be had; never in counting's way."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from edge.core.backoff import Reconnect
from edge.core.errors import AcmError, DeviceRefusedError, UpstreamError
from edge.core.notices import SENDING_BACK, SENDING_FAILED, SENDING_REFUSED
from edge.services.service import Service
from edge.services.sync_courier import Delivery
from edge.storage.errors import StorageError
from edge.upstream.metered import Metered

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from edge.config.hours import Hours
    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.services.sync_courier import Courier, Way

RETRY_FIRST_S, RETRY_MOST_S, JITTER = 1.0, 900.0, 0.95
# When a hub that does not want this device is asked again, and records that cannot be had; when the clock is looked at.
REFUSED_S, STORAGE_S, CLOCKLESS_S = 3600.0, 10.0, 60.0
# A hub that hears nothing for longer than this takes a box for lost.
BEAT_S = 900.0
# With more than a batch to be sent, batches are this large, and counting has its turn in between.
BACKLOG_ROWS = 20_000
TURN_S = 0.05
# Devices that were started by the same flash of lightning do not all come at the same moment.
START_WITHIN_S, SPREAD = 10.0, 0.1
# A failure that passes sooner is nobody's business.
TOLD_AFTER_S = 300.0
# When it is stopped, the rest is sent for so long.
LAST_S = 3.0


@dataclass(frozen=True, slots=True)
class SyncHabits:
    """When what is sent.

    At the latest every ``interval_s``, or when ``batch_rows`` rows were written; in these ``windows`` by the clock in
    ``zone`` only (none: always), and not faster than ``limit_kbit_s`` on the whole (0: as fast as it goes).
    """

    interval_s: float
    batch_rows: int
    windows: tuple[Hours, ...]
    limit_kbit_s: int
    zone: tzinfo

    def closed_s(self, at: datetime | None) -> float:
        """How long it may not be sent from now on. Who does not know the time of day may not, if there are windows."""
        if not self.windows:
            return 0.0
        return CLOCKLESS_S if at is None else Metered(self.windows).wait_s(at.astimezone(self.zone))

    def pause_s(self, sent_bytes: int) -> float:
        """How long to be silent after so many bytes."""
        return Metered(kbit_s=self.limit_kbit_s).pause_s(sent_bytes) if sent_bytes else 0.0


@dataclass(slots=True)
class _Doing:
    """How it goes. ``contact_s``: when the hub last answered; ``failing_s``: since when it has not."""

    contact_s: float | None = None
    failing_s: float | None = None
    told_failing: bool = False
    refused: bool = False
    why: str = ""
    rows: int = 0
    sent_bytes: int = 0
    last: Delivery = field(default_factory=Delivery)

    def answered(self, now_s: float) -> None:
        """The hub did."""
        self.contact_s, self.failing_s, self.told_failing, self.refused, self.why = now_s, None, False, False, ""


class Sync(Service):
    """Sends by way of ``courier``. ``open_way`` opens the way to the hub; with True one that gives up within seconds.

    ``at`` tells the time of day at a monotonic time, None while it is not known. ``settle`` has the last rows written,
    and waits a moment for it. ``seed`` is for the dice that spread many devices out.
    """

    # A hub that answers slowly is waited for; the way itself gives up before that.
    patience_s = 300.0
    stop_within_s = 6.0

    def __init__(  # noqa: PLR0913 - what, how, when, and who is told
        self,
        courier: Courier,
        open_way: Callable[[bool], Way],
        habits: SyncHabits,
        clock: Clock,
        *,
        at: Callable[[float], datetime | None],
        tell: Callable[[Fact], None],
        settle: Callable[[], None] = lambda: None,
        seed: int | None = None,
    ) -> None:
        super().__init__("upstream")
        self.habits, self._settle = habits, settle
        self._courier, self._open_way, self._clock, self._at, self._tell = courier, open_way, clock, at, tell
        self._dice = Random(seed)  # noqa: S311 - spreads devices out, guards nothing
        self._again = Reconnect(RETRY_FIRST_S, RETRY_MOST_S, JITTER, self._dice.randrange(2**32))
        self._due_s = clock.monotonic_s() + self._dice.uniform(0.0, START_WITHIN_S)
        self._not_before_s = 0.0
        self._way: Way | None = None
        self._asked = False
        self._written = 0
        self._doing = _Doing()

    def written(self, rows: int = 1) -> None:
        """So many rows are on the disk. From any thread."""
        self._written += rows
        if self._written >= self.habits.batch_rows:
            self.bell.set()

    def now(self) -> None:
        """Send at once, whatever hour it is and however often it failed. From any thread."""
        self._asked = True
        self.bell.set()

    def step(self, now_s: float) -> float:
        """Send the next batch, if it is time."""
        wait_s = self._wait_s(now_s)
        if wait_s > 0:
            return wait_s
        self._attempt(now_s)
        return max(0.0, self._wait_s(self._clock.monotonic_s()))

    def _wait_s(self, now_s: float) -> float:
        if self._asked:
            return 0.0
        closed_s = self.habits.closed_s(self._at(now_s))
        if closed_s > 0:
            return closed_s
        hurried = self._written >= self.habits.batch_rows
        due_s = now_s if hurried else self._due_s
        return max(due_s - now_s, self._not_before_s - now_s, self._again.wait_s(now_s))

    def _attempt(self, now_s: float) -> None:
        asked, self._asked, self._written = self._asked, False, 0
        try:
            if self._way is None:
                self._way = self._open_way(False)  # noqa: FBT003 - as the class says
            even_empty = asked or now_s - (self._doing.contact_s or -BEAT_S) >= BEAT_S
            went = self._courier.deliver(self._way, self._most(), now_s, even_empty=even_empty)
        except StorageError as error:
            # The writer tells what is wrong with the records.
            self._doing.why = str(error)
            self._not_before_s = self._clock.monotonic_s() + STORAGE_S
        except DeviceRefusedError as error:
            self._refused(error)
        except AcmError as error:
            self._failed(error)
        else:
            self._went(went, asked=asked)

    def _most(self) -> int:
        backlog = self._doing.last.backlog
        behind = backlog is not None and backlog.rows > self.habits.batch_rows
        return BACKLOG_ROWS if behind and not self.habits.limit_kbit_s else self.habits.batch_rows

    def _went(self, went: Delivery, *, asked: bool) -> None:
        now_s, doing = self._clock.monotonic_s(), self._doing
        doing.last = went
        doing.rows += went.rows
        doing.sent_bytes += went.sent_bytes
        if went.asked:
            if doing.told_failing and doing.failing_s is not None:
                waiting = 0 if went.backlog is None else went.backlog.rows
                self._tell(SENDING_BACK.fact(for_s=now_s - doing.failing_s, waiting=waiting))
            doing.answered(now_s)
        self._again.succeeded()
        self._not_before_s = now_s + self.habits.pause_s(went.sent_bytes)
        spread = 1 - SPREAD * self._dice.random()
        self._due_s = now_s + (TURN_S if went.more else self.habits.interval_s * spread)
        # Who asked wants all of it, not a batch.
        self._asked = self._asked or (asked and went.more)

    def _failed(self, error: AcmError) -> None:
        now_s, doing = self._clock.monotonic_s(), self._doing
        doing.why = str(error)
        doing.failing_s = now_s if doing.failing_s is None else doing.failing_s
        for_s = now_s - doing.failing_s
        if for_s >= TOLD_AFTER_S and not doing.told_failing:
            doing.told_failing = True
            self._tell(SENDING_FAILED.fact(for_s=for_s, reason=str(error)))
        self._again.failed(now_s)
        self._due_s = now_s
        if isinstance(error, UpstreamError) and error.retry_after_s is not None:
            # A little later than asked for, each by another while.
            self._not_before_s = now_s + error.retry_after_s * (1 + SPREAD * self._dice.random())

    def _refused(self, error: DeviceRefusedError) -> None:
        self._doing.refused, self._doing.why = True, str(error)
        self._tell(SENDING_REFUSED.fact(reason=str(error)))
        self._not_before_s = self._clock.monotonic_s() + REFUSED_S
        # Meanwhile it may be enrolled anew.
        self._hang_up()

    def _hang_up(self) -> None:
        way, self._way = self._way, None
        if way is not None:
            way.upstream.close()

    def close(self) -> None:
        """Try once more to send the rest, if the hub could be had just now; then hang up."""
        now_s = self._clock.monotonic_s()
        doing = self._doing
        well = self._way is not None and doing.failing_s is None and not doing.refused
        self._hang_up()
        if not well or self.habits.closed_s(self._at(now_s)) > 0:
            return
        # It could not be had, and it will not be told: everything is kept and sent after the next start.
        with suppress(AcmError):
            self._settle()
            self._way = self._open_way(True)  # noqa: FBT003 - as the class says
            # One batch may not be all of it.
            while self._courier.deliver(self._way, self.habits.batch_rows, self._clock.monotonic_s()).more:
                if self._clock.monotonic_s() - now_s > LAST_S:
                    break
        self._hang_up()

    def told(self, now_s: float) -> dict[str, object]:
        """Figures for the board."""
        doing = self._doing
        try:
            backlog = self._courier.look()
        except StorageError:
            backlog = doing.last.backlog
        contact_s = None if doing.contact_s is None else round(now_s - doing.contact_s, 1)
        oldest = None if backlog is None else backlog.oldest_ms
        return {
            "state": self._state(now_s, waits=backlog is not None and backlog.waits_for_clock),
            "why": doing.why,
            "waiting": 0 if backlog is None else backlog.rows,
            "oldest_ms": oldest,
            "set_aside": 0 if backlog is None else backlog.set_aside,
            "contact_s": contact_s,
            "failing_s": None if doing.failing_s is None else round(now_s - doing.failing_s, 1),
            "rows": doing.rows,
            "bytes": doing.sent_bytes,
        }

    def _state(self, now_s: float, *, waits: bool) -> str:
        doing = self._doing
        if doing.refused:
            return "refused"
        if doing.failing_s is not None:
            return "failing"
        if self.habits.closed_s(self._at(now_s)) > 0:
            return "closed"
        if waits:
            return "waiting for the clock"
        return "starting" if doing.contact_s is None else "running"
