"""A shop's life thrown by dice into real records, and the comparison of a device's rows with the hub's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from storage_kit import BERLIN, MONDAY, Box, sql, visit

from edge.analytics.occupancy import CorrectionReason
from edge.core.calendar import SiteCalendar
from edge.core.notices import CAMERA_BACK, CAMERA_LOST, CLOCK_STEPPED
from edge.storage.hub.database import HubDatabase
from edge.storage.records import Correction, Heat, Step, Told, Walk, ZoneStay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge.storage.records import Record

# What a machine without a battery believes when it wakes up.
LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)
TOKYO = SiteCalendar(ZoneInfo("Asia/Tokyo"), 5)
REASONS = ("no picture for 5 s", "\u201eKabel\u201c ab \u2013 \U0001f50c", 'a "quoted" word\\')
DOORS = (("door", "entrance"), ("back", "yard"))
# number -> kind, version, time, and what it says
Rows = dict[int, tuple[object, ...]]
VERSION = "1 + (SELECT count(*) FROM restamp r WHERE t.seq BETWEEN r.first_seq AND r.last_seq)"
NAMED = "s.kind, s.camera, s.name, s.door"
KINDS = (
    ("crossing", "line", ("direction",)), ("visit", "camera", ("stay_ds",)), ("zone_stay", "zone", ("dwell_ds",)),
    ("correction", None, ("change", "reason")), ("notice", None, ("event", "told")),
)  # fmt: skip


@dataclass
class Life:
    """What happens in a shop and to the box over its door. The same seed gives the same life.

    ``clock_unset``: it wakes up not knowing the time, as boxes without a battery do.
    """

    path: Path
    seed: int = 0
    clock_unset: bool = False
    begins: datetime = MONDAY
    boot: int = 1
    box: Box = field(init=False)
    true_time: datetime = field(init=False)
    _dice: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._dice = Random(self.seed)
        self.true_time = self.begins
        believed = LONG_AGO if self.clock_unset else self.begins
        clock = believed - timedelta(seconds=10)
        self.box = Box(self.path, clock=clock, synced=not self.clock_unset, boots=self.boot)
        self.box.start()

    @property
    def now_s(self) -> float:
        """Seconds since the machine was started."""
        return self.box.uptime_s

    def live(self, rows: int) -> None:
        """Go on until about so many rows more are written."""
        doings: list[tuple[Callable[[], None], float]] = [
            (self._people, 0.86), (self._trouble, 0.05), (self._look, 0.05), (self._step_of_clock, 0.01),
            (self._reboot, 0.015), (self._other_days, 0.015),
        ]  # fmt: skip
        end = self._next_seq + rows
        while self._next_seq < end:
            self.wait(self._dice.uniform(0.1, 240))
            (doing,) = self._dice.choices([doing for doing, _ in doings], [weight for _, weight in doings])
            doing()

    def visitors(self, groups: int) -> None:
        """So many groups of people come and go, and nothing else happens."""
        for _ in range(groups):
            self.wait(self._dice.uniform(0.1, 240))
            self._people()

    def wait(self, seconds: float) -> None:
        """Nothing happens for a while."""
        self.box.wait(seconds)
        self.true_time += timedelta(seconds=seconds)

    def hear_the_time(self) -> None:
        """A time server is heard: every row is given its time."""
        self.box.clock, self.box.synced = self.true_time - timedelta(seconds=self.box.uptime_s), True
        self.box.look()

    def power_cut(
        self, *, clock_unset: bool = False, synced: bool = True, wrong_by: timedelta = timedelta(0)
    ) -> None:
        """The machine starts again; its clock may be wrong."""
        store = self.box.store
        assert store is not None
        store.close()
        self.box.boots += 1
        self.box.uptime_s = 10.0
        self.true_time += timedelta(seconds=40)
        believed = LONG_AGO if clock_unset else self.true_time + wrong_by
        self.box.clock, self.box.synced = believed - timedelta(seconds=10), synced and not clock_unset
        self.box.start()

    def replace_records(self) -> None:
        """The card is new: other records, of another epoch."""
        self.box.stop()
        for file in self.path.parent.glob(f"{self.path.name}*"):
            file.unlink()
        self.box.start()

    @property
    def _next_seq(self) -> int:
        assert self.box.store is not None
        return self.box.store._next_seq  # noqa: SLF001 - nobody else needs to know it

    def _write(self, records: list[Record]) -> None:
        assert self.box.store is not None
        self.box.store.append(records)

    def _people(self) -> None:
        records: list[Record] = []
        for _ in range(self._dice.randint(1, 5)):
            camera, line = self._dice.choice(DOORS)
            records += visit(self.now_s, round(self._dice.uniform(0, 900), 1), camera, line)
            if self._dice.random() < 0.3:
                records.append(ZoneStay(self.now_s, camera, "counter", self._dice.uniform(1, 90)))
            if self._dice.random() < 0.3:
                records.append(Walk(self.now_s, camera, (Step(0, 0.5, 0.5), Step(1, 0.6, 0.5))))
        if self._dice.random() < 0.1:
            change = self._dice.choice([-2, -1, 1, 3])
            records.append(Correction(self.now_s, change, self._dice.choice(list(CorrectionReason))))
        if self._dice.random() < 0.1:
            records.append(Heat(self.now_s, "door", 60, 2, (1.0, 0.0)))
        self._dice.shuffle(records)
        # A line of its own for each record now and then, as they come by themselves on a slow day.
        cut = self._dice.randint(0, len(records))
        for part in (records[:cut], records[cut:]):
            if part:
                self._write(part)

    def _trouble(self) -> None:
        reason = self._dice.choice(REASONS)
        facts = [CAMERA_LOST.fact(camera="door", reason=reason), CAMERA_BACK.fact(camera="door", lost_s=3.5)]
        self._write([Told(self.now_s, fact) for fact in facts])

    def _look(self) -> None:
        if self._dice.random() < 0.3:
            self.hear_the_time()
        else:
            self.box.look()

    def _step_of_clock(self) -> None:
        self.box.step_clock(self._dice.choice([-7200, 3600, 90]))
        self.box.look()
        self._write([Told(self.now_s, CLOCK_STEPPED.fact(step_s=1.0))])

    def _reboot(self) -> None:
        self.power_cut(clock_unset=self._dice.random() < 0.5, synced=self._dice.random() < 0.5)

    def _other_days(self) -> None:
        assert self.box.store is not None
        self.box.calendar = self._dice.choice([BERLIN, TOKYO])
        self.box.store.set_calendar(self.box.calendar)


def device_rows(path: Path, first_seq: int = 0) -> Rows:
    """Every row that is sent, as the device has it."""
    rows: Rows = {}
    for kind, subject, values in KINDS:
        named = NAMED if subject else "NULL, NULL, NULL, NULL"
        join = f"JOIN subject s ON s.id = t.{subject}" if subject else ""
        told = ", ".join(f"t.{value}" for value in values)
        select = f"SELECT t.seq, {VERSION}, t.at_ms, {named}, {told} FROM {kind} t {join}"  # noqa: S608 - ours
        found = sql(path, f"{select} WHERE t.seq >= ?", first_seq)
        rows |= {int(str(seq)): (kind, *rest) for seq, *rest in found}
    return rows


def hub_rows(url: str, device: str, epoch: str) -> Rows:
    """Every row of a device's database, as the hub has it. A row that is there twice is an error."""
    rows: Rows = {}
    database = HubDatabase(url)
    try:
        for kind, subject, values in KINDS:
            named = NAMED if subject else "NULL, NULL, NULL, NULL"
            join = "JOIN subject s ON s.device = t.device AND s.number = t.subject" if subject else ""
            told = ", ".join(f"t.{value}" for value in values)
            with database.using():
                found = database.run(
                    f"SELECT t.seq, t.version, t.at_ms, {named}, {told} FROM {kind} t {join} "  # noqa: S608 - ours
                    "JOIN stream ON stream.device = t.device AND stream.epoch = t.epoch "
                    "JOIN device d ON d.number = t.device WHERE d.id = %s AND stream.name = %s",
                    device, epoch,
                ).fetchall()  # fmt: skip
            for seq, *rest in found:
                assert seq not in rows, f"row {seq} is there twice"
                rows[seq] = (kind, *rest)
    finally:
        database.close()
    return rows


