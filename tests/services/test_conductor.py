"""The main thread: ready at the right moment, signals between two steps, an orderly end, and answers when asked."""

from __future__ import annotations

import base64
import os
import signal
from threading import Thread
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from edge.core.clock import ManualClock, SystemClock
from edge.core.errors import AcmError, ConfigError, InputError
from edge.core.events import LineCrossed, ZoneExited
from edge.core.frame import Frame
from edge.core.model import Direction, Sighting, Tripwire
from edge.host.control import ControlServer
from edge.host.control_client import ControlClient
from edge.host.journal import Journal
from edge.host.notify import Notifier
from edge.services.analysis import Analysis, CountingPlan, Outlet
from edge.services.board import Board, CameraPost
from edge.services.capture import CameraState, CameraWatch
from edge.services.conductor import Conductor
from edge.services.control import Control, told
from edge.services.desk import Desk
from edge.services.happening import Happening
from edge.services.ledger import Ledger
from edge.services.news import News
from edge.services.runner import Runner
from edge.services.service import Service
from edge.services.signals import Signals
from edge.services.snapshots import Snapshot
from edge.services.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edge.core.notice import Fact

WAIT_S = 10.0
DOOR = Tripwire("door", (0.5, 1.0), (0.5, 0.0))


class Still:
    """Sees nobody."""

    def see(self, frame: Frame) -> Sighting:
        return Sighting(frame.t_s, ())


def frame(t_s: float = 0.0) -> Frame:
    return Frame(np.zeros((48, 64, 3), dtype=np.uint8), t_s)


class Box:
    """Two cameras, a board and a conductor; what the service manager and the journal heard."""

    def __init__(self) -> None:
        self.clock = ManualClock(100.0)
        self.heard: list[str] = []
        self.facts: list[Fact] = []
        self.ledger = Ledger()
        self.snapshots = [Snapshot(name, self.clock) for name in ("front", "back")]
        self.posts = [self._post(snapshot) for snapshot in self.snapshots]
        self.sections: dict[str, Any] = {"machine": lambda _: {"celsius": 51.4}}
        self.board = Board(self.posts, self.ledger, self.clock, self.sections)
        self.notifier = Notifier(self._hear)
        self.supervisor = Supervisor(self.clock, self.facts.append, self.notifier)
        self.reloads = 0
        self.wrong = False
        self.reason: str | None = None
        self.conductor = Conductor(
            self.supervisor, self.board, self.notifier, self.clock, self.facts.append,
            reload=self._reload, over=lambda: self.reason,
        )  # fmt: skip

    def _hear(self, message: str) -> bool:
        self.heard.append(message)
        return True

    def _post(self, snapshot: Snapshot) -> CameraPost:
        outlet = Outlet(self.ledger, (), (snapshot,))
        analysis = Analysis(snapshot.camera, CountingPlan((DOOR,)), Still, outlet, self.clock)
        return CameraPost(CameraWatch(snapshot.camera, self.clock, lambda _: None), analysis, 10.0)

    def _reload(self) -> None:
        self.reloads += 1
        if self.wrong:
            raise ConfigError("acm.toml:3: wrong")

    def step(self) -> None:
        self.clock.advance(1.0)
        self.conductor.step(self.clock.monotonic_s())

    def see(self, number: int) -> None:
        post = self.posts[number]
        post.watch.took(self.clock.monotonic_s())
        post.analysis.latest.put(frame(), self.clock.monotonic_s())
        post.analysis.step(self.clock.monotonic_s())

    @property
    def ready(self) -> bool:
        return any("READY=1" in message for message in self.heard)


def test_ready_comes_with_the_first_picture_looked_at() -> None:
    box = Box()
    box.step()
    box.posts[0].watch.took(100.0)
    box.posts[1].watch.becomes(CameraState.LOST, "unplugged")
    box.step()
    assert not box.ready
    assert any("STATUS=starting" in message for message in box.heard)
    box.see(0)
    box.step()
    assert box.ready
    (fact,) = box.facts
    assert (fact.event, dict(fact.values)) == ("started", {"cameras": 2, "lost": 1})


