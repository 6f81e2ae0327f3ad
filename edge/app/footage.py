"""Footage: replay and bench put together of camera, detector, eye and services."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge.analytics.scene import Scene
from edge.app.bench_device import device_costs
from edge.core.clock import perf_ns
from edge.core.errors import AcmError, CameraError, InputError
from edge.core.model import Mount, Tripwire
from edge.hardware.opencv_camera import OpenCvCamera
from edge.hardware.tflite import DEFAULT_MODEL, TfliteDetector
from edge.host.memory import peak_rss_mb
from edge.host.sample_clip import sample_clip
from edge.host.whole_file import WholeFile
from edge.recording.clip import ClipWriter
from edge.services.bench import costs, empty_pictures, frames_of
from edge.services.bench_report import BenchReport, compared_invoke
from edge.services.plan import Plan, plan
from edge.services.replay import Filming, FromZero, Progress, UntilStopped, event_lines, replay
from edge.services.replay_report import Report, verdicts
from edge.vision.oblique import ObliqueEye
from edge.vision.overhead import OverheadEye

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from edge.core.frame import Frame
    from edge.core.ports import Camera, Detector, Eye
    from edge.services.plan import Wish
    from edge.services.replay import Outcome, Watcher

# Across the foot path of the sample clip: the lamp post beside it hides nobody who passes.
SAMPLE_LINE = Tripwire("path", (0.45, 0.24), (0.45, 0.62))
MIDDLE_LINE = Tripwire("middle", (0.5, 1.0), (0.5, 0.0))
RSS_FRAMES = 300


@dataclass(frozen=True, slots=True)
class DetectorChoice:
    """Which person detector, and on what."""

    model: Path | None = None
    threads: int = 1
    delegate: Path | None = None

    def open(self) -> TfliteDetector:
        """Load it; ``ModelError`` if it is not a person detector."""
        return TfliteDetector(self.model, threads=self.threads, delegate=self.delegate)


@dataclass(frozen=True, slots=True)
class ReplayAsk:
    """What ``acm replay`` was asked for."""

    video: str
    wish: Wish
    detector: DetectorChoice = DetectorChoice()
    events: Path | None = None
    render: Path | None = None
    explain: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class BenchAsk:
    """What ``acm bench`` was asked for."""

    video: Path | None = None
    frames: int = 150
    model: Path | None = None
    as_json: bool = False
    check: bool = False
    child: bool = False


def eye_for(mount: Mount, detector: Callable[[], Detector]) -> Eye:
    """The pipeline of a mount; the overhead one needs no detector and loads none."""
    return OverheadEye() if mount is Mount.OVERHEAD else ObliqueEye(detector())


def replay_video(ask: ReplayAsk, out: TextIO, err: TextIO) -> int:
    """Count in a video and tell the outcome. Everything that can be refused is refused before the long run."""
    planned = plan(ask.wish)
    _check_outputs(ask)
    with ExitStack() as stack:
        watchers: list[Watcher] = []
        if ask.render is not None:
            part = stack.enter_context(WholeFile(ask.render, "--render")).part
            watchers.append(Filming(stack.enter_context(ClipWriter(part, planned.fps, ask.render))))
        events = stack.enter_context(WholeFile(ask.events, "--events")) if ask.events is not None else None
        camera = stack.enter_context(closing(OpenCvCamera(ask.video, fps=planned.fps)))
        eye = eye_for(planned.mount, ask.detector.open)
        if err.isatty() and not camera.live:
            progress = Progress(err, camera.duration_s)
            watchers.append(progress)
            stack.callback(progress.clear)
        outcome, warning = _read_out(camera, eye, planned, watchers, err)
        if events is not None:
            events.write_text(event_lines(outcome.crossings))
    _tell(ask, planned, outcome, out)
    if warning is not None:
        raise CameraError(warning)
    return 0


def _read_out(
    camera: OpenCvCamera, eye: Eye, planned: Plan, watchers: list[Watcher], err: TextIO
) -> tuple[Outcome, str | None]:
    """Replay to the end, a live camera until it is stopped; tell what was seen and what was wrong with the source."""
    if not camera.live:
        outcome = replay(camera, eye, _scene_opener(planned), watchers)
        return outcome, camera.warning
    with UntilStopped(FromZero(camera)) as source:
        err.write("This is a live camera: counting until Ctrl-C.\n")
        err.flush()
        outcome = replay(source, eye, _scene_opener(planned), watchers)
    return outcome, None if source.lost is None else str(source.lost)


def _check_outputs(ask: ReplayAsk) -> None:
    wish, model = ask.wish, ask.detector.model
    read = [Path(ask.video), wish.truth, wish.lines_from, wish.config, model or DEFAULT_MODEL]
    for option, path in (("--events", ask.events), ("--render", ask.render)):
        if path is not None and any(_same(path, other) for other in read if other is not None):
            raise InputError(f"{option} would overwrite {path}, which is read; name another file.")
    if ask.render is not None and ask.render.suffix.lower() != ".mp4":
        raise InputError(f"--render: {ask.render} must end in .mp4, the video format that is written.")
    if ask.render is not None and ask.events is not None and _same(ask.render, ask.events):
        raise InputError("--render and --events name the same file; give each its own.")


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        # One of them is not there, or is no path: they may still be spelled alike.
        return path.absolute() == other.absolute()


def _scene_opener(planned: Plan) -> Callable[[float], Scene]:
    return lambda aspect: Scene(planned.tripwires, planned.zones, aspect)


def _tell(ask: ReplayAsk, planned: Plan, outcome: Outcome, out: TextIO) -> None:
    truth = [(line.tripwire.name, line.crossings) for line in planned.truth]
    report = Report(Path(ask.video).name, outcome, verdicts(outcome, truth), explain=ask.explain)
    out.write(report.json() if ask.as_json else report.text())


def bench(ask: BenchAsk, out: TextIO, err: TextIO) -> int:
    """Measure what counting costs here."""
    video = str(ask.video or sample_clip(err.write))
    if ask.child:
        out.write(json.dumps({"peak_rss_mb": _product_rss_mb(video, ask)}) + "\n")
        return 0
    if err.isatty():
        err.write("Measuring; this takes about a minute.\n")
    detectors = {threads: DetectorChoice(ask.model, threads).open() for threads in (1, 2)}
    with closing(OpenCvCamera(video, fps=10.0)) as camera:
        empty = empty_pictures(camera)
    with closing(OpenCvCamera(video, fps=10.0)) as camera:
        measured = costs(frames_of(camera, ask.frames, perf_ns), empty, dict(detectors), perf_ns)
    one = detectors[1]
    tensor = one.prepare(empty[0])
    invoke = compared_invoke(ask.model or DEFAULT_MODEL, lambda: one.invoke(tensor), perf_ns)
    report = BenchReport(measured, _child_rss_mb(video, ask), invoke, Path(video).name, device_costs())
    out.write(report.json() if ask.as_json else report.text())
    return 0 if report.within or not ask.check else 1


def _product_rss_mb(video: str, ask: BenchAsk) -> float:
    """Peak memory of this process after it has counted for a while as the product does."""
    eye = eye_for(Mount.OBLIQUE, DetectorChoice(ask.model).open)
    with closing(OpenCvCamera(video, fps=10.0)) as camera:
        replay(_FirstFrames(camera, RSS_FRAMES), eye, _scene_opener(Plan((MIDDLE_LINE,))))
    return peak_rss_mb()


class _FirstFrames:
    """A camera that ends early."""

    def __init__(self, camera: Camera, frames: int) -> None:
        self._camera, self._left = camera, frames

    def read(self) -> Frame | None:
        self._left -= 1
        return self._camera.read() if self._left >= 0 else None

    def close(self) -> None:
        self._camera.close()


def _child_rss_mb(video: str, ask: BenchAsk) -> float:
    """The product alone in a process of its own: this one holds the bench's pictures too."""
    command = [sys.executable, "-m", "edge", "bench", "--child", "--video", video]
    command += ["--model", str(ask.model)] if ask.model else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if done.returncode != 0:
        raise AcmError(f"The memory could not be measured: {done.stderr.strip()}")
    return float(json.loads(done.stdout)["peak_rss_mb"])
