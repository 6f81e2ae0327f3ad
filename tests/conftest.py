"""What every test runs under."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from beside import in_turn, scheduler
from footage import FOOTAGE
from hypothesis import settings
from postgres_kit import postgres  # noqa: F401 - a fixture for every test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seeded_kit import Seeded

# The same examples every time: a test that fails once in a hundred runs tells nobody what broke.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

# The video library prints its own lines over pytest's; it reads these when it is loaded, which is later.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

# Who starts pytest in a shell's background passes on that Ctrl-C is not heard; the programs under test have to hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

collect_ignore = [] if FOOTAGE else ["test_footage.py"]


def pytest_report_header() -> str:
    """Say whether counting is tried on real footage, too."""
    return "footage: found" if FOOTAGE else "footage: none here; counting is tried on made-up scenes only"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the run: begin with what takes long."""
    if hasattr(config, "workerinput"):
        items[:] = in_turn(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:  # noqa: ANN401 - pytest-xdist's own
    """What stays together."""
    return scheduler(config, log)


@pytest.fixture(autouse=True)
def _as_nice_as_before() -> Iterator[None]:
    """Some verbs stand back for the counter; run within a test, they would slow down all that come after it."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    yield
    if os.getpriority(os.PRIO_PROCESS, 0) != before:
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, before)


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Seeded]]:
    """The seeded shops by name, made once for all tests of figures and reports."""
    from seeded_kit import SHOPS, made  # noqa: PLC0415 - most tests need no records of half a year

    folder = tmp_path_factory.mktemp("seeded")
    found = {name: made(name, folder) for name in SHOPS}
    yield found
    for shop in found.values():
        shop.plain.close()


@pytest.fixture(params=["day", "night", "moved"])
def shop(request: pytest.FixtureRequest, shops: dict[str, Seeded]) -> Seeded:
    """Each of them in turn."""
    return shops[request.param]
