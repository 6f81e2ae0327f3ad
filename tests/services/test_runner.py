"""One service on one thread: its steps, its errors, its end; and the supervisor over several."""

from __future__ import annotations

from threading import Event as Flag
from typing import TYPE_CHECKING

import pytest

from edge.core.clock import ManualClock, SystemClock
from edge.host.notify import Notifier
from edge.services.runner import Runner
from edge.services.service import Service
from edge.services.supervisor import FAILING_S, Supervisor

if TYPE_CHECKING:
    from edge.core.notice import Fact

WAIT_S = 10.0


class Working(Service):
    """Notes its steps; ``held`` keeps a step from coming back, ``broken`` makes it fail."""

    def __init__(self, name: str = "working", *, log: list[str] | None = None) -> None:
        super().__init__(name)
        self.log = [] if log is None else log
        self.stepped, self.closed, self.go_on = Flag(), Flag(), Flag()
        self.go_on.set()
        self.broken = False
        self.steps = 0

    def step(self, now_s: float) -> float:  # noqa: ARG002 - as Service has it
        self.steps += 1
        self.stepped.set()
        self.go_on.wait(WAIT_S)
        if self.broken:
            raise ValueError("broken inside")
        return 60.0

    def close(self) -> None:
        self.log.append(self.name)
        self.closed.set()


class Replaceable(Working):
    """Has a successor that is not held."""

    def successor(self) -> Service:
        self.heir = Working("heir")
        return self.heir


def ended(*runners: Runner) -> bool:
    for runner in runners:
        runner.stop()
    return all(runner.join(WAIT_S) for runner in runners)


def nobody(_: Service, error: Exception) -> None:
    raise AssertionError(error)


def test_a_ring_makes_the_next_step_come_at_once() -> None:
    service = Working()
    runner = Runner(service, SystemClock(), nobody)
    runner.start()
    for number in range(1, 4):
        assert service.stepped.wait(WAIT_S)
        service.stepped.clear()
        assert service.steps == number
        service.bell.set()
    assert ended(runner)
    assert service.log == ["working"]


def test_a_step_that_fails_is_told_and_tried_again() -> None:
    told: list[str] = []
    service, clock = Working(), ManualClock()
    service.broken = True
    again = Flag()

    def failed(failing: Service, error: Exception) -> None:
        told.append(f"{failing.name}: {error}")
        again.set()

    runner = Runner(service, clock, failed)
    runner.start()
    assert again.wait(WAIT_S)
    clock.advance(20.0)
    assert runner.failing_s(clock.monotonic_s()) in (0.0, 20.0)
    service.broken = False
    service.stepped.clear()
    service.bell.set()
    assert service.stepped.wait(WAIT_S)
    assert ended(runner)
    assert told[0] == "working: broken inside"
    assert runner.failing_s(clock.monotonic_s()) == 0.0
    assert service.closed.is_set()


def test_a_thread_that_does_not_come_back_is_known_by_how_long_its_step_lasts() -> None:
    service, clock = Working(), ManualClock(100.0)
    service.go_on.clear()
    runner = Runner(service, clock, nobody)
    runner.start()
    assert service.stepped.wait(WAIT_S)
    clock.advance(7.0)
    assert runner.stuck_s(clock.monotonic_s()) == 7.0
    runner.stop()
    assert not runner.join(0.0)
    service.go_on.set()
    assert runner.join(WAIT_S)
    assert runner.stuck_s(clock.monotonic_s()) == 0.0


class First(Working):
    """Another kind of service: those of a kind are stopped together."""


class Last(Working):
    """And another."""


class Dying(Working):
    def step(self, now_s: float) -> float:  # noqa: ARG002 - as Service has it
        raise SystemExit


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_stuck_for_ever() -> None:
    runner = Runner(Dying(), SystemClock(), nobody)
    runner.start()
    assert runner.join(WAIT_S)
    assert runner.stuck_s(0.0) == float("inf")


class Manager:
    """The service manager's ear."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, message: str) -> bool:
        self.heard.append(message)
        return True

    @property
    def fed(self) -> int:
        return self.heard.count("WATCHDOG=1")


class Desk:
    """Everything a supervisor needs, with what came of it."""

    def __init__(self) -> None:
        self.clock, self.manager = ManualClock(), Manager()
        self.told: list[Fact] = []
        self.supervisor = Supervisor(self.clock, self.told.append, Notifier(self.manager))

    def run(self, *services: Service) -> None:
        for service in services:
            self.supervisor.add(service)
        self.supervisor.start()

    def look(self, after_s: float = 1.0) -> bool:
        self.clock.advance(after_s)
        return self.supervisor.step(self.clock.monotonic_s())

    def events(self) -> list[str]:
        return [fact.event for fact in self.told]


def test_the_watchdog_is_fed_only_while_every_service_comes_back_from_its_steps() -> None:
    desk, good, stuck = Desk(), Working("good"), Working("stuck")
    stuck.go_on.clear()
    desk.run(good, stuck)
    assert stuck.stepped.wait(WAIT_S)
    assert desk.look(stuck.patience_s - 1)
    assert desk.manager.fed == 1
    assert [desk.look(2.0), desk.look(), desk.look()] == [False] * 3
    assert desk.manager.fed == 1
    assert desk.events() == ["service-wedged"], "told once"
    assert desk.told[0].values["service"] == "stuck"
    stuck.go_on.set()
    stuck.stepped.clear()
    stuck.bell.set()
    assert stuck.stepped.wait(WAIT_S)
    assert desk.look()
    assert desk.manager.fed == 2
    assert desk.supervisor.stop() == []


def test_a_service_that_only_fails_stops_the_watchdog_only_if_counting_depends_on_it() -> None:
    for vital in (False, True):
        desk, service = Desk(), Working("failing")
        service.vital, service.broken = vital, True
        desk.run(service)
        assert service.stepped.wait(WAIT_S)
        service.stepped.clear()
        service.bell.set()
        assert service.stepped.wait(WAIT_S), "it is tried again"
        assert desk.look(FAILING_S - 1)
        assert desk.look(2.0) is not vital
        desk.supervisor.stop()
        assert "service-restarted" in desk.events()


def test_a_stuck_service_that_has_a_successor_is_left_behind() -> None:
    desk, old = Desk(), Replaceable("reader")
    old.go_on.clear()
    desk.run(old)
    assert old.stepped.wait(WAIT_S)
    assert desk.look(old.patience_s + 1)
    assert desk.manager.fed == 1
    assert old.heir.stepped.wait(WAIT_S)
    old.go_on.set()
    assert old.closed.wait(WAIT_S), "once it comes back it clears up after itself"
    assert desk.supervisor.stop() == []
    assert old.heir.closed.is_set()


def test_services_stop_in_reverse_order_and_who_does_not_is_named() -> None:
    desk, log = Desk(), list[str]()
    first, stuck, last = First("first", log=log), Working("stuck", log=log), Last("last", log=log)
    stuck.stop_within_s = 0.0
    stuck.go_on.clear()
    desk.run(first, stuck, last)
    assert stuck.stepped.wait(WAIT_S)
    assert desk.supervisor.stop() == ["stuck"]
    assert log == ["last", "first"]
    assert desk.events() == ["stopped-late"]
    assert "stuck did not stop in time" in desk.told[0].message
    stuck.go_on.set()
    assert stuck.closed.wait(WAIT_S)