def hub_totals(url: str, device: str) -> dict[str, int]:
    """The sums of all figures of hours, all epochs together."""
    database = HubDatabase(url)
    try:
        with database.using():
            found = database.run(
                "SELECT coalesce(sum(ins), 0), coalesce(sum(outs), 0), coalesce(sum(stays), 0), "
                "coalesce(sum(stay_ds), 0), coalesce(sum(change), 0) FROM hour_figure h "
                "JOIN device d ON d.number = h.device WHERE d.id = %s",
                device,
            ).fetchone()
    finally:
        database.close()
    return dict(zip(("in", "out", "stays", "stay_ds", "change"), map(int, found), strict=True))


def totals(rows: Rows) -> dict[str, int]:
    """The same sums, counted by hand."""
    made = dict.fromkeys(("in", "out", "stays", "stay_ds", "change"), 0)
    for kind, *_, first, second in rows.values():
        if kind == "crossing":
            made["out" if second else "in"] += 1
        elif kind in ("visit", "zone_stay"):
            made["stays"] += 1
            made["stay_ds"] += int(str(second))
        elif kind == "correction":
            made["change"] += int(str(first))
    return made


def differing(ours: Rows, theirs: Rows, most: int = 5) -> list[str]:
    """Where the hub's rows are not the device's; empty if nowhere."""
    told = [
        f"row {seq}: device {ours.get(seq)}, hub {theirs.get(seq)}"
        for seq in sorted(ours.keys() | theirs.keys())
        if ours.get(seq) != theirs.get(seq)
    ]
    return [*told[:most], *([f"and {len(told) - most} more"] if len(told) > most else [])]
