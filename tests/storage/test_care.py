"""What ``acm db check|backup|rebuild|export`` does."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from datetime import date, timezone
from typing import TYPE_CHECKING, Any

import pytest
from storage_kit import BERLIN, IN, MONDAY, Box, figures_differing, kept, sql, visit

from edge.analytics.occupancy import CorrectionReason
from edge.core.calendar import SiteCalendar
from edge.core.errors import InputError
from edge.core.notices import CAMERA_LOST
from edge.storage.care import backup, check, rebuild
from edge.storage.copies import copy_to
from edge.storage.errors import StorageDamagedError, StorageError, StorageWaitError
from edge.storage.export import WHAT, export
from edge.storage.records import Correction, Crossing, Told, ZoneStay

if TYPE_CHECKING:
    from pathlib import Path

DAY = MONDAY.date()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    box = Box(tmp_path / "acm.db")
    store = box.start()
    store.append([record for turn in range(50) for record in visit(20.0 + turn * 60, 30.0)])
    store.append([
        ZoneStay(3100.0, "door", "counter", 12.3), Correction(3101.0, 1, CorrectionReason.MANUAL),
        Told(3102.0, CAMERA_LOST.fact(camera="Tür", reason='a, "b"\nand c')),
    ])  # fmt: skip
    return box


def spoil(path: Path, statement: str) -> None:
    other = sqlite3.connect(path)
    other.executescript(statement)
    other.close()


class TestCheck:
    def test_all_is_well_while_it_is_in_use(self, box: Box) -> None:
        checked = check(box.path)
        assert checked.sound
        assert checked.rows["crossing"] == 100
        assert (checked.rows["notice"], checked.unset, checked.schema) == (1, 0, 2)
        assert checked.bytes == box.path.stat().st_size
        box.stop()

    def test_figures_that_are_not_what_rows_say(self, box: Box) -> None:
        box.stop()
        spoil(box.path, "UPDATE day_figure SET ins = ins + 1 WHERE ins > 0")
        (fault,) = check(box.path).faults
        assert fault.startswith("2 figures of hours and days are not what the rows say; acm db rebuild")

    def test_a_damaged_file(self, box: Box) -> None:
        box.stop()
        with box.path.open("r+b") as file:
            file.seek(5 * 1024)
            file.write(b"\xff" * 9000)
        checked = check(box.path)
        assert not checked.sound
        assert all(fault.startswith("the file is damaged: ") for fault in checked.faults)

    def test_rows_without_a_time(self, tmp_path: Path) -> None:
        box = Box(tmp_path / "acm.db", synced=False)
        box.start().append(visit(20.0, 5.0))
        assert check(box.path).unset == 3
        box.stop()

    def test_no_records(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match="there are no records"):
            check(tmp_path / "acm.db")


class TestBackup:
    def test_a_copy_while_it_is_in_use(self, box: Box) -> None:
        copy = backup(box.path)
        assert copy == box.path.with_name("acm.db.copy")
        assert box.store is not None
        box.store.append(visit(4000.0, 1.0))
        box.stop()
        assert len(kept(copy)) == 153
        assert len(kept(box.path)) == 156
        assert check(copy).sound
        assert [part.name for part in box.path.parent.iterdir() if "part" in part.name] == []

    def test_a_copy_can_be_gone_on_with(self, box: Box, tmp_path: Path) -> None:
        copy = backup(box.path, tmp_path / "saved.db")
        box.stop()
        again = Box(copy)
        assert again.start().append(visit(4000.0, 1.0)) == 156
        again.stop()

    def test_only_a_good_copy_replaces_the_one_before(self, box: Box) -> None:
        copy = backup(box.path)
        good = copy.read_bytes()
        box.stop()
        with box.path.open("r+b") as file:
            file.seek(5 * 1024)
            file.write(b"\xff" * 9000)
        with pytest.raises(StorageError, match="damaged"):
            backup(box.path)
        assert copy.read_bytes() == good
        assert [part.name for part in box.path.parent.iterdir() if "part" in part.name] == []

    def test_a_copy_is_looked_over(self, box: Box) -> None:
        """What is wrong in a way that copying does not notice is noticed afterwards."""
        box.stop()
        spoil(box.path, "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, '\"zone\" TEXT', "
              "'\"zone\" INTEGER') WHERE name = 'days'")  # fmt: skip
        with pytest.raises(StorageDamagedError, match=r"the records are damaged \(non-INTEGER value in days.zone\)"):
            backup(box.path)
        assert not box.path.with_name("acm.db.copy").exists()

    def test_what_an_earlier_try_left_is_no_hindrance(self, box: Box) -> None:
        box.path.with_name(".acm.db.copy.part").write_text("half")
        assert len(kept(backup(box.path))) == 153
        box.stop()

    def test_no_room(self, box: Box) -> None:
        copy = box.path.with_name("copy.db")
        with pytest.raises(StorageWaitError, match="the disk is full"):
            copy_to(box.path, copy, shutil.disk_usage(box.path.parent).total)
        assert not copy.exists()
        box.stop()

    @pytest.mark.parametrize("target", ["acm.db", "nowhere/copy.db", "."])
    def test_no_place_for_a_copy(self, box: Box, target: str) -> None:
        with pytest.raises(StorageError, match="is no place for a copy"):
            backup(box.path, box.path.parent / target)
        box.stop()


class TestRebuild:
    def test_figures_are_made_anew(self, box: Box) -> None:
        box.stop()
        spoil(box.path, "UPDATE day_figure SET ins = 77, peak = 5, bins = x''")
        spoil(box.path, "DELETE FROM hour_figure")
        assert rebuild(box.path) == 152
        assert figures_differing(box.path) == 0
        assert box.start().facts == (), "it was stopped properly"
        box.stop()

    def test_not_while_somebody_writes(self, box: Box) -> None:
        with pytest.raises(StorageError, match=r"another acm .* writes its records there; stop that one"):
            rebuild(box.path)
        box.stop()

    def test_days_before_a_move_by_the_new_zone(self, tmp_path: Path) -> None:
        box = Box(tmp_path / "acm.db", clock=MONDAY.replace(hour=23), calendar=SiteCalendar(timezone.utc))
        store = box.start()
        store.append([Crossing(1800.0, "door", "entrance", IN)])
        store.close()
        assert sql(box.path, "SELECT day FROM day_figure WHERE ins > 0") == [((DAY - date(1970, 1, 1)).days,)]
        rebuild(box.path, BERLIN)
        assert sql(box.path, "SELECT day FROM day_figure WHERE ins > 0") == [((DAY - date(1970, 1, 1)).days + 1,)]
        assert figures_differing(box.path) == 0
        box.calendar = BERLIN
        box.start()
        assert sql(box.path, "SELECT first_seq, zone FROM days") == [(0, "Europe/Berlin")]
        box.stop()

    def test_no_records(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match="there are no records"):
            rebuild(tmp_path / "acm.db")
        assert list(tmp_path.iterdir()) == []

    def test_a_damaged_file_is_left_alone(self, box: Box) -> None:
        """It is for the service to begin anew; figures of nothing are not what was asked for."""
        box.stop()
        with box.path.open("r+b") as file:
            file.truncate(box.path.stat().st_size // 2)
        before = box.path.read_bytes()
        with pytest.raises(StorageDamagedError, match="start acm again, which sets them aside"):
            rebuild(box.path)
        assert box.path.read_bytes() == before
        assert list(box.path.parent.glob("*.corrupt-*")) == []


class TestExport:
    def text(self, box: Box, what: str, form: str, days: tuple[date, date] | None = None) -> str:
        stream = io.StringIO()
        count = export(box.path, what, form, stream, days)
        assert count == len(list(csv.DictReader(io.StringIO(stream.getvalue())))) if form == "csv" else True
        return stream.getvalue()

    def rows(self, box: Box, what: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text(box, what, "jsonl").splitlines()]

    @pytest.mark.parametrize("what", WHAT)
    def test_both_forms_tell_the_same(self, box: Box, what: str) -> None:
        rows = self.rows(box, what)
        assert rows
        table = list(csv.DictReader(io.StringIO(self.text(box, what, "csv"))))
        assert table == [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows]
        box.stop()

    def test_a_crossing(self, box: Box) -> None:
        assert self.rows(box, "crossings")[0] == {
            "seq": 1, "version": 1, "at": "2026-11-23T08:00:20.000Z", "quality": "synced", "boot": 1, "uptime_s": 20.0,
            "camera": "door", "line": "entrance", "direction": "in", "door": True,
        }  # fmt: skip
        box.stop()

    def test_figures_and_corrections_and_notices(self, box: Box) -> None:
        assert self.rows(box, "days") == [{
            "day": "2026-11-23", "start": None, "clock_hour": None, "camera": "door", "line": "entrance", "door": True,
            "ins": 50, "outs": 50,
        }]  # fmt: skip
        assert self.rows(box, "hours")[0]["start"] == "2026-11-23T08:00:00.000Z"
        assert self.rows(box, "corrections")[0]["reason"] == "set by hand"
        (notice,) = self.rows(box, "notices")
        assert notice["event"] == "camera-lost"
        assert notice["message"].startswith("The camera Tür is lost")
        stays = {row["zone"]: row["mean_s"] for row in self.rows(box, "stays")}
        assert stays == {"": 30.0, "counter": 12.3}
        box.stop()

    def test_only_some_days(self, box: Box) -> None:
        box.uptime_s = 86400.0 * 2
        box.look()
        assert box.store is not None
        box.store.append(visit(box.uptime_s, 5.0))
        both = (date(2026, 11, 24), date(2026, 11, 30))
        assert len(self.text(box, "crossings", "jsonl", both).splitlines()) == 2
        assert len(self.text(box, "days", "csv", both).splitlines()) == 2
        assert len(self.text(box, "notices", "jsonl", both).splitlines()) == 0
        assert len(self.text(box, "notices", "jsonl", (DAY, DAY)).splitlines()) == 1
        box.stop()

    @pytest.mark.parametrize("part", [7, 50, 51])
    def test_many_rows_in_parts(self, box: Box, part: int) -> None:
        stream = io.StringIO()
        assert export(box.path, "visits", "csv", stream, part=part) == 50
        seqs = [int(row["seq"]) for row in csv.DictReader(io.StringIO(stream.getvalue()))]
        assert seqs == list(range(3, 151, 3))
        box.stop()

    def test_rows_without_a_time_have_none(self, tmp_path: Path) -> None:
        box = Box(tmp_path / "acm.db", synced=False)
        box.start().append(visit(20.0, 5.0))
        (row,) = self.rows(box, "visits")
        assert (row["at"], row["quality"], row["boot"], row["uptime_s"]) == (None, "unset", 1, 25.0)
        box.stop()

    def test_records_in_which_nothing_was_ever_written(self, tmp_path: Path) -> None:
        empty = tmp_path / "empty.db"
        empty.touch()
        stream = io.StringIO()
        with pytest.raises(StorageError, match="there are no records in it yet"):
            export(empty, "crossings", "csv", stream)
        assert stream.getvalue() == "", "no headings of nothing"
        rebuild(empty)
        for what in WHAT:
            assert export(empty, what, "jsonl", stream) == 0
        assert stream.getvalue() == ""

    def test_a_notice_that_a_worn_card_made_unreadable(self, box: Box) -> None:
        box.stop()
        spoil(box.path, "UPDATE notice SET told = substr(told, 3)")
        assert self.rows(box, "notices") == []
        spoil(box.path, "UPDATE notice SET told = CAST(x'7bff' AS TEXT)")
        with pytest.raises(StorageDamagedError):
            self.rows(box, "notices")

    @pytest.mark.parametrize(("what", "form"), [("crosings", "csv"), ("crossings", "xml")])
    def test_what_there_is_not(self, box: Box, what: str, form: str) -> None:
        with pytest.raises(InputError, match=r"there (are|is) no .*; take one of"):
            export(box.path, what, form, io.StringIO())
        box.stop()
