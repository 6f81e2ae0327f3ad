"""Has each report made when its time has come, once, and tried again while it does not get through.

The work is done by a child that stands back for the counter; here is only decided when. Nothing is due while the time
of day is not known for good: a box that wakes up in the past would send what was sent long ago.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from edge.analytics.due import due, may_try
from edge.core.errors import AcmError, InputError
from edge.core.notices import REPORT_FAILED, REPORT_SENT, REPORT_UNSURE
from edge.services.service import Service
from edge.storage.reported import DONE, GIVEN_UP, TRYING, Delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from edge.analytics.due import Round
    from edge.core.notice import Fact
    from edge.storage.reported import Book, Reported

LOOK_S, BUSY_S, REST_S = 20.0, 0.5, 60.0
# Making the year of a large shop takes a minute on a slow board, and a mail server may think for ten.
CHILD_S = 1500.0
MOST_ORDERS, MOST_KEPT = 10, 20
DELIVER, TEST = "deliver", "test"
WAITING, AT_WORK, WELL, BADLY = "waiting", "at-work", "well", "badly"


@dataclass(frozen=True, slots=True)
class Plan:
    """A report that comes round. ``settings`` is what it is made by: if that changes, a try that failed is repeated."""

    name: str
    turn: Round
    settings: str = ""

    @property
    def every(self) -> str:
        """How often, as a word."""
        return self.turn.every.value

    @property
    def known_as(self) -> str:
        """Under which it is noted from when on it is wanted."""
        return f"{self.name}/{self.every}"


class Job(Protocol):
    """A child at work."""

    @property
    def code(self) -> int | None:
        """How it ended; None while it goes on."""
        ...

    @property
    def last_words(self) -> str:
        """The last line it said."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


@dataclass(slots=True)
class Order:
    """Something asked for: ``words`` for the child, how it stands, and what it said."""

    number: int
    what: str
    words: tuple[str, ...]
    delivery: Delivery | None = None
    state: str = WAITING
    said: str = ""

    def told(self) -> dict[str, Any]:
        """For who asked."""
        return {"number": self.number, "what": self.what, "state": self.state, "said": self.said}


@dataclass(slots=True)
class _Work:
    order: Order
    job: Job
    began_s: float


