"""The panel beside a demonstration: a process of its own, into which one gets by a link, and which ends with it."""

from __future__ import annotations

import select
import subprocess
import sys
from typing import TYPE_CHECKING

from edge.config.change import dumped
from edge.config.files import SettingsFiles
from edge.core.clock import SystemClock

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

START_S, STOP_S, SLICE_S = 60.0, 5.0, 0.1
SETTINGS = "acm.toml"
# What the panel says when it is ready; its link follows.
READY = "Look at it: "


def written(values: Mapping[str, Any], folder: Path) -> SettingsFiles:
    """The settings of a demonstration as files, so that the panel can read and change them."""
    (folder / SETTINGS).write_text(dumped(values), encoding="utf-8")
    return SettingsFiles.around(folder / SETTINGS, folder)


class GuestPanel:
    """A panel, by the words of its verb, that lets in whoever has its link. A context manager."""

    def __init__(self, *verb: str | Path) -> None:
        words = (*verb, "--host", "127.0.0.1", "--next-port", "--guest")
        # A session of its own: Ctrl-C is for us, who then end it. It ends by itself when we are gone: its input ends.
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "edge", *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1, start_new_session=True,
        )  # fmt: skip

    def link(self, stopped: Callable[[], bool]) -> str:
        """The link into it, once it is ready; empty if it does not come up, or ``stopped`` says that nobody waits."""
        out, clock = self._process.stdout, SystemClock()
        end_s = clock.monotonic_s() + START_S
        while out is not None and not stopped() and clock.monotonic_s() < end_s:
            if not select.select([out], [], [], SLICE_S)[0]:
                continue
            row = out.readline()
            if not row:
                return ""
            if row.startswith(READY):
                return row.removeprefix(READY).strip()
        return ""

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def __enter__(self) -> Self:
        """Nothing more to do: it is being started."""
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        """End it, whatever it is doing."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


class DemoPanel(GuestPanel):
    """``acm panel`` for a demonstration whose settings and records are in ``folder``."""

    def __init__(self, folder: Path, control: Path) -> None:
        super().__init__("panel", "--config", folder / SETTINGS, "--state", folder, "--control", control)
