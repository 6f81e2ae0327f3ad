"""One camera's reader: frames, losses, recordings that end, reads that never come back."""

from __future__ import annotations

from itertools import pairwise
from threading import Event as Flag
from typing import TYPE_CHECKING

import numpy as np

from edge.core.clock import ManualClock, SystemClock
from edge.core.errors import CameraError
from edge.core.frame import Frame
from edge.host.notify import Notifier
from edge.services.capture import MOST_LEFT_BEHIND, CameraPlan, CameraState, CameraWatch, Capture
from edge.services.handoff import LatestFrame
from edge.services.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.ports import Camera

WAIT_S = 10.0


def frame(t_s: float) -> Frame:
    return Frame(np.zeros((4, 4, 3), dtype=np.uint8), t_s)


class Scripted:
    """Does on each read what the script says: a time gives a frame, None ends, an error breaks."""

    def __init__(self, *script: float | CameraError | None) -> None:
        self.script = list(script)
        self.closed = False

    def read(self) -> Frame | None:
        what = self.script.pop(0)
        if isinstance(what, CameraError):
            raise what
        return None if what is None else frame(what)

    def close(self) -> None:
        self.closed = True


class Post:
    """A capture with everything around it."""

    def __init__(self, open_camera: Callable[[], Camera], *, live: bool = True, repeat: bool = True) -> None:
        self.clock = ManualClock(100.0)
        self.latest = LatestFrame(Flag())
        self.states: list[tuple[float, CameraState, str]] = []
        self.watch = CameraWatch("door", self.clock, self._changed)
        self.plan = CameraPlan("door", open_camera, live=live, repeat=repeat)
        self.capture = Capture(self.plan, self.latest, self.watch, self.clock)

    def _changed(self, watch: CameraWatch) -> None:
        self.states.append((self.clock.monotonic_s(), watch.state, watch.why))

    def step(self, *, times: int = 1, each_s: float = 0.1) -> None:
        for _ in range(times):
            self.capture.step(self.clock.monotonic_s())
            self.clock.advance(each_s)


def lost() -> CameraError:
    return CameraError("camera /dev/video0 is lost; check its plug.")


def test_a_live_camera_that_is_lost_is_opened_again_and_both_is_told_once() -> None:
    cameras = [Scripted(1.0, 2.0, lost()), Scripted(lost()), Scripted(lost()), Scripted(30.0, 31.0)]
    opened: list[Scripted] = []

    def open_camera() -> Camera:
        opened.append(cameras[len(opened)])
        return opened[-1]

    post = Post(open_camera)
    while post.watch.frames < 4:
        post.step()
    assert [(state, why) for _, state, why in post.states] == [
        (CameraState.RUNNING, ""),
        (CameraState.LOST, "camera /dev/video0 is lost; check its plug."),
        (CameraState.RUNNING, ""),
    ]
    assert [camera.closed for camera in opened] == [True, True, True, False]
    assert post.watch.losses == 1
    lost_s, back_s = post.states[1][0], post.states[2][0]
    assert 1.5 < back_s - lost_s < 8, "first soon, then later"
    shot, ended = post.latest.poll()
    assert shot is not None
    assert (shot.taken_s, shot.reel, ended) == (31.0, 0, False), "a live camera's time goes on"


def test_a_camera_that_is_gone_for_a_day_is_tried_every_few_seconds() -> None:
    tries: list[float] = []

    def open_camera() -> Camera:
        tries.append(post.clock.monotonic_s())
        return Scripted(lost())

    post = Post(open_camera)
    post.step(times=1000)
    gaps = [after - before for before, after in pairwise(tries)]
    assert max(gaps) <= 5.2
    assert min(gaps[4:]) >= 3.5
    assert len(post.states) == 1


def test_a_camera_that_cannot_be_opened_is_lost_at_once() -> None:
    def open_camera() -> Camera:
        raise lost()

    post = Post(open_camera)
    post.step()
    assert post.watch.state is CameraState.LOST
    assert post.watch.gone


