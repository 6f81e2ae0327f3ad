"""One camera's frames become events in the books and at the sinks, at the right times, through every interruption."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.core.clock import ManualClock
from edge.core.events import LineCrossed, LineTouched, OccupancyChanged, VisitEnded, ZoneEntered, ZoneExited
from edge.core.model import Direction, Tripwire, Zone
from edge.hardware.sim import SimCamera, SimDetector, Walker
from edge.hardware.sim_door import Faults, SimDoor, passers_by
from edge.services.analysis import GAP_S, Analysis, CountingPlan, Outlet
from edge.services.capture import CameraPlan, CameraState, CameraWatch, Capture
from edge.services.ledger import Ledger
from edge.vision.oblique import ObliqueEye

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.events import Event
    from edge.core.frame import Frame
    from edge.core.model import Sighting
    from edge.services.happening import Happening

IN, OUT = Direction.IN, Direction.OUT
DOOR = Tripwire("door", (0.5, 1.0), (0.5, 0.0))
COUNTER = Zone("counter", ((0.6, 0.5), (0.9, 0.5), (0.9, 1.0), (0.6, 1.0)))
PLAN = CountingPlan((DOOR,), (COUNTER,), frozenset({"door"}))
# In at 3 s, to the counter, out at 13 s.
VISITOR = Walker("visitor", ((1.0, 0.1, 0.8), (5.0, 0.9, 0.8), (11.0, 0.7, 0.8), (15.0, 0.1, 0.8)))


class Memory:
    """A sink that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Happening] = []

    def take(self, happenings: Sequence[Happening]) -> None:
        self.told += happenings

    def of(self, kind: type[Event]) -> list[Happening]:
        return [happening for happening in self.told if isinstance(happening.event, kind)]


class Post:
    """A simulated camera, its capture and its analysis, moved on by hand. The machine was started 1000 s ago."""

    def __init__(self, *walkers: Walker, plan: CountingPlan = PLAN, speed: float = 1.0, reels: int = 1) -> None:
        self.clock, self.ledger, self.memory = ManualClock(1000.0), Ledger(), Memory()
        self.cameras = [SimCamera(walkers) for _ in range(reels)]
        eyes = iter([ObliqueEye(SimDetector(camera)) for camera in self.cameras])
        self.analysis = Analysis(
            "front", plan, lambda: next(eyes), Outlet(self.ledger, (self.memory,)), self.clock, speed=speed
        )
        watch = CameraWatch("front", self.clock, lambda _: None)
        opened = iter(self.cameras)
        self.capture = Capture(
            CameraPlan("front", lambda: next(opened), live=False, repeat=reels > 1), self.analysis.latest, watch,
            self.clock,
        )  # fmt: skip
        self.watch, self._speed = watch, speed

    def run(self, until_s: float = 1e9) -> None:
        """Each picture is read and looked at right away, as long as there are any."""
        while self.watch.state is not CameraState.ENDED and self.clock.monotonic_s() < until_s:
            try:
                self.capture.step(self.clock.monotonic_s())
            except StopIteration:
                return
            self.analysis.step(self.clock.monotonic_s())
            self.clock.advance(0.1 / self._speed)
        self.analysis.step(self.clock.monotonic_s())


def test_a_visit_is_told_in_the_order_it_happened_by_the_boxs_own_clock() -> None:
    post = Post(VISITOR)
    post.run()
    told = post.memory.told
    assert [type(happening.event) for happening in told] == [
        LineTouched, LineCrossed, OccupancyChanged, ZoneEntered, ZoneExited, LineTouched, LineCrossed,
        OccupancyChanged, VisitEnded,
    ]  # fmt: skip
    arrival, departure = post.memory.of(LineCrossed)
    assert arrival.at_s == pytest.approx(1003.0, abs=0.15)
    assert departure.at_s == pytest.approx(1012.33, abs=0.15)
    assert arrival.camera == "front"
    assert all(happening.at_s <= happening.taken_s for happening in told)
    (visit,) = post.memory.of(VisitEnded)
    assert isinstance(visit.event, VisitEnded)
    assert visit.event.stay_s == pytest.approx(departure.at_s - arrival.at_s)
    assert post.ledger.totals == {("front", "door"): {IN: 1, OUT: 1}}
    assert post.ledger.inside == 0


def test_a_recording_played_faster_is_told_at_the_clocks_times() -> None:
    post = Post(VISITOR, speed=4.0)
    post.run()
    arrival, departure = post.memory.of(LineCrossed)
    assert arrival.at_s == pytest.approx(1000 + 3.0 / 4, abs=0.05)
    assert departure.at_s == pytest.approx(1000 + 12.33 / 4, abs=0.05)


def test_each_pass_of_a_recording_counts_anew_and_nobody_crosses_at_the_cut() -> None:
    alone = Walker("alone", ((1.0, 0.1, 0.8), (5.0, 0.9, 0.8)))
    post = Post(alone, reels=3)
    post.run()
    assert post.ledger.totals == {("front", "door"): {IN: 3, OUT: 0}}
    assert len(post.memory.of(ZoneEntered)) == len(post.memory.of(ZoneExited)) == 3
    times = [happening.at_s for happening in post.memory.of(LineCrossed)]
    assert times == sorted(times)


def test_who_stands_in_a_zone_when_pictures_stop_has_left_it_after_a_while() -> None:
    post = Post(VISITOR)
    post.run(until_s=1008.0)
    assert post.memory.of(ZoneExited) == []
    post.clock.advance(GAP_S + 1)
    post.analysis.step(post.clock.monotonic_s())
    assert len(post.memory.of(ZoneExited)) == 1