class Reporter(Service):
    """Looks what is due. ``now`` tells the time of day at a monotonic time, None while it is not known for good.

    ``start`` starts a child with some words (``OSError`` if it cannot). ``plans`` may be set anew at any time.
    """

    # A child that is just handing over a mail is given the time for it.
    stop_within_s = 9.0

    def __init__(
        self, plans: Sequence[Plan], reported: Reported, now: Callable[[float], datetime | None],
        start: Callable[[Sequence[str]], Job], tell: Callable[[Fact], None],
    ) -> None:  # fmt: skip
        super().__init__("reports")
        self._plans = tuple(plans)
        self._reported, self._now, self._start, self._tell = reported, now, start, tell
        self._lock, self._book = Lock(), reported.read()
        self._orders: deque[Order] = deque(maxlen=MOST_KEPT)
        self._number = 0
        self._work: _Work | None = None

    # Asked from other threads

    def set_plans(self, plans: Sequence[Plan]) -> None:
        """Go by other plans from now on; what failed by others is tried again soon."""
        before = {plan.known_as: plan.settings for plan in self._plans}
        fresh = {plan.known_as for plan in plans if before.get(plan.known_as, plan.settings) != plan.settings}
        self._plans = tuple(plans)

        def soon(book: Book) -> Book:
            for one in book.deliveries:
                if one.state == TRYING and f"{one.report}/{one.every}" in fresh:
                    book = book.put(replace(one, tries=0))
            return book

        if fresh:
            self._book = self._reported.change(soon)
        self.bell.set()

    def again(self, report: str, first: date) -> Order:
        """Have the report of the period that day is in made and sent, whether it was before or not."""
        plan = next((plan for plan in self._plans if plan.name == report), None)
        if plan is None:
            raise InputError(f"There is no report {report!r}.")
        period = plan.turn.period(first)

        wanted = Delivery(report, plan.every, period.first, period.last)
        work = self._work
        if work is not None and work.order.delivery is not None and work.order.delivery.key == wanted.key:
            raise InputError("It is being made right now.")
        self._refuse_too_many()

        def anew(book: Book) -> Book:
            known = book.get(*wanted.key) or wanted
            # They may have deleted it; as the same mail it would not be shown to them again.
            again = known.again + bool(known.mailed)
            return book.put(replace(wanted, begun_at=known.begun_at, again=again))

        self._book = self._reported.change(anew)
        return self._add(DELIVER, self._words(plan, period.first), wanted)

    def test(self, address: str, language: str = "") -> Order:
        """Have a mail sent that says only that mails arrive."""
        self._refuse_too_many()
        return self._add(TEST, ("reports", TEST, address, *(("--language", language) if language else ())))

    def orders(self) -> list[dict[str, Any]]:
        """What was asked for lately, the latest first."""
        with self._lock:
            return [order.told() for order in reversed(self._orders)]

    def deliveries(self) -> list[Delivery]:
        """What is known of each period, the latest first."""
        return sorted(self._book.deliveries, key=lambda one: (one.last, one.report), reverse=True)

    def told(self, now_s: float) -> Mapping[str, object]:
        """Figures for the board."""
        now = self._now(now_s)
        plans = [self._plan_told(plan, now) for plan in self._plans]
        return {"ready": now is not None, "busy": self._work is not None, "plans": plans}

    # On its own thread

    def step(self, now_s: float) -> float:
        """See to the child, or look what is due."""
        if self._work is not None:
            self._look_after(self._work, now_s)
            return BUSY_S
        order, now = self._next_order(), self._now(now_s)
        if order is None and now is not None:
            try:
                order = self._due(now)
            except (OSError, AcmError):
                # What cannot be noted is not sent; what is wrong with the disk is told by who writes the records.
                return REST_S
        if order is None:
            return LOOK_S
        self._begin(order, now_s, now)
        return BUSY_S

    def close(self) -> None:
        """What is begun is ended; it is taken up again at the next start."""
        if self._work is not None:
            self._work.job.stop()
            self._work = None

    def _due(self, now: datetime) -> Order | None:
        """The first thing to be done now."""
        book = self._reported.change(lambda book: _wanted(book, self._plans, now))
        self._book = book
        for plan in self._plans:
            mine = book.of(plan.name, plan.every)
            period = due(plan.turn, now, book.since[plan.known_as], [one.first for one in mine])
            if period is not None:
                self._give_up(mine)
                return self._order_for(Delivery(plan.name, plan.every, period.first, period.last, begun_at=now), plan)
            for one in reversed(mine):
                if one.state == TRYING and may_try(now, one.tries, one.tried_at):
                    return self._order_for(one, plan)
        return None

    def _order_for(self, delivery: Delivery, plan: Plan) -> Order:
        return Order(0, DELIVER, self._words(plan, delivery.first), delivery)

    def _give_up(self, older: Sequence[Delivery]) -> None:
        """What is still tried of earlier periods has been overtaken."""
        left = [replace(one, state=GIVEN_UP) for one in older if one.state == TRYING]

        def given_up(book: Book) -> Book:
            for one in left:
                book = book.put(one)
            return book

        self._book = self._reported.change(given_up)

    @staticmethod
    def _words(plan: Plan, first: date) -> tuple[str, ...]:
        return ("reports", DELIVER, plan.name, first.isoformat())

    def _begin(self, order: Order, now_s: float, now: datetime | None) -> None:
        """Start the child. That it was tried is noted before: a box that falls over by it must not do so for ever."""
        order.state = AT_WORK
        try:
            if order.delivery is not None:
                self._note_try(order.delivery, now)
            self._work = _Work(order, self._start(order.words), now_s)
        except (OSError, AcmError) as error:
            self._ended(order, 1, f"It could not be begun: {error}")

    def _note_try(self, delivery: Delivery, now: datetime | None) -> None:
        def tried(book: Book) -> Book:
            known = book.get(*delivery.key) or delivery
            return book.put(replace(known, begun_at=known.begun_at or now, tried_at=now, tries=known.tries + 1))

        self._book = self._reported.change(tried)

    def _look_after(self, work: _Work, now_s: float) -> None:
        code = work.job.code
        if code is None and now_s - work.began_s < CHILD_S:
            return
        said = work.job.last_words if code is not None else f"It took longer than {CHILD_S / 60:.0f} minutes."
        work.job.stop()
        self._work = None
        self._ended(work.order, 1 if code is None else code, said)

    def _ended(self, order: Order, code: int, said: str) -> None:
        self._book = self._reported.read()
        order.state, order.said = (BADLY if code else WELL), said
        if order.delivery is None:
            return
        found = self._book.get(*order.delivery.key)
        if found is None:
            return
        about = {"report": found.report, "first": found.first.isoformat(), "last": found.last.isoformat()}
        if found.unsure:
            self._tell(REPORT_UNSURE.fact(**about))
        if found.state == DONE:
            self._tell(REPORT_SENT.fact(**about))
        if found.state != TRYING:
            return
        if code and not found.why:
            found = replace(found, why=said or f"It ended with {code}.")
            self._book = self._reported.change(lambda book: book.put(found))
        self._tell(REPORT_FAILED.fact(**about, reason=found.why))

    def _refuse_too_many(self) -> None:
        with self._lock:
            if sum(order.state in (WAITING, AT_WORK) for order in self._orders) >= MOST_ORDERS:
                raise InputError("Too much was asked for at once; wait until some of it is done.")

    def _add(self, what: str, words: tuple[str, ...], delivery: Delivery | None = None) -> Order:
        with self._lock:
            self._number += 1
            order = Order(self._number, what, words, delivery)
            self._orders.append(order)
        self.bell.set()
        return order

    def _next_order(self) -> Order | None:
        with self._lock:
            return next((order for order in self._orders if order.state == WAITING), None)

    def _plan_told(self, plan: Plan, now: datetime | None) -> dict[str, object]:
        mine = self._book.of(plan.name, plan.every)
        last = mine[-1] if mine else None
        next_at = None if now is None else plan.turn.next_at(now).isoformat()
        last_told = None if last is None else last.told()
        return {"name": plan.name, "every": plan.every, "next_at": next_at, "last": last_told}


def _wanted(book: Book, plans: Sequence[Plan], now: datetime) -> Book:
    """From when on each report is wanted: from now, if it is new. A moment in the future was noted by a wrong clock."""
    since = {plan.known_as: min(now, book.since.get(plan.known_as, now)) for plan in plans}
    return book if since == dict(book.since) else replace(book, since=since)