def test_a_recording_starts_again_on_a_reel_of_its_own_or_ends() -> None:
    for repeat in (True, False):
        reels = [Scripted(0.0, 0.1, None), Scripted(0.0, None), Scripted(0.0, 0.1)]
        post = Post(lambda reels=reels: reels.pop(0), live=False, repeat=repeat)  # type: ignore[misc]
        seen: list[tuple[float, int] | None] = []
        for _ in range(6):
            post.step(each_s=0.5)
            shot, _ = post.latest.poll()
            seen.append(shot and (shot.frame.t_s, shot.reel))
        if repeat:
            assert seen == [(0.0, 0), (0.1, 0), None, (0.0, 1), None, (0.0, 2)]
            assert post.watch.state is CameraState.RUNNING
        else:
            assert seen == [(0.0, 0), (0.1, 0), None, None, None, None]
            assert post.watch.state is CameraState.ENDED
            assert post.latest.poll() == (None, True)


def test_frames_of_a_recording_are_taken_now() -> None:
    post = Post(lambda: Scripted(7.0), live=False)
    post.step()
    shot, _ = post.latest.poll()
    assert shot is not None
    assert (shot.frame.t_s, shot.taken_s) == (7.0, 100.0)


class Hanging:
    """Gives one frame, then never comes back until it is freed."""

    def __init__(self) -> None:
        self.hangs, self.freed, self.closed = Flag(), Flag(), Flag()
        self.reads = 0

    def read(self) -> Frame | None:
        self.reads += 1
        if self.reads > 1:
            self.hangs.set()
            self.freed.wait()
        return frame(self.reads)

    def close(self) -> None:
        self.closed.set()


class Unheard:
    def __call__(self, _: str) -> bool:
        return True


def test_a_read_that_hangs_is_given_up_and_its_late_frame_is_not_wanted() -> None:
    cameras = [Hanging(), Hanging()]
    opened: list[Hanging] = []

    def open_camera() -> Camera:
        opened.append(cameras[len(opened)])
        return opened[-1]

    post = Post(open_camera)
    supervisor = Supervisor(post.clock, lambda _: None, Notifier(Unheard()))
    supervisor.add(post.capture)
    supervisor.start()
    assert cameras[0].hangs.wait(WAIT_S)
    post.clock.advance(post.capture.patience_s + 1)
    assert supervisor.step(post.clock.monotonic_s()), "a camera that hangs is no reason to restart everything"
    assert post.watch.state is CameraState.HANGING
    for _ in range(200):
        post.clock.advance(1.0)
        if cameras[1].hangs.wait(0.05):
            break
    assert len(opened) == 2
    assert post.watch.state is CameraState.RUNNING
    frames = post.watch.frames
    cameras[0].freed.set()
    assert cameras[0].closed.wait(WAIT_S)
    assert post.watch.frames == frames, "its late frame is not counted"
    cameras[1].freed.set()
    assert supervisor.stop() == []
    assert cameras[1].closed.is_set()


def test_only_so_many_threads_are_left_behind_in_a_driver() -> None:
    opened: list[Hanging] = []

    def open_camera() -> Camera:
        opened.append(Hanging())
        return opened[-1]

    post = Post(open_camera)
    capture = post.capture
    for _ in range(MOST_LEFT_BEHIND + 3):
        capture = capture.successor()
    assert capture.left_behind == MOST_LEFT_BEHIND + 3
    post.clock.advance(60.0)
    capture.step(post.clock.monotonic_s())
    assert opened == [], "no more of them"
    post.capture.close()
    assert capture.left_behind == MOST_LEFT_BEHIND + 2


def test_stopping_closes_the_camera() -> None:
    camera = Scripted(*(float(number) for number in range(100_000)))
    watch = CameraWatch("door", SystemClock(), lambda _: None)
    capture = Capture(CameraPlan("door", lambda: camera), LatestFrame(Flag()), watch, SystemClock())
    capture.step(0.0)
    capture.close()
    assert camera.closed