def test_ready_comes_too_when_every_camera_is_known_to_be_lost() -> None:
    box = Box()
    box.posts[0].watch.becomes(CameraState.LOST, "unplugged")
    box.step()
    assert not box.ready
    box.posts[1].watch.becomes(CameraState.HANGING, "it has not answered")
    box.step()
    assert box.ready


def test_the_status_line_tells_rate_counts_heat_and_what_is_lost() -> None:
    box = Box()
    box.see(0)
    box.ledger.cross("front", LineCrossed(0.0, "door", Direction.IN, 1, 0.0, 0.0), 0.0)
    box.posts[1].watch.becomes(CameraState.LOST, "unplugged")
    line = box.board.line(box.clock.monotonic_s())
    assert line == "1.0 pictures/s, in 1, out 0, inside 1, camera back lost, 51 degrees"


def test_signals_are_taken_between_two_steps_and_handlers_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    box = Box()
    box.see(0)
    with Signals() as signals:
        os.kill(os.getpid(), signal.SIGHUP)
        signals.wait(WAIT_S)
        assert (signals.take_reload(), signals.take_reload()) == (True, False)
        signals.reload = True
        box.wrong = True
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        late = box.conductor.run(signals)
    assert late == []
    assert box.reloads == 0, "a stop comes first"
    assert [fact.event for fact in box.facts][-2:] == ["stopping", "stopped"]
    assert box.facts[-2].values["reason"] == "signal SIGTERM"
    assert any("STOPPING=1" in message for message in box.heard)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_reload_that_is_refused_goes_on() -> None:
    box = Box()
    box.see(0)
    box.wrong = True
    with Signals() as signals:
        signals.reload = True

        def end() -> None:
            while not box.reloads:
                signals.wake()
            box.reason = "the test is over"
            signals.wake()

        ending = Thread(target=end)
        ending.start()
        box.conductor.run(signals)
        ending.join(WAIT_S)
    assert box.reloads == 1
    reloading = next(number for number, message in enumerate(box.heard) if "RELOADING=1" in message)
    assert any("READY=1" in message for message in box.heard[reloading:])
    assert box.facts[-2].values["reason"] == "the test is over"


