"""What the service manager hears, over real sockets."""

from __future__ import annotations

import contextlib
import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from edge.host.notify import DatagramSend, Notifier, open_notifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Manager:
    """The service manager's end of the socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._link.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self._link.settimeout(0)

    def heard(self) -> list[str]:
        told: list[str] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                told.append(self._link.recv(65536).decode())
        return told

    def close(self) -> None:
        self._link.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@acm-test-{os.getpid()}-{tmp_path.name}"
    with closing(Manager(address)) as manager:
        yield manager


def test_a_service_tells_how_it_is_doing(manager: Manager) -> None:
    notifier = open_notifier({"NOTIFY_SOCKET": manager.address})
    assert notifier.heard
    notifier.extend_timeout(12.5)
    notifier.ready("10.0 fps, in 0, out 0")
    notifier.status("9.8 fps, in 1, out 0")
    notifier.watchdog()
    notifier.reloading()
    notifier.ready("9.8 fps, in 1, out 0")
    notifier.stopping()
    assert manager.heard() == [
        "EXTEND_TIMEOUT_USEC=12500000",
        "READY=1\nSTATUS=10.0 fps, in 0, out 0",
        "STATUS=9.8 fps, in 1, out 0",
        "WATCHDOG=1",
        "RELOADING=1",
        "READY=1",
        "STOPPING=1\nSTATUS=stopping",
    ]


def test_a_status_is_one_line_and_told_when_it_changes(manager: Manager) -> None:
    notifier = open_notifier({"NOTIFY_SOCKET": manager.address})
    assert notifier.status("camera lost:\nREADY=1\n")
    assert notifier.status("camera lost: READY=1")
    assert notifier.status("x" * 1000)
    first, second = manager.heard()
    assert first == "STATUS=camera lost: READY=1"
    assert len(second) < 500


def test_without_a_service_manager_nothing_is_missing() -> None:
    notifier = open_notifier({})
    assert not notifier.heard
    assert notifier.watchdog_s is None
    assert not notifier.ready("counting")
    assert not notifier.watchdog()


@pytest.mark.parametrize("address", ["/nowhere/notify", "@acm-nobody-listens", "/" + "x" * 300, "@" + "x" * 300, "\0"])
def test_a_service_manager_that_is_gone_costs_nothing(address: str) -> None:
    assert not Notifier(DatagramSend(address)).ready("counting")


def test_a_service_manager_that_does_not_read_is_not_waited_for(manager: Manager) -> None:
    notifier = open_notifier({"NOTIFY_SOCKET": manager.address})
    told = [notifier.watchdog() for _ in range(5000)]
    assert told[0]
    assert not told[-1]


@pytest.mark.parametrize(
    ("environ", "watchdog_s"),
    [
        ({"WATCHDOG_USEC": "15000000", "WATCHDOG_PID": "42"}, 15.0),
        ({"WATCHDOG_USEC": "15000000"}, 15.0),
        ({"WATCHDOG_USEC": "15000000", "WATCHDOG_PID": "41"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_meant_for_one_process(environ: dict[str, str], watchdog_s: float | None) -> None:
    assert open_notifier(environ, pid=42).watchdog_s == watchdog_s
