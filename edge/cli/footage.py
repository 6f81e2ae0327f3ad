"""The verbs for footage: replay, demo, bench."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.device import where, where_options
from edge.cli.kinds import one_of, positive, threads, whole
from edge.core.errors import InputError
from edge.core.model import Mount

if TYPE_CHECKING:
    from edge.services.plan import Wish

MOTIONS = ("left-to-right", "right-to-left", "top-to-bottom", "bottom-to-top")


def _line_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--line", action="append", default=[], metavar="X1,Y1,X2,Y2",
        help="a line to count at, in fractions of the picture (0,0 is the upper left); may be given again",
    )  # fmt: skip
    verb.add_argument(
        "--in", dest="motions", action="append", default=[], type=one_of(MOTIONS), metavar="WAY",
        help=f"which way is in at that line: {', '.join(MOTIONS)}",
    )  # fmt: skip
    verb.add_argument(
        "--name", dest="names", action="append", default=[], metavar="NAME", help="what to call that line"
    )
    verb.add_argument("--lines", "--line-from", type=Path, metavar="FILE", help="take the lines of a .gt.json or .toml")
    verb.add_argument("--config", type=Path, metavar="FILE", help="take lines, mount and rate of a settings file")
    verb.add_argument("--camera", metavar="NAME", help="which camera of --config")
    verb.add_argument(
        "--mount", metavar="MOUNT", type=one_of(tuple(mount.value for mount in Mount)),
        help="oblique: the camera sees people from the side or a corner (usual); overhead: from straight above",
    )  # fmt: skip
    verb.add_argument("--fps", type=positive, metavar="RATE", help="pictures a second to look at (10)")


def _detector_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--model", type=Path, metavar="FILE", help="another detector (.tflite)")
    verb.add_argument(
        "--threads", type=threads, default=1, metavar="N", help="processor threads for the detector, 1 to 16 (1)"
    )
    verb.add_argument(
        "--delegate", type=Path, metavar="LIB", help="accelerator library for the detector, e.g. libedgetpu.so.1"
    )


def replay_options(verb: argparse.ArgumentParser) -> None:
    """What replay can be told."""
    verb.add_argument("video", nargs="?", help="a video file")
    _line_options(verb)
    _detector_options(verb)
    verb.add_argument("--events", type=Path, metavar="FILE", help="write the crossings as JSON lines")
    verb.add_argument("--truth", type=Path, metavar="FILE", help="compare with the true crossings of a .gt.json")
    verb.add_argument("--render", type=Path, metavar="OUT.mp4", help="write the video with everything drawn on it")
    verb.add_argument("--explain", action="store_true", help="tell of every track that was not counted, and why")
    verb.add_argument("--json", action="store_true", help="print the outcome as JSON")
    verb.set_defaults(run=_replay)


def demo_options(verb: argparse.ArgumentParser) -> None:
    """What the demonstration can be told."""
    verb.add_argument("video", nargs="?", help="a video file, /dev/video0 or a stream's address (a sample clip)")
    _line_options(verb)
    _detector_options(verb)
    verb.add_argument("--once", action="store_true", help="end after one pass instead of starting again")
    verb.add_argument("--no-sound", action="store_true", help="no chime")
    verb.add_argument("--no-panel", action="store_true", help="no panel beside it")
    verb.set_defaults(run=_demo)


def bench_options(verb: argparse.ArgumentParser) -> None:
    """What the bench can be told."""
    verb.add_argument("what", nargs="?", metavar="WHAT", help="forecast, sync or panel: what else is measured")
    verb.add_argument("--database", default="", metavar="ADDRESS", help="sync: an empty PostgreSQL (one for the while)")
    where_options(verb)
    verb.add_argument("--file", type=Path, metavar="RECORDS", help="forecast: other records than the box's own")
    verb.add_argument("--json", action="store_true", help="print the figures as JSON")
    verb.add_argument("--video", type=Path, metavar="FILE", help="measure on this video (a sample clip)")
    verb.add_argument("--frames", type=whole, default=150, metavar="N", help="how many pictures to measure on (150)")
    verb.add_argument("--model", type=Path, metavar="FILE", help="another detector (.tflite)")
    verb.add_argument("--check", action="store_true", help="end with 1 when a budget is exceeded")
    verb.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    verb.set_defaults(run=_bench)


def _replay(ask: argparse.Namespace) -> int:
    # It loads the video library, which must be told to be quiet before.
    from edge.app import footage as app  # noqa: PLC0415 - see above

    if ask.video is None:
        raise InputError("replay needs a video: acm replay VIDEO --line x1,y1,x2,y2 --in left-to-right.")
    return app.replay_video(
        app.ReplayAsk(
            video=ask.video,
            wish=_wish(ask, truth=ask.truth),
            detector=app.DetectorChoice(ask.model, ask.threads, ask.delegate),
            events=ask.events,
            render=ask.render,
            explain=ask.explain,
            as_json=ask.json,
        ),
        sys.stdout,
        sys.stderr,
    )


def _demo(ask: argparse.Namespace) -> int:
    from edge.app.demo import DemoAsk, demo  # noqa: PLC0415 - as above
    from edge.app.footage import DetectorChoice  # noqa: PLC0415 - as above

    detector = DetectorChoice(ask.model, ask.threads, ask.delegate)
    asked = DemoAsk(ask.video, _wish(ask), detector, once=ask.once, sound=not ask.no_sound,
                    panel=not ask.no_panel)  # fmt: skip
    return demo(asked, sys.stdout, sys.stderr)


def _bench(ask: argparse.Namespace) -> int:
    from edge.app import footage as app  # noqa: PLC0415 - as above

    if ask.what == "sync":
        from edge.app.bench_sync import SyncBenchAsk, bench_sync  # noqa: PLC0415 - as above

        return bench_sync(SyncBenchAsk(ask.database, ask.json, ask.check), sys.stdout, sys.stderr)
    if ask.what == "panel":
        return _bench_panel(ask)
    if ask.what not in (None, "forecast"):
        raise InputError(f"bench cannot use the word {ask.what!r}; leave it out (acm bench --help).")
    if ask.what is not None:
        from edge.app.expecting import ForecastAsk, bench_forecast  # noqa: PLC0415 - as above
        from edge.app.records import RecordsAsk  # noqa: PLC0415 - as above

        return bench_forecast(ForecastAsk(RecordsAsk(where(ask), ask.file), ask.json), sys.stdout)
    asked = app.BenchAsk(ask.video, ask.frames, ask.model, as_json=ask.json, check=ask.check, child=ask.child)
    return app.bench(asked, sys.stdout, sys.stderr)


def _bench_panel(ask: argparse.Namespace) -> int:
    if ask.child:
        from edge.app.callers import callers  # noqa: PLC0415 - as above

        return callers(sys.stdin, sys.stdout)
    from edge.app.bench_panel import PanelBenchAsk, bench_panel  # noqa: PLC0415 - as above

    return bench_panel(PanelBenchAsk(ask.json, ask.check), sys.stdout, sys.stderr)


def _wish(ask: argparse.Namespace, truth: Path | None = None) -> Wish:
    from edge.services.plan import Wish  # noqa: PLC0415 - as above

    return Wish(
        lines=tuple(ask.line),
        motions=tuple(ask.motions),
        names=tuple(ask.names),
        lines_from=ask.lines,
        config=ask.config,
        camera=ask.camera,
        truth=truth,
        mount=Mount(ask.mount) if ask.mount else None,
        fps=ask.fps,
    )
