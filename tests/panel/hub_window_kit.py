"""``acm hub panel`` on a hub's database, for a browser's window, and shops with some weeks behind them."""

from __future__ import annotations

import re
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from ports import free_port
from shipment_kit import DAY_MS, SUBJECTS, shipment

from edge.core.shipment import Crossings, Notices, Visits, column
from edge.core.timekeeping import to_ms

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from typing_extensions import Self

    from edge.core.shipment import Shipment, Standing

START_S, STOP_S = 60.0, 10.0
WEEKS, HOUR_MS, STAY_MS = 6, 3_600_000, 30_000


def life(device: str, now: datetime, people: int, standing: Standing, refused: int = 0) -> Shipment:
    """Some weeks of a shop: so many come in at the beginning of each hour, and leave half a minute later."""
    now_ms = to_ms(now)
    hours = np.arange(now_ms // HOUR_MS - WEEKS * 7 * 24, now_ms // HOUR_MS + 1) * HOUR_MS
    hours = hours[hours < now_ms - 60_000]
    ins = (hours[:, None] + np.arange(people) * 1000).ravel()
    at_ms, way = np.concatenate([ins, ins + STAY_MS]), np.repeat([0, 1], len(ins))
    order = np.argsort(at_ms, kind="stable")
    seq, many = np.arange(1, len(at_ms) + 1), len(at_ms)
    lines = Crossings(seq, np.ones(many, np.int64), at_ms[order], np.zeros(many, np.int64), way[order])
    stays = np.arange(many + 1, many + len(ins) + 1)
    ones = np.ones(len(ins), np.int64)
    visits = Visits(stays, ones, ins + STAY_MS, 2 * ones, STAY_MS // 100 * ones)
    last = many + len(ins)
    said = (f'{{"rows": {refused}, "seq": 5, "reason": "too long"}}',)
    told = Notices(column(last + 1), column(1), column(now_ms - DAY_MS), ("rows-set-aside",), said)
    parts = {"crossings": lines, "visits": visits, "notices": told if refused else Notices.empty()}
    return shipment(0, last + 1, device=device, zone="UTC", standing=standing, subjects=SUBJECTS, **parts)


@dataclass
class HubPanelProcess:
    """A hub's panel whose users are in ``folder``. A context manager."""

    folder: Path
    database: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        words = [sys.executable, "-m", "edge", "hub", "panel", "--database", self.database, "--own",
                 str(self.folder / "own"), "--host", "127.0.0.1", "--port", str(self.port)]  # fmt: skip
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(words, stdout=said, stderr=said, cwd=self.folder)  # noqa: S603 - ourselves
        end_s = time.monotonic() + START_S
        while "The panel is at" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end_s, f"it is not ready after {START_S} s:\n{self.said}"
            select.select([], [], [], 0.1)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(STOP_S)

    @property
    def _said(self) -> Path:
        return self.folder / "hub-panel.txt"

    @property
    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def claim_link(self) -> str:
        return re.findall(r"http\S+/claim/\S+", self.said)[-1]

    def stop(self) -> int:
        """Stop it properly; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)
