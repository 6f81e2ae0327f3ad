"""The command ``acm``: reads the words after it and calls one function for each verb."""

from __future__ import annotations

import argparse
import errno
import io
import math
import os
import re
import signal
import sys
import threading
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from edge import __version__
from edge.core.errors import AcmError, InputError
from edge.core.model import Mount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edge.services.plan import Wish

MOTIONS = ("left-to-right", "right-to-left", "top-to-bottom", "bottom-to-top")
GLOBAL_OPTIONS = ("-h", "--help", "--version")
NUMBER_OPTIONS = ("--line", "--fps", "--threads", "--frames")
MOST_THREADS = 16
INTERRUPTED = 130
PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``acm`` with these words (the process's own by default); return its exit code.

    0: done; 2: wrong input, told in one sentence; 1: failed while running; 130: interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _prepare()
    try:
        with _ended_like_ctrl_c():
            ask = _parsed(words)
            code: int = ask.run(ask)
            sys.stdout.flush()
    except AcmError as error:
        sys.stderr.write(f"acm: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        _write_no_more()
        return PIPE_CLOSED
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.stderr.write("acm: The output cannot be written: there is no room; free some or name another place.\n")
        _write_no_more()
        return AcmError.exit_code
    return code


def _prepare() -> None:
    """Set what has to be set before anything is loaded or written."""
    # The video library must not mix its own lines with ours.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    # A file's name may hold bytes that are no letters.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _write_no_more() -> None:
    """Nothing may be written any more, not even on exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Being asked to end cleans up as Ctrl-C does; half-written files would be left behind otherwise."""
    if threading.current_thread() is not threading.main_thread():
        # Python lets nobody else set this.
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one sentence, as every other error of the product is told."""

    def error(self, message: str) -> NoReturn:
        """Turn argparse's wording into ours."""
        option, _, what = message.removeprefix("argument ").partition(": ")
        if what.startswith("expected"):
            raise InputError(f"{option} needs a value; {self.prog} --help tells which.")
        raise InputError(f"{option}: {what}" if what else f"{message}; {self.prog} --help tells more.")


def _parsed(words: list[str]) -> argparse.Namespace:
    parser, verbs = _parser()
    if not words:
        raise InputError(f"say what to do: {', '.join(verbs)} (acm --help tells more).")
    if words[0].startswith("-") and words[0] not in GLOBAL_OPTIONS:
        raise InputError(f"there is no option {words[0]}{_suggestion(words[0], GLOBAL_OPTIONS)}")
    if not words[0].startswith("-") and words[0] not in verbs:
        raise InputError(f"there is no command {words[0]!r}{_suggestion(words[0], list(verbs))}")
    ask, unknown = parser.parse_known_args(_joined(words))
    if unknown:
        first = next((word for word in unknown if word.startswith("-")), unknown[0])
        known = [option for action in verbs[ask.verb]._actions for option in action.option_strings]  # noqa: SLF001 - argparse tells its options nowhere else
        if first.startswith("-"):
            name = first.partition("=")[0]
            raise InputError(f"{ask.verb} has no option {name}{_suggestion(name, known)}")
        raise InputError(f"{ask.verb} cannot use the word {first!r}; leave it out (acm {ask.verb} --help).")
    return ask


def _suggestion(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}."


def _joined(words: list[str]) -> list[str]:
    """A line that starts with a minus is a (wrong) value to be told about, not an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in NUMBER_OPTIONS and re.match(r"-[\d.]", word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _parser() -> tuple[_Parser, dict[str, _Parser]]:
    parser = _Parser(prog="acm", description="Counts people at a shop's door.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"acm {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", required=True)
    makers: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
        "replay": ("count in a video, as fast as it goes", _replay_options),
        "demo": ("count in a video or camera in real time, and show it", _demo_options),
        "bench": ("measure what counting costs on this machine", _bench_options),
    }
    made = {}
    for verb, (text, add_options) in makers.items():
        made[verb] = verbs.add_parser(verb, help=text, description=f"{text.capitalize()}.", allow_abbrev=False)
        add_options(made[verb])
    return parser, made


def _line_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--line", action="append", default=[], metavar="X1,Y1,X2,Y2",
        help="a line to count at, in fractions of the picture (0,0 is the upper left); may be given again",
    )  # fmt: skip
    verb.add_argument(
        "--in", dest="motions", action="append", default=[], type=_one_of(MOTIONS), metavar="WAY",
        help=f"which way is in at that line: {', '.join(MOTIONS)}",
    )  # fmt: skip
    verb.add_argument(
        "--name", dest="names", action="append", default=[], metavar="NAME", help="what to call that line"
    )
    verb.add_argument("--lines", "--line-from", type=Path, metavar="FILE", help="take the lines of a .gt.json or .toml")
    verb.add_argument("--config", type=Path, metavar="FILE", help="take lines, mount and rate of a settings file")
    verb.add_argument("--camera", metavar="NAME", help="which camera of --config")
    verb.add_argument(
        "--mount", metavar="MOUNT", type=_one_of(tuple(mount.value for mount in Mount)),
        help="oblique: the camera sees people from the side or a corner (usual); overhead: from straight above",
    )  # fmt: skip
    verb.add_argument("--fps", type=_positive, metavar="RATE", help="pictures a second to look at (10)")


def _detector_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--model", type=Path, metavar="FILE", help="another detector (.tflite)")
    verb.add_argument(
        "--threads", type=_threads, default=1, metavar="N", help="processor threads for the detector, 1 to 16 (1)"
    )
    verb.add_argument(
        "--delegate", type=Path, metavar="LIB", help="accelerator library for the detector, e.g. libedgetpu.so.1"
    )


def _replay_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("video", nargs="?", help="a video file")
    _line_options(verb)
    _detector_options(verb)
    verb.add_argument("--events", type=Path, metavar="FILE", help="write the crossings as JSON lines")
    verb.add_argument("--truth", type=Path, metavar="FILE", help="compare with the true crossings of a .gt.json")
    verb.add_argument("--render", type=Path, metavar="OUT.mp4", help="write the video with everything drawn on it")
    verb.add_argument("--explain", action="store_true", help="tell of every track that was not counted, and why")
    verb.add_argument("--json", action="store_true", help="print the outcome as JSON")
    verb.set_defaults(run=_replay)


def _demo_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("video", nargs="?", help="a video file, /dev/video0 or a stream's address (a sample clip)")
    _line_options(verb)
    _detector_options(verb)
    verb.add_argument("--once", action="store_true", help="end after one pass instead of starting again")
    verb.add_argument("--no-sound", action="store_true", help="no chime")
    verb.set_defaults(run=_demo)


def _bench_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print the figures as JSON")
    verb.add_argument("--video", type=Path, metavar="FILE", help="measure on this video (a sample clip)")
    verb.add_argument("--frames", type=_whole, default=150, metavar="N", help="how many pictures to measure on (150)")
    verb.add_argument("--model", type=Path, metavar="FILE", help="another detector (.tflite)")
    verb.add_argument("--check", action="store_true", help="end with 1 when a budget is exceeded")
    verb.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    verb.set_defaults(run=_bench)


def _replay(ask: argparse.Namespace) -> int:
    from edge import app  # noqa: PLC0415 - loads the video library, which must be told to be quiet before

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
    from edge import app  # noqa: PLC0415 - as above

    detector = app.DetectorChoice(ask.model, ask.threads, ask.delegate)
    return app.demo(
        app.DemoAsk(ask.video, _wish(ask), detector, once=ask.once, sound=not ask.no_sound), sys.stdout, sys.stderr
    )


def _bench(ask: argparse.Namespace) -> int:
    from edge import app  # noqa: PLC0415 - as above

    asked = app.BenchAsk(ask.video, ask.frames, ask.model, as_json=ask.json, check=ask.check, child=ask.child)
    return app.bench(asked, sys.stdout, sys.stderr)


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


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def chosen(text: str) -> str:
        if text not in choices:
            near = get_close_matches(text, choices, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(choices)}."
            raise argparse.ArgumentTypeError(f"there is no {text!r}; {hint}")
        return text

    return chosen


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate; give a number above 0, such as 10.")
    return number


def _threads(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST_THREADS)) else 0
    if not 1 <= number <= MOST_THREADS:
        raise argparse.ArgumentTypeError(f"{text!r} will not do; give a whole number from 1 to {MOST_THREADS}.")
    return number


def _whole(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} will not do; give a whole number from 1 on.")
    return number