def test_stopping_tells_the_end_of_what_was_going_on() -> None:
    post = Post(VISITOR)
    post.run(until_s=1008.0)
    post.analysis.close()
    (left,) = post.memory.of(ZoneExited)
    assert left.at_s <= 1008.0


def test_a_line_within_the_shop_is_counted_and_changes_nobody_inside() -> None:
    post = Post(VISITOR, plan=CountingPlan((DOOR,)))
    post.run()
    assert post.ledger.totals == {("front", "door"): {IN: 1, OUT: 1}}
    assert post.memory.of(OccupancyChanged) == post.memory.of(VisitEnded) == []


def test_other_lines_take_effect_with_the_next_picture_and_keep_who_is_followed() -> None:
    till = Tripwire("till", (0.8, 1.0), (0.8, 0.0))
    post = Post(VISITOR)
    post.run(until_s=1002.9)
    post.analysis.recount(CountingPlan((DOOR, till), (), frozenset({"door"})))
    post.run()
    assert post.ledger.totals == {("front", "door"): {IN: 1, OUT: 1}, ("front", "till"): {IN: 1, OUT: 1}}
    assert post.memory.of(ZoneEntered) == []


def test_a_picture_of_another_shape_starts_a_new_scene() -> None:
    post = Post(VISITOR)
    post.run(until_s=1008.0)
    wide = SimCamera((), width_px=800, height_px=300, times=[9.0])
    frame = wide.read()
    assert frame is not None
    post.analysis.latest.put(frame, 1009.0)
    post.analysis.step(1009.0)
    assert len(post.memory.of(ZoneExited)) == 1
    assert post.ledger.totals == {("front", "door"): {IN: 1, OUT: 0}}


def test_the_books_are_kept_before_the_sinks_are_told() -> None:
    post = Post(VISITOR)
    inside: list[int] = []

    class Reading:
        def take(self, happenings: Sequence[Happening]) -> None:
            if any(isinstance(happening.event, LineCrossed) for happening in happenings):
                inside.append(post.ledger.inside)

    post.analysis._outlet = Outlet(post.ledger, (Reading(),))  # noqa: SLF001 - a sink that reads the books
    post.run()
    assert inside == [1, 0]


def test_a_hot_processor_looks_at_fewer_pictures() -> None:
    post = Post(VISITOR)
    post.analysis.spacing_s = 0.45
    post.run(until_s=1010.0)
    assert post.analysis.frames == pytest.approx(21, abs=1)
    assert post.analysis.rate.per_s(post.clock.monotonic_s()) == pytest.approx(2.0, abs=0.3)


class Blind:
    """An eye that fails at every other picture."""

    def __init__(self, eye: ObliqueEye) -> None:
        self._eye, self._looks = eye, 0

    def see(self, frame: Frame) -> Sighting:
        self._looks += 1
        if self._looks % 2:
            raise ValueError("a fault in a library")
        return self._eye.see(frame)


def test_a_look_that_fails_costs_that_picture_only() -> None:
    post = Post(VISITOR)
    post.analysis._eye = Blind(ObliqueEye(SimDetector(post.cameras[0])))  # noqa: SLF001 - an eye with a fault
    failures = 0
    while post.watch.state is not CameraState.ENDED:
        post.capture.step(post.clock.monotonic_s())
        try:
            post.analysis.step(post.clock.monotonic_s())
        except ValueError:
            failures += 1
        post.clock.advance(0.1)
    assert failures > 50
    assert post.ledger.totals == {("front", "door"): {IN: 1, OUT: 1}}


def door(clock: ManualClock, faults: Faults | None = None) -> SimDoor:
    """A rehearsal that does not take its time."""
    return SimDoor(clock, people_per_minute=20.0, faults=faults or Faults(), wait=clock.advance)


def test_a_rehearsal_counts_the_people_of_its_own_script() -> None:
    clock, ledger, memory = ManualClock(50.0), Ledger(), Memory()
    sim = door(clock)
    eye = ObliqueEye(sim.detector())
    analysis = Analysis("sim", PLAN, lambda: eye, Outlet(ledger, (memory,)), clock)
    watch = CameraWatch("sim", clock, lambda _: None)
    capture = Capture(CameraPlan("sim", sim.reopened, live=False), analysis.latest, watch, clock)
    while clock.monotonic_s() < 650.0:
        capture.step(clock.monotonic_s())
        analysis.step(clock.monotonic_s())
    truth = 0
    for person in passers_by(20.0, sim._camera.mount, 1):  # noqa: SLF001 - how the camera hangs
        if person.waypoints[0][0] > 580:
            break
        truth += len(person.crossings(DOOR))
    counted = sum(sum(total.values()) for total in ledger.totals.values())
    assert counted == pytest.approx(truth, rel=0.1)
    assert analysis.frames == pytest.approx(6000, abs=5)


def test_a_rehearsed_loss_comes_and_goes_at_its_times() -> None:
    clock = ManualClock(50.0)
    sim = door(clock, Faults(lost_after_s=10.0, lost_for_s=20.0))
    states: list[tuple[CameraState, float]] = []
    watch = CameraWatch("sim", clock, lambda w: states.append((w.state, round(clock.monotonic_s() - 50.0))))
    analysis = Analysis("sim", PLAN, lambda: ObliqueEye(sim.detector()), Outlet(Ledger()), clock)
    capture = Capture(CameraPlan("sim", sim.reopened, live=False), analysis.latest, watch, clock)
    while clock.monotonic_s() < 100.0:
        clock.advance(min(1.0, capture.step(clock.monotonic_s())))
    assert states[:2] == [(CameraState.RUNNING, 0), (CameraState.LOST, 10)]
    assert states[2][0] is CameraState.RUNNING
    assert 30 <= states[2][1] <= 36
