"""When reports are made: once for each period, whatever becomes of clocks, power and children."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from edge.analytics.due import Round
from edge.analytics.periods import Unit
from edge.core.calendar import SiteCalendar
from edge.core.errors import InputError
from edge.host.whole_file import write_private
from edge.services.reporter import CHILD_S, MOST_ORDERS, Plan, Reporter
from edge.storage.reported import DONE, GIVEN_UP, TRYING, Delivery, Reported

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from edge.core.notice import Fact

BERLIN = ZoneInfo("Europe/Berlin")
# A Friday at noon.
START = datetime(2026, 11, 20, 12, tzinfo=BERLIN)
MONDAY = date(2026, 11, 16)
UNKNOWN_TIME = None


def weekly(name: str = "week", settings: str = "") -> Plan:
    return Plan(name, Round(Unit.WEEK, time(7), SiteCalendar(BERLIN)), settings)


class Child:
    """A child that ends when it is told to."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self.code: int | None = None
        self.last_words = ""
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True


class Shop:
    """A reporter, its clock and its children. ``work``: what a child does once it is started; None lets it run."""

    def __init__(self, folder: Path, now: datetime | None = START, plans: Sequence[Plan] = (weekly(),)) -> None:
        self.folder, self.now, self.plans = folder, now, tuple(plans)
        self.uptime_s = 0.0
        self.facts: list[Fact] = []
        self.children: list[Child] = []
        self.work: Callable[[Child], None] | None = self.deliver
        self.reported = Reported(folder, write_private)
        self.boot()

    def boot(self) -> None:
        """Start the program."""
        self.reporter = Reporter(self.plans, self.reported, lambda _: self.now, self._start, self.facts.append)

    def _start(self, words: Sequence[str]) -> Child:
        child = Child(words)
        self.children.append(child)
        if self.work is not None:
            self.work(child)
        return child

    def deliver(self, child: Child, why: str = "") -> None:
        """What the real child notes."""
        _, _, name, first = child.words
        state = TRYING if why else DONE

        def done(book):  # noqa: ANN001, ANN202 - a book to a book
            (found,) = [one for one in book.deliveries if (one.report, one.first) == (name, date.fromisoformat(first))]
            return book.put(replace(found, state=state, why=why))

        self.reported.change(done)
        child.code, child.last_words = int(bool(why)), why

    def fail(self, child: Child) -> None:
        self.deliver(child, "The mail server sleeps.")

    def steps(self, number: int = 6) -> None:
        """Some steps at the same moment."""
        for _ in range(number):
            self.reporter.step(self.uptime_s)

    def after(self, **passed: float) -> None:
        """Time passes; then it looks."""
        if self.now is not None:
            self.now += timedelta(**passed)
        self.uptime_s += timedelta(**passed).total_seconds()
        self.steps()

    def through(self, days: float, step_h: float = 1.0) -> None:
        """Time passes, and it looks each hour."""
        for _ in range(round(days * 24 / step_h)):
            self.after(hours=step_h)

    @property
    def made(self) -> list[tuple[str, str]]:
        return [child.words[2:4] for child in self.children]  # type: ignore[misc] - two words

    @property
    def deliveries(self) -> list[Delivery]:
        return list(self.reported.read().deliveries)


