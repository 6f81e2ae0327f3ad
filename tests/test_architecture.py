"""The house's rules, read off the source: who may import whom, and where each thing of the outside world lives.

Every rule is also shown to bite, on a small made-up house.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import edge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RANKS = {
    "edge": 0, "core": 0, "models": 0, "sounds": 0,
    "config": 1,
    "vision": 2, "analytics": 2,
    "hardware": 3, "host": 3, "storage": 3, "recording": 3, "upstream": 3, "integrations": 3, "reports": 3,
    "services": 4,
    "panel": 5, "hub": 5,
    "app": 6,
    "cli": 7,
    "__main__": 8,
}  # fmt: skip
HOMES = {
    "ai_edge_litert": {"hardware"}, "tflite_runtime": {"hardware"}, "picamera2": {"hardware"},
    "libcamera": {"hardware"}, "gpiozero": {"hardware"}, "lgpio": {"hardware"}, "pygame": {"hardware"},
    "peewee": {"storage"}, "playhouse": {"storage"}, "psycopg": {"storage"},
    "httpx": {"upstream", "integrations"}, "httpcore": {"upstream"}, "paho": {"upstream", "integrations"},
    "cryptography": {"upstream", "host", "hub", "panel", "integrations"},
    "pywebpush": {"integrations"}, "py_vapid": {"integrations"}, "http_ece": {"integrations"},
    "systemd": {"host"},
    "fpdf": {"reports"}, "xlsxwriter": {"reports"}, "matplotlib": {"reports"},
    "nicegui": {"panel", "hub"}, "fastapi": {"panel", "hub"}, "starlette": {"panel", "hub"},
    "uvicorn": {"panel", "hub"},
    "pydantic": {"config", "panel", "hub"},
}  # fmt: skip
CV2_HOMES = {"VideoCapture": "hardware", "VideoWriter": "recording"}
THREAD_ROOMS = {"services", "panel", "hub"}
STARTS_THREADS = {
    "Thread", "Timer", "ThreadPoolExecutor", "ProcessPoolExecutor", "ThreadingHTTPServer", "ThreadingTCPServer",
    "start_new_thread", "Process",
}  # fmt: skip
TIME_READERS = {
    "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time",
    "process_time_ns", "thread_time", "localtime", "gmtime", "clock_gettime",
}  # fmt: skip
NOW_READERS = {"now", "utcnow", "today"}
ENVIRON_ROOMS = {"cli", "config", "host"}
PICTURELESS_ROOMS = {"storage", "upstream", "integrations"}
DRAWERS_WITHOUT_A_LABEL = {"util", "utils", "helper", "helpers", "common", "misc"}
LATE_IMPORTERS = {"import_module", "importlib.import_module", "__import__"}
MODULE_LINES, FUNCTION_LINES = 350, 30


@dataclass(frozen=True)
class Import:
    """``target`` is a dotted module; ``typing_only`` stands under ``if TYPE_CHECKING``."""

    target: str
    line: int
    typing_only: bool


@dataclass(frozen=True)
class Module:
    """One source file, by its dotted name."""

    name: str
    tree: ast.Module
    lines: int
    imports: tuple[Import, ...]

    @property
    def room(self) -> str:
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else "edge"


House = dict[str, Module]


def read_house(root: Path) -> House:
    """Every module under the folder ``root`` (named edge)."""
    names = {path: _dotted(path.relative_to(root.parent)) for path in sorted(root.rglob("*.py"))}
    house = {}
    for path, name in names.items():
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text, str(path))
        imports = tuple(_imports(tree, name, package=path.stem == "__init__", known=set(names.values())))
        house[name] = Module(name, tree, len(text.splitlines()), imports)
    return house


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imports(tree: ast.Module, name: str, *, package: bool, known: set[str]) -> Iterator[Import]:
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        for target in _targets(node, name, package=package, known=known):
            yield Import(target, getattr(node, "lineno", 0), id(node) in typing_only)


def _targets(node: ast.AST, name: str, *, package: bool, known: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        up = name.split(".")[: len(name.split(".")) - node.level + package] if node.level else []
        base = ".".join([*up, *([node.module] if node.module else [])])
        inner = [f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in known]
        yield from inner
        if len(inner) < len(node.names):
            yield base
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in LATE_IMPORTERS:
        words = [word.value for word in node.args[:1] if isinstance(word, ast.Constant)]
        yield from (word for word in words if isinstance(word, str))


def _room_of(target: str) -> str:
    parts = target.split(".")
    return parts[1] if len(parts) > 1 else "edge"


def ranks(house: House) -> Iterator[str]:
    """A room imports only lower ranks and itself."""
    for module in house.values():
        if module.room not in RANKS:
            yield f"{module.name}: no such room"
            continue
        for used in (used for used in module.imports if used.target.split(".")[0] == "edge"):
            room = _room_of(used.target)
            if room != module.room and RANKS.get(room, 99) >= RANKS[module.room] and room != "edge":
                yield f"{module.name}:{used.line} imports its neighbour or better {used.target}"
            if module.room == "services" and room == "hardware":
                yield f"{module.name}:{used.line} reaches {used.target} past core.ports"


def pictures(house: House) -> Iterator[str]:
    """What is kept and sent cannot hold a picture."""
    for module in house.values():
        for used in module.imports:
            if module.room in PICTURELESS_ROOMS and used.target.startswith("edge.core.frame"):
                yield f"{module.name}:{used.line} knows pictures"


def homes(house: House) -> Iterator[str]:
    """Each vendor's library is imported in one room."""
    for module in house.values():
        for used in module.imports:
            allowed = HOMES.get(used.target.split(".")[0])
            if allowed is not None and module.room not in allowed:
                yield f"{module.name}:{used.line} imports {used.target}, whose home is {', '.join(sorted(allowed))}"
        for name, line in _names_used(module, "cv2"):
            if module.room != CV2_HOMES.get(name, module.room):
                yield f"{module.name}:{line} uses cv2.{name}, whose home is {CV2_HOMES[name]}"


