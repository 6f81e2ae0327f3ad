"""An upgrade: copies before it, a watch after it, and the way back, with a service manager that is made up."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edge.app import upgrade
from edge.app.run import RunAsk
from edge.app.upgrade import FLAG, SETTLED_S, WITHIN_S, Upgrades, prepare, watch
from edge.core.clock import ManualClock
from edge.core.errors import AcmError
from edge.host.control_wire import ControlError
from edge.host.doctor import Level
from edge.host.upgrade_note import FILE, TAKEN, TAKEN_BACK, UpgradeNote, check_upgrade, load_note, save_note
from edge.host.versions import UNITS, Versions
from edge.storage.put_back import schema_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.core.notice import Fact

OLD, NEW = "1.0", "2.0"


def make_records(path: Path, schema: int, rows: int) -> Path:
    """A database with a schema number and some rows."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE IF NOT EXISTS crossing (seq INTEGER PRIMARY KEY)")
        database.executemany("INSERT INTO crossing (seq) VALUES (NULL)", [()] * rows)
        database.execute(f"PRAGMA user_version = {schema}")
    database.close()
    return path


def rows_of(path: Path) -> int:
    database = sqlite3.connect(path)
    try:
        return int(database.execute("SELECT count(*) FROM crossing").fetchone()[0])
    finally:
        database.close()


class Box:
    """A box with versions side by side, whose service manager runs whatever is the current one.

    ``programs`` are what each version does: given the seconds since its start, the unit's state, how often it ended,
    and what it answers at its socket (None: nothing).
    """

    def __init__(self, folder: Path) -> None:
        self.home, self.state, self.note = folder / "lib", folder / "state", folder / "note"
        for name in (OLD, NEW):
            (self.home / name / UNITS).mkdir(parents=True)
        self.state.mkdir()
        (self.home / "current").symlink_to(OLD)
        self.clock = ManualClock()
        self.programs: dict[str, Callable[[float], tuple[str, int, dict[str, Any] | None]]] = {OLD: seeing, NEW: seeing}
        self.running, self.started_s = OLD, -1000.0
        self.stopped, self.restarted = False, 0
        self.told: list[Fact] = []

    # What the service manager is asked for.

    def standing(self, unit: str) -> tuple[str, int]:
        if self.stopped:
            return ("inactive", 0)
        state, ended, _ = self._now()
        return (state, ended if unit == "acm.service" else 0)

    def restart(self, units: Sequence[str]) -> str:
        assert "acm.service" in units
        self.running, self.started_s, self.stopped = self.upgrades.versions.current, self.clock.monotonic_s(), False
        self.restarted += 1
        return ""

    def stop(self, units: Sequence[str]) -> str:
        assert "acm.service" in units
        self.stopped = True
        return ""

    def ask(self) -> dict[str, Any]:
        answer = None if self.stopped else self._now()[2]
        if answer is None:
            raise ControlError("nobody is there.")
        return answer

    def _now(self) -> tuple[str, int, dict[str, Any] | None]:
        return self.programs[self.running](self.clock.monotonic_s() - self.started_s)

    @property
    def upgrades(self) -> Upgrades:
        return Upgrades(
            self, self.clock, self.ask, self.clock.advance, self.told.append, Versions(self.home), self.note,  # type: ignore[arg-type]
        )  # fmt: skip

    # What the package's own scripts do.

    def prepare(self) -> UpgradeNote:
        ask = RunAsk(self.state / "acm.toml", self.state)
        return prepare(ask, self.upgrades, NEW, panel=self.state / "panel.db")

    def unpack(self) -> None:
        (self.note / FLAG).touch()
        self.upgrades.versions.turn_to(NEW)


def camera(frames: int, state: str = "running", name: str = "door") -> dict[str, Any]:
    return {"name": name, "state": state, "frames": frames}


def seeing(since_s: float) -> tuple[str, int, dict[str, Any] | None]:
    """Ready after 3 s, looking at pictures from then on."""
    if since_s < 3:
        return ("activating", 0, None)
    return ("active", 0, {"state": "running", "cameras": [camera(int(10 * since_s))]})