class Switchboard:
    """Stands for relays: remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def request(self, action: object) -> None:
        self.asked.append(action)


class Reloading:
    def reload(self) -> tuple[list[str], list[str]]:
        return ["rule"], ["sound.device"]


def desk(box: Box, switchboard: Switchboard) -> Mapping[str, Any]:
    return Desk(
        box.board, Reloading(), switchboard, box.clock, sound=None, snapshots=box.snapshots  # type: ignore[arg-type]
    ).handlers


def test_a_storm_of_signals_is_one_wish_and_the_last_is_heard() -> None:
    box = Box()
    waits: list[float] = []

    class Storm(Signals):
        def wait(self, timeout_s: float) -> None:
            waits.append(timeout_s)
            box.clock.advance(0.05)
            self.reload = len(waits) <= 30 or self.reload
            if len(waits) == 60:
                self.stop = signal.SIGTERM

    with Storm() as storm:
        box.conductor.run(storm)
    assert box.reloads == 3, "the first, one a second later, and the last"


def test_what_is_asked_is_answered_and_wrong_questions_are_told() -> None:
    box, switchboard = Box(), Switchboard()
    ask = desk(box, switchboard)
    status = ask["status"]({})
    assert (status["state"], status["in"], status["cameras"][1]["state"]) == ("starting", 0, "starting")
    assert [(line["camera"], line["line"], line["in"]) for line in status["lines"]] == [
        ("front", "door", 0), ("back", "door", 0),
    ]  # fmt: skip
    assert ask["reload"]({}) == {"changed": ["rule"], "waiting": ["sound.device"]}
    ask["relay"]({"relay": "lamp", "turn": "pulse", "for_s": 2})
    assert (switchboard.asked[0].relay, switchboard.asked[0].for_s) == ("lamp", 2.0)
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("relay", {"relay": "lamp", "turn": "sideways"}, "on, off, pulse"),
        ("relay", {"relay": "lamp", "turn": "pulse", "for_s": "long"}, "seconds"),
        ("relay", {"relay": "lamp", "turn": "pulse", "for_s": float("inf")}, "up to 86400"),
        ("relay", {"relay": "lamp", "turn": "pulse", "for_s": True}, "seconds"),
        ("chime", {}, "switched off"),
        ("snapshot", {"camera": "attic"}, "there are front, back"),
        ("snapshot", {}, "not given a picture yet"),
    ]
    for verb, words, said in wrong:
        with pytest.raises(AcmError, match=said):
            ask[verb](words)


def test_a_snapshot_is_a_picture_as_it_is_or_painted() -> None:
    box = Box()
    box.see(0)
    ask = desk(box, Switchboard())
    for painted in (False, True):
        shot = ask["snapshot"]({"camera": "front", "painted": painted})
        image = cv2.imdecode(np.frombuffer(base64.b64decode(shot["jpeg"]), np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        assert image.shape == (48, 64, 3)
        assert bool(image.max() > 60) is painted
    with pytest.raises(InputError, match="back has not given"):
        ask["snapshot"]({"camera": "back"})


def test_the_control_socket_answers_and_tells_subscribers_from_its_own_thread(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    box = Box()
    control = Control(ControlServer(path, desk(box, Switchboard()), box.facts.append))
    runner = Runner(control, SystemClock(), lambda _, error: box.facts.append(error))  # type: ignore[arg-type]
    runner.start()
    with ControlClient(path) as client, ControlClient(path) as listener:
        events = listener.events(silence_s=WAIT_S)
        assert client.ask("status")["inside"] == 0
        # The subscription is made by the first look at the events.
        teller = Thread(target=lambda: _tell_until(control, told_twice))
        told_twice: list[dict[str, Any]] = []
        teller.start()
        told_twice.append(next(events))
        teller.join(WAIT_S)
        assert told_twice[0]["event"] == "line-crossed"
    runner.stop()
    assert runner.join(WAIT_S)
    assert not path.exists()
    assert box.facts == []


def _tell_until(control: Control, heard: list[dict[str, Any]]) -> None:
    event = LineCrossed(1.0, "door", Direction.IN, 7, 0.9, 1.2)
    flag = Service("pause").bell
    for _ in range(1000):
        if heard:
            return
        control.take([Happening("front", event, 1001.0, 1001.2)])
        flag.wait(0.01)


def test_events_are_told_in_plain_words() -> None:
    event = LineCrossed(1.23456, "door", Direction.OUT, 7, 0.9, 1.2)
    assert told(Happening("front", event, 1001.23456, 1001.3)) == {
        "event": "line-crossed", "camera": "front", "at_s": 1001.235, "t_s": 1.235, "line": "door",
        "direction": "out", "track_id": 7, "provisional_t_s": 0.9, "committed_t_s": 1.2,
    }  # fmt: skip
    assert told(Happening("front", ZoneExited(2.0, "till", 7, 30.0), 2.0, 2.0))["event"] == "zone-exited"


def test_news_go_to_the_journal_and_once_to_the_listeners() -> None:
    clock, lines, listened = ManualClock(0.0), list[str](), list[str]()

    def sink(entry: Mapping[str, str]) -> bool:
        lines.append(entry["ACM_EVENT"])
        return True

    news = News(Journal(sink), clock)
    news.listeners.append(lambda fact: listened.append(fact.event))
    watch = CameraWatch("front", clock, news.camera_changed)
    for _ in range(3):
        watch.becomes(CameraState.RUNNING)
        clock.advance(60.0)
        watch.becomes(CameraState.LOST, "unplugged")
        clock.advance(5.0)
    assert lines == listened == ["camera-lost", "camera-back"]
    clock.advance(3600.0)
    news.step(clock.monotonic_s())
    news.close()
    assert "notices-held-back" in lines
