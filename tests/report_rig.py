"""A child that takes a report where it belongs, and is killed at a moment: ``python report_rig.py FOLDER PORT WHEN``.

WHEN is making, before-note, after-note, taken, noted or never; asked-to-end: it is asked to end, and not killed, when
the server has taken the mail.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from edge.host.whole_file import write_private
from edge.integrations.mail import Limits, Posted, Server, post
from edge.services.delivery import Errands, Made, Places, deliver
from edge.storage.reported import Delivery, Reported

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOMENTS = ("making", "before-note", "after-note", "taken", "noted")
TO = ("owner@example.org", "other@example.org")
SENDER = "box@example.org"
WEEK = Delivery("week", "week", date(2026, 11, 16), date(2026, 11, 22))
NOW = datetime(2026, 11, 23, 6, tzinfo=timezone.utc)


def made(_: Delivery, folder: Path) -> Made:
    """A report of one file."""
    path = folder / "week.pdf"
    path.write_bytes(b"%PDF-1.7 week")
    return Made([path], "Corner Shop: week 47", "1,204 came in.\n")


def no_hub(delivery: Delivery, paths: Sequence[Path]) -> None:
    """A box without a hub is not asked for it."""
    raise AssertionError((delivery, paths))


def main(folder: Path, port: int, when: str) -> None:
    def killed(at: str) -> None:
        if at == when:
            os.kill(os.getpid(), signal.SIGKILL)

    reported = Reported(folder, write_private)

    def make(delivery: Delivery, room: Path) -> Made:
        killed("making")
        return made(delivery, room)

    def send(raw: bytes, to: Sequence[str], handing: Callable[[tuple[str, ...]], None]) -> Posted:
        def noted(taken: tuple[str, ...]) -> None:
            killed("before-note")
            handing(taken)
            killed("after-note")

        posted = post(Server("127.0.0.1", port, "none"), raw, SENDER, to, noted, Limits(5.0, 5.0))
        killed("taken")
        if when == "asked-to-end":
            os.kill(os.getpid(), signal.SIGTERM)
        return posted

    def now() -> datetime:
        if reported.read().get(*WEEK.key).mailed:  # type: ignore[union-attr] - it is there by then
            killed("noted")
        return NOW

    deliver(reported, WEEK, Places(TO), Errands(make, send, no_hub, SENDER, "Corner Shop", now))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