def blind(since_s: float) -> tuple[str, int, dict[str, Any] | None]:
    """Ready after 15 s, and no camera."""
    if since_s < 15:
        return ("activating", 0, {"state": "starting", "cameras": [camera(0, "opening")]})
    return ("active", 0, {"state": "running", "cameras": [camera(0, "lost")]})


def hanging(_: float) -> tuple[str, int, dict[str, Any] | None]:
    """Never ready."""
    return ("activating", 0, {"state": "starting", "cameras": [camera(0, "opening")]})


def crashing(since_s: float) -> tuple[str, int, dict[str, Any] | None]:
    """Ends every four seconds."""
    return ("activating", int(since_s // 4), None)


def flickering(since_s: float) -> tuple[str, int, dict[str, Any] | None]:
    """Looks at pictures for three seconds, and ends, again and again; told only once of it."""
    well = 2 <= since_s % 6 < 5
    return ("active", 1, seeing(10)[2]) if well else ("activating", 1, None)


def refused(_: float) -> tuple[str, int, dict[str, Any] | None]:
    """Its settings are no good to it."""
    return ("failed", 0, None)


def babbling(_: float) -> tuple[str, int, dict[str, Any] | None]:
    """It answers something else."""
    return ("active", 0, {"all": "well"})


@pytest.fixture
def box(tmp_path: Path) -> Box:
    box = Box(tmp_path)
    make_records(box.state / "records.db", 1, 5)
    make_records(box.state / "panel.db", 1, 2)
    return box


def test_before_an_upgrade_records_are_copied_and_how_things_stand_is_noted(box: Box) -> None:
    note = box.prepare()
    assert (note.before, note.after) == (OLD, NEW)
    assert (note.active, note.seeing) == (("acm.service", "acm-panel.service"), ("door",))
    assert [rows_of(Path(copy)) for _, copy in note.copies] == [5, 2]
    assert load_note(box.note) == note
    assert (box.note / FILE).stat().st_mode & 0o777 == 0o644


def test_records_that_cannot_be_copied_keep_an_upgrade_from_beginning(box: Box) -> None:
    (box.state / "records.db").write_bytes(b"no database" * 1000)
    with pytest.raises(AcmError, match=r"records\.db"):
        box.prepare()
    assert load_note(box.note) is None


def test_a_version_that_looks_at_pictures_is_kept(box: Box) -> None:
    box.prepare()
    box.unpack()
    assert watch(box.upgrades)
    assert box.upgrades.versions.current == NEW
    (fact,) = box.told
    assert (fact.event, fact.values["version"], fact.values["before"]) == ("upgrade-taken", NEW, OLD)
    note = load_note(box.note)
    assert note is not None
    assert note.state == TAKEN
    assert not (box.note / FLAG).exists()
    assert box.clock.monotonic_s() <= 3 + SETTLED_S + 2
    assert check_upgrade(box.note).look().level is Level.OK


@pytest.mark.parametrize(
    ("program", "why", "within_s"),
    [
        (hanging, "was not ready within 60 s", WITHIN_S + 1),
        (blind, "no picture of the camera door was looked at within 60 s", WITHIN_S + 1),
        (crashing, "its service ended 3 times", 15),
        (flickering, "", WITHIN_S + 10),
        (refused, "its service failed", 2),
        (babbling, "it answered what cannot be understood", WITHIN_S + 1),
    ],
)
def test_a_version_that_is_no_good_is_taken_back(
    box: Box, program: Callable[[float], Any], why: str, within_s: float
) -> None:
    box.programs[NEW] = program
    box.prepare()
    box.unpack()
    assert not watch(box.upgrades)
    assert box.clock.monotonic_s() <= within_s
    assert (box.upgrades.versions.current, box.running, box.stopped) == (OLD, OLD, False)
    note = load_note(box.note)
    assert note is not None
    assert note.state == TAKEN_BACK
    assert why in note.why
    assert [fact.event for fact in box.told] == ["upgrade-taken-back"]
    assert rows_of(box.state / "records.db") == 5
    finding = check_upgrade(box.note).look()
    assert finding.level is Level.WARN
    assert f"The upgrade to version {NEW}" in finding.what


def test_a_camera_that_was_lost_before_is_no_reason(box: Box) -> None:
    box.programs = {OLD: blind, NEW: blind}
    assert box.prepare().seeing == ()
    box.unpack()
    assert watch(box.upgrades)
    assert box.upgrades.versions.current == NEW


def test_of_two_cameras_the_one_that_saw_before_has_to_see(box: Box) -> None:
    def one_of_two(_: float) -> tuple[str, int, dict[str, Any] | None]:
        return ("active", 0, {"state": "running", "cameras": [camera(50), camera(0, "lost", "yard")]})

    box.programs = {OLD: one_of_two, NEW: one_of_two}
    assert box.prepare().seeing == ("door",)
    box.unpack()
    assert watch(box.upgrades)


def test_a_counter_somebody_had_stopped_stays_stopped_and_the_version_stays(box: Box) -> None:
    box.stopped = True
    box.prepare()
    box.unpack()
    assert watch(box.upgrades)
    assert (box.stopped, box.restarted, box.upgrades.versions.current) == (True, 0, NEW)


def test_records_the_new_version_altered_are_put_back_and_kept_aside(box: Box) -> None:
    box.programs[NEW] = crashing
    box.prepare()
    box.unpack()
    make_records(box.state / "records.db", 2, 3)
    assert not watch(box.upgrades)
    assert (schema_number(box.state / "records.db"), rows_of(box.state / "records.db")) == (1, 5)
    assert (schema_number(box.state / f"records.db.of-{NEW}"), rows_of(box.state / f"records.db.of-{NEW}")) == (2, 8)
    assert "what it had become lies in" in str(box.told[0].values["reason"])


def test_records_the_new_version_only_added_to_keep_every_row(box: Box) -> None:
    box.programs[NEW] = crashing
    box.prepare()
    box.unpack()
    make_records(box.state / "records.db", 1, 3)
    assert not watch(box.upgrades)
    assert rows_of(box.state / "records.db") == 8
    assert sorted(path.name for path in box.state.iterdir()) == ["panel.db", "records.db"]


def test_the_units_go_back_with_the_version(box: Box, tmp_path: Path) -> None:
    packaged, own = tmp_path / "packaged", tmp_path / "own"
    for folder in (packaged, own):
        folder.mkdir()
    for name, words in {"acm.service": "before", "acm-panel.service": "same"}.items():
        (box.home / OLD / UNITS / name).write_text(words)
    (packaged / "acm.service").write_text("after")
    (packaged / "acm-panel.service").write_text("same")
    assert box.upgrades.versions.take_units(OLD, packaged, own) == ["acm.service"]
    assert (own / "acm.service").read_text() == "before"
    assert [path.name for path in own.iterdir()] == ["acm.service"]


def test_without_an_upgrade_there_is_nothing_to_watch(box: Box) -> None:
    assert watch(box.upgrades)
    box.prepare()
    # The package was not unpacked: the flag of a script that was broken off.
    (box.note / FLAG).touch()
    assert watch(box.upgrades)
    assert (box.restarted, box.told, (box.note / FLAG).exists()) == (0, [], False)
    assert check_upgrade(box.note).look().remedy == "sudo dpkg --configure -a finishes it."


def test_a_power_cut_during_the_watch_is_made_up_for_at_the_next_start(box: Box) -> None:
    box.programs[NEW] = hanging
    box.prepare()
    box.unpack()

    class PowerCutError(Exception):
        pass

    def pause(_: float) -> None:
        raise PowerCutError

    cut = Upgrades(box, box.clock, box.ask, pause, box.told.append, Versions(box.home), box.note)  # type: ignore[arg-type]
    with pytest.raises(PowerCutError):
        watch(cut)
    assert not watch(box.upgrades)
    assert box.upgrades.versions.current == OLD


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"state": "somewhere"}', json.dumps({"state": 1})])
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert load_note(tmp_path) is None
    assert check_upgrade(tmp_path).look().level is Level.OK


def test_a_note_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AcmError, match="cannot be written"):
        save_note(UpgradeNote(TAKEN, OLD, NEW, ""), tmp_path / "file")


def test_turning_to_a_version_that_is_not_there_leaves_the_one_that_is(box: Box) -> None:
    with pytest.raises(FileNotFoundError):
        box.upgrades.versions.turn_to("3.0")
    assert box.upgrades.versions.current == OLD
    assert upgrade.MOST_ENDS == 3