def test_each_week_is_made_once_and_nothing_before_it_was_wanted(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.through(28)
    weeks = ["2026-11-16", "2026-11-23", "2026-11-30", "2026-12-07"]
    assert shop.made == [("week", first) for first in weeks]
    assert [fact.event for fact in shop.facts] == ["report-sent"] * 4
    assert {one.state for one in shop.deliveries} == {DONE}


def test_a_program_that_starts_anew_each_hour_makes_it_once(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    for _ in range(9 * 24):
        shop.boot()
        shop.after(hours=1)
    assert shop.made == [("week", "2026-11-16")]


def test_nothing_is_due_before_the_time_of_day_is_known(tmp_path: Path) -> None:
    shop = Shop(tmp_path, plans=[weekly(), Plan("day", Round(Unit.DAY, time(7), SiteCalendar(BERLIN)))])
    shop.through(1)
    made = len(shop.made)
    # It wakes up somewhere, and learns the time four days later, at once.
    shop.now = UNKNOWN_TIME
    shop.boot()
    shop.through(4)
    assert len(shop.made) == made
    shop.now = datetime(2026, 11, 25, 9, tzinfo=BERLIN)
    shop.steps(20)
    assert shop.made[made:] == [("week", "2026-11-16"), ("day", "2026-11-24")]
    assert len(shop.made) == made + 2


def test_after_three_weeks_off_the_latest_is_made_and_no_other(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.through(7)
    assert shop.made == [("week", "2026-11-16")]
    shop.now = datetime(2026, 12, 18, 15, tzinfo=BERLIN)
    shop.boot()
    shop.through(2)
    assert shop.made[1:] == [("week", "2026-12-07")]


def test_a_clock_that_goes_back_makes_nothing_again(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.through(10)
    shop.now = START
    shop.through(12)
    assert len(shop.made) == 2, "the week after is made when it comes, the same one never again"
    assert len(set(shop.made)) == 2


def test_a_failure_is_tried_ever_later_and_told(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.work = shop.fail
    shop.now = datetime(2026, 11, 23, 6, 59, tzinfo=BERLIN)
    shop.steps()
    at: list[float] = []
    for minute in range(24 * 60):
        before = len(shop.children)
        shop.after(minutes=1)
        at += [minute] * (len(shop.children) - before)
    pauses = [b - a for a, b in pairwise(at)]
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert {fact.event for fact in shop.facts} == {"report-failed"}
    assert "The mail server sleeps." in shop.facts[0].message
    told = shop.reporter.told(shop.uptime_s)["plans"][0]["last"]  # type: ignore[index] - as JSON
    assert (told["state"], told["tries"], told["why"]) == (TRYING, 12, "The mail server sleeps.")
    shop.work = shop.deliver
    shop.through(1)
    assert [one.state for one in shop.deliveries] == [DONE]
    assert shop.facts[-1].event == "report-sent"


def test_a_box_that_falls_over_by_it_waits_as_well(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.now = datetime(2026, 11, 23, 6, 59, tzinfo=BERLIN)
    shop.steps()
    shop.work = None
    shop.after(minutes=1)
    for _ in range(60):  # power goes each time it is begun, and comes back a minute later
        shop.boot()
        shop.after(minutes=1)
    assert len(shop.children) == 6, "after 1, 2, 4, 8 and 16 minutes"


def test_settings_that_change_are_tried_at_once(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.work = shop.fail
    shop.through(5)
    tries = len(shop.children)
    shop.steps()
    assert len(shop.children) == tries
    shop.work = shop.deliver
    shop.reporter.set_plans([weekly(settings="another password")])
    shop.steps()
    assert len(shop.children) == tries + 1
    assert [one.state for one in shop.deliveries] == [DONE]


def test_what_is_still_tried_is_given_up_for_the_next(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.work = shop.fail
    shop.through(9.75)
    shop.work = shop.deliver
    shop.through(2)
    assert [(one.first, one.state) for one in shop.deliveries] == [
        (MONDAY, GIVEN_UP), (MONDAY + timedelta(days=7), DONE)
    ]  # fmt: skip
    assert shop.deliveries[0].why == "The mail server sleeps."


def test_a_child_that_hangs_is_ended(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.work = None
    shop.now = datetime(2026, 11, 23, 6, 59, tzinfo=BERLIN)
    shop.steps()
    shop.after(minutes=1)
    shop.after(seconds=CHILD_S - 1)
    assert not shop.children[0].stopped
    shop.after(seconds=1)
    assert shop.children[0].stopped
    assert "took longer than 25 minutes" in shop.facts[-1].message


def test_leaving_ends_the_child(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.work = None
    shop.now = datetime(2026, 11, 23, 6, 59, tzinfo=BERLIN)
    shop.steps()
    shop.after(minutes=1)
    shop.reporter.close()
    assert shop.children[0].stopped


def test_a_report_is_sent_again_when_somebody_asks(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.through(7)
    shop.reported.change(lambda book: book.put(replace(book.deliveries[0], mailed=("owner@example.org",))))
    order = shop.reporter.again("week", date(2026, 11, 18))
    assert order.words == ("reports", "deliver", "week", "2026-11-16")
    asked = shop.deliveries[0]
    assert (asked.state, asked.mailed, asked.again) == (TRYING, (), 1), "as another mail: they may have deleted it"
    shop.steps()
    assert shop.made == [("week", "2026-11-16")] * 2
    assert shop.reporter.orders() == [{"number": 1, "what": "deliver", "state": "well", "said": ""}]
    with pytest.raises(InputError, match="no report 'other'"):
        shop.reporter.again("other", MONDAY)


def test_what_is_under_way_is_not_asked_for_twice(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.work = None
    shop.reporter.again("week", MONDAY)
    shop.steps()
    with pytest.raises(InputError, match="right now"):
        shop.reporter.again("week", MONDAY)


def test_orders_are_bounded_and_need_no_clock(tmp_path: Path) -> None:
    shop = Shop(tmp_path, now=UNKNOWN_TIME)

    def ended(child: Child) -> None:
        child.code, child.last_words = 1, "mail.example.org at port 587 hung up."

    shop.work = ended
    for _ in range(MOST_ORDERS):
        shop.reporter.test("owner@example.org", "de")
    with pytest.raises(InputError, match="Too much"):
        shop.reporter.test("owner@example.org")
    shop.steps(2 * MOST_ORDERS)
    assert shop.children[0].words == ("reports", "test", "owner@example.org", "--language", "de")
    assert {(one["state"], one["said"]) for one in shop.reporter.orders()} == {
        ("badly", "mail.example.org at port 587 hung up.")
    }


def test_a_child_that_cannot_be_started_is_a_failure(tmp_path: Path) -> None:
    shop = Shop(tmp_path)

    def none(_: Child) -> None:
        raise OSError(12, "Cannot allocate memory")

    shop.work = none
    shop.now = datetime(2026, 11, 23, 6, 59, tzinfo=BERLIN)
    shop.steps()
    shop.after(minutes=1)
    assert "Cannot allocate memory" in shop.facts[-1].message
    shop.work = shop.deliver
    shop.after(minutes=2)
    assert [one.state for one in shop.deliveries] == [DONE]


def test_a_disk_that_takes_nothing_sends_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.through(1)

    def full(*_: object) -> None:
        raise InputError("no room")

    shop.reported._write = full  # noqa: SLF001 - a disk
    shop.through(5)
    assert shop.made == []
    shop.reported._write = write_private  # noqa: SLF001 - it has room again
    shop.steps()
    assert shop.made == [("week", "2026-11-16")]


def test_unsure_is_told_once(tmp_path: Path) -> None:
    shop = Shop(tmp_path)

    def lost(child: Child) -> None:
        shop.deliver(child)
        shop.reported.change(lambda book: book.put(replace(book.deliveries[0], unsure=("owner@example.org",))))

    shop.work = lost
    shop.through(5)
    assert [fact.event for fact in shop.facts] == ["report-unsure", "report-sent"]


def test_it_is_told_when_the_next_is_due(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.steps()
    told = shop.reporter.told(0.0)
    assert told["ready"] is True
    assert told["plans"] == [
        {"name": "week", "every": "week", "next_at": "2026-11-23T06:00:00+00:00", "last": None}
    ]  # fmt: skip
    shop.now = UNKNOWN_TIME
    assert shop.reporter.told(0.0)["ready"] is False