def _names_used(module: Module, library: str) -> Iterator[tuple[str, int]]:
    """Attributes of a library and names imported from it, whatever it is called here."""
    called = {library}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            called |= {alias.asname for alias in node.names if alias.name == library and alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module == library and not node.level:
            yield from ((alias.name, node.lineno) for alias in node.names)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in called:
            yield node.attr, node.lineno


def threads(house: House) -> Iterator[str]:
    """Only services and servers start threads."""
    for module in house.values():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or module.room in THREAD_ROOMS:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in STARTS_THREADS:
                yield f"{module.name}:{node.lineno} starts a thread ({name})"


def clocks(house: House) -> Iterator[str]:
    """Time is an argument, or comes from a clock that was passed in."""
    for module in house.values():
        if module.name == "edge.core.clock":
            continue
        for name, line in _names_used(module, "time"):
            if name in TIME_READERS:
                yield f"{module.name}:{line} reads the clock (time.{name})"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr in NOW_READERS:
                owner = ast.unparse(node.value).rsplit(".", 1)[-1]
                if owner in ("datetime", "date"):
                    yield f"{module.name}:{node.lineno} reads the clock ({owner}.{node.attr})"


def environment(house: House) -> Iterator[str]:
    """Environment variables are read where settings come in."""
    for module in house.values():
        for name, line in _names_used(module, "os"):
            if name in ("environ", "environb", "getenv", "putenv") and module.room not in ENVIRON_ROOMS:
                yield f"{module.name}:{line} reads os.{name}"


def core_is_plain(house: House) -> Iterator[str]:
    """The words need nothing but the standard library and arrays."""
    plain = {*sys.stdlib_module_names, "numpy", "edge"}
    for module in house.values():
        for used in module.imports:
            # What only a checker of types reads costs a device nothing.
            only_read = used.typing_only and used.target.split(".")[0] == "typing_extensions"
            if module.room == "core" and used.target.split(".")[0] not in plain and not only_read:
                yield f"{module.name}:{used.line} imports {used.target}"


def labels(house: House) -> Iterator[str]:
    """A module's name says what is in it."""
    for name in house:
        if DRAWERS_WITHOUT_A_LABEL & set(name.split(".")):
            yield f"{name}: says nothing of what is in it"


def cycles(house: House) -> Iterator[str]:
    """No module needs itself, however far round. Imports for type checkers only are not needed to run."""
    needs = {
        name: {used.target for used in module.imports if not used.typing_only and used.target in house} - {name}
        for name, module in house.items()
    }
    done: set[str] = set()
    for start in needs:
        trail: list[str] = []
        found = _round_trip(start, needs, trail, done)
        if found:
            yield " -> ".join(found)


def _round_trip(name: str, needs: dict[str, set[str]], trail: list[str], done: set[str]) -> list[str] | None:
    if name in trail:
        return [*trail[trail.index(name) :], name]
    if name in done:
        return None
    trail.append(name)
    for other in sorted(needs[name]):
        found = _round_trip(other, needs, trail, done)
        if found:
            return found
    trail.pop()
    done.add(name)
    return None


def sizes(house: House) -> Iterator[str]:
    """Nine of ten modules and functions can be read at once."""
    modules = [(module.lines, name) for name, module in house.items() if module.lines > 1]
    functions = [
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{name}.{node.name}")
        for name, module in house.items()
        for node in ast.walk(module.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    for what, found, most in (("modules", modules, MODULE_LINES), ("functions", functions, FUNCTION_LINES)):
        lines, name = sorted(found)[int(0.9 * len(found))] if found else (0, "")
        if lines > most:
            yield f"a tenth of the {what} has {lines} lines or more, such as {name}; at most {most}"


RULES: tuple[Callable[[House], Iterator[str]], ...] = (
    ranks, pictures, homes, threads, clocks, environment, core_is_plain, labels, cycles, sizes,
)  # fmt: skip


@pytest.fixture(scope="module")
def our_house() -> House:
    return read_house(Path(edge.__file__).parent)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_our_house_keeps_the_rule(rule: Callable[[House], Iterator[str]], our_house: House) -> None:
    assert len(our_house) > 20, "the source was not found"
    assert list(rule(our_house)) == []


LONG_FUNCTION = "def long():\n" + "    pass\n" * 31
BROKEN = [
    (ranks, {"core/model.py": "import edge.config.load", "config/load.py": ""}),
    (ranks, {"vision/tracker.py": "from edge.analytics import scene", "analytics/scene.py": ""}),
    (ranks, {"storage/a.py": "if TYPE_CHECKING:\n    from edge.upstream.wire import Batch", "upstream/wire.py": ""}),
    (ranks, {"vision/tracker.py": "def late():\n    from edge import app", "app.py": ""}),
    (ranks, {"vision/tracker.py": "from ..services import replay", "services/replay.py": ""}),
    (ranks, {"cellar/wine.py": ""}),
    (ranks, {"services/capture.py": "from edge.hardware.sim import SimCamera", "hardware/sim.py": ""}),
    (pictures, {"storage/store.py": "from edge.core.frame import Frame", "core/frame.py": ""}),
    (pictures, {"upstream/wire.py": "from edge.core import frame", "core/frame.py": ""}),
    (homes, {"vision/detect.py": "from ai_edge_litert.interpreter import Interpreter"}),
    (homes, {"services/relay.py": "def on():\n    import gpiozero"}),
    (homes, {"services/relay.py": "import importlib\nimportlib.import_module('pygame.mixer')"}),
    (homes, {"analytics/model.py": "import pydantic"}),
    (homes, {"services/capture.py": "import cv2\ncv2.VideoCapture(0)"}),
    (homes, {"services/capture.py": "import cv2 as cv\ncv.VideoCapture(0)"}),
    (homes, {"vision/draw.py": "from cv2 import VideoWriter"}),
    (threads, {"hardware/camera.py": "import threading\nthreading.Thread(target=print).start()"}),
    (threads, {"app.py": "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor()"}),
    (clocks, {"analytics/scene.py": "import time\nt = time.monotonic()"}),
    (clocks, {"analytics/scene.py": "from time import perf_counter as now"}),
    (clocks, {"core/model.py": "import datetime as d\nd.datetime.now()"}),
    (clocks, {"core/model.py": "from datetime import date\ndate.today()"}),
    (environment, {"app.py": "import os\nos.environ['HOME']"}),
    (environment, {"vision/gate.py": "from os import getenv"}),
    (core_is_plain, {"core/model.py": "import cv2"}),
    (labels, {"core/utils.py": ""}),
    (labels, {"host/common/disk.py": ""}),
    (cycles, {"core/a.py": "import edge.core.b", "core/b.py": "def f():\n    from edge.core import a"}),
    (cycles, {"core/a.py": "from .b import x", "core/b.py": "from .c import x", "core/c.py": "from .a import x"}),
    (sizes, {"core/model.py": "x = 1\n" * 351}),
    (sizes, {"core/model.py": LONG_FUNCTION}),
]  # fmt: skip
SOUND = [
    {"cli.py": "from edge import __version__, app", "app.py": "import edge.services.run", "services/run.py": ""},
    {"panel/pages.py": "import edge.storage.queries\nimport nicegui", "storage/queries.py": "import peewee"},
    {"hardware/camera.py": "import cv2\ncv2.VideoCapture(0)", "recording/clip.py": "import cv2\ncv2.VideoWriter()"},
    {"core/clock.py": "import time\nt = time.monotonic()", "vision/gate.py": "import time\ntime.sleep"},
    {"host/paths.py": "import os\nos.environ", "services/run.py": "from threading import Thread\nThread()"},
    {"core/a.py": "import edge.core.b", "core/b.py": "if TYPE_CHECKING:\n    import edge.core.a"},
    {"analytics/days.py": "from datetime import date\ndef f(at): return at.today, at.time()"},
]  # fmt: skip


def build_house(root: Path, sources: dict[str, str]) -> House:
    for name, text in {"__init__.py": "__version__ = ''", **sources}.items():
        path = root / "edge" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_house(root / "edge")


@pytest.mark.parametrize(("rule", "sources"), BROKEN, ids=[f"{rule.__name__}{n}" for n, (rule, _) in enumerate(BROKEN)])
def test_a_house_that_breaks_the_rule_is_told(
    rule: Callable[[House], Iterator[str]], sources: dict[str, str], tmp_path: Path
) -> None:
    assert list(rule(build_house(tmp_path, sources)))


@pytest.mark.parametrize("sources", SOUND)
def test_a_sound_house_is_left_in_peace(sources: dict[str, str], tmp_path: Path) -> None:
    house = build_house(tmp_path, sources)
    assert [fault for rule in RULES for fault in rule(house)] == []
