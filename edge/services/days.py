"""What day it is: looks at the clocks, has records given their right times, and begins the shop's days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.analytics.occupancy import CorrectionReason
from edge.core.clock import read_clock
from edge.core.notices import CLOCK_STEPPED, CLOCK_SYNCED, CLOCK_UNCHECKED, CLOCK_UNSET
from edge.core.timekeeping import Quality, to_ms
from edge.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.calendar import SiteCalendar
    from edge.core.clock import Clock
    from edge.core.notice import Fact
    from edge.services.ledger import Ledger
    from edge.services.persist import Persist
    from edge.storage.store import ClockNews

# A time server is mostly heard within a minute of the start; only then is it news that it was not.
UNSET_AFTER_S = 120.0
UNCHECKED_AFTER_S = 86_400.0
# Less than this is a correction nobody notices.
STEP_S = 1.0


@dataclass(frozen=True, slots=True)
class DayHabits:
    """Which days the shop goes by. ``trusted``: a person vouches for the machine's clock.

    With ``empty_at_day_start`` nobody is taken to be inside when a day begins.
    """

    calendar: SiteCalendar
    trusted: bool = False
    empty_at_day_start: bool = True


class Days:
    """The clock chore. ``synced`` says whether the system believes its own clock, None if nobody knows."""

    def __init__(  # noqa: PLR0913 - the books, the days, the clocks, and who is told
        self,
        persist: Persist,
        ledger: Ledger,
        habits: DayHabits,
        clock: Clock,
        *,
        synced: Callable[[], bool | None],
        tell: Callable[[Fact], None],
    ) -> None:
        self.habits = habits
        self._persist, self._ledger, self._clock = persist, ledger, clock
        self._synced, self._tell = synced, tell
        self._began_s = clock.monotonic_s()
        self._heard_s = self._began_s
        self._told_unset = False

    def look(self, now_s: float) -> None:
        """Look at the clocks. To be called every few seconds."""
        store = self._persist.store
        if store is None:
            return
        reading = read_clock(self._clock, synced=self.habits.trusted or self._synced() is True)
        try:
            news = store.observe(reading)
        except StorageError:
            # The writer tells what is wrong with the records; the clocks are looked at again soon.
            return
        if store.quality is Quality.SYNCED:
            self._heard_s = now_s
        self._complain(store.quality, now_s)
        if news is not None:
            self._take(news)
        at = store.at(now_s)
        if at is not None:
            self._turn_the_page(to_ms(at), now_s)

    def _take(self, news: ClockNews) -> None:
        first = news.step_s is None or (news.quality is Quality.SYNCED and news.restamped > 0)
        if first and news.quality is Quality.SYNCED:
            self._tell(CLOCK_SYNCED.fact(restamped=news.restamped))
        elif news.step_s is not None and abs(news.step_s) >= STEP_S:
            self._tell(CLOCK_STEPPED.fact(step_s=news.step_s))
        if news.step_s is None or abs(news.step_s) >= STEP_S:
            # Other times may mean another day: the records know which crossings are today's.
            self._persist.take_over_books(self._ledger, empty_carried=self.habits.empty_at_day_start)

    def _complain(self, quality: Quality, now_s: float) -> None:
        if quality is Quality.UNSET and not self._told_unset and now_s - self._began_s >= UNSET_AFTER_S:
            self._told_unset = True
            self._tell(CLOCK_UNSET.fact())
        if quality is Quality.HOLDOVER and now_s - self._heard_s >= UNCHECKED_AFTER_S:
            self._tell(CLOCK_UNCHECKED.fact(unchecked_s=now_s - self._heard_s))

    def _turn_the_page(self, at_ms: int, now_s: float) -> None:
        day = self.habits.calendar.day_of(at_ms)
        if self._ledger.day is None or day == self._ledger.day:
            return
        if self.habits.empty_at_day_start and self._ledger.inside:
            self._ledger.correct(0, now_s, CorrectionReason.CLOSING)
        self._ledger.begin_day(day)
