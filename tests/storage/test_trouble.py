"""Full, read-only, damaged, locked, newer, elsewhere: each told in a sentence, and nothing acknowledged is lost."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from storage_kit import IN, Box, figures_differing, kept, sql, visit

import edge
from edge.core.notices import DATABASE_CORRUPT, DATABASE_FULL, DATABASE_LOCKED, DATABASE_READ_ONLY, UNCLEAN_STOP
from edge.storage.care import check
from edge.storage.errors import Cause, StorageDamagedError, StorageError, StorageNewerError, StorageWaitError
from edge.storage.place import refuse_network, set_aside
from edge.storage.queries import Records
from edge.storage.records import Crossing
from edge.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
HERE = Path(__file__).parent


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "acm.db")


def seqs(path: Path) -> list[int]:
    return [row.seq for row in kept(path)]


def root_of(path: Path, table: str) -> int:
    """The page at which a table begins."""
    (page,) = sql(path, "SELECT rootpage FROM sqlite_master WHERE name = ?", table)[0]
    return int(str(page))


def left_running(box: Box, number: int = 40) -> None:
    """A box whose power was cut after it had written some rows."""
    store = box.start()
    for turn in range(number):
        store.append(visit(20.0 + turn, 0.5))
    whole = {part: part.read_bytes() for part in box.path.parent.iterdir() if "lock" not in part.name}
    store.close()
    for part in box.path.parent.iterdir():
        part.unlink()
    for part, content in whole.items():
        part.write_bytes(content)


class TestUncleanStop:
    def test_everything_is_there_and_it_is_told(self, box: Box) -> None:
        left_running(box)
        store = box.start()
        assert [fact.event for fact in store.facts] == [UNCLEAN_STOP.event]
        assert seqs(box.path) == list(range(1, 121))
        assert store.append(visit(100.0, 1.0)) == 123
        store.close()
        assert box.start().facts == ()
        box.stop()


class TestFull:
    def test_nothing_is_half_written_and_it_goes_on_when_there_is_room(self, box: Box) -> None:
        store = box.start()
        store.append(visit(20.0, 5.0))
        (pages,) = sql(box.path, "PRAGMA page_count")[0]
        database = store._database  # noqa: SLF001 - a disk that is full at will
        database.pragma("max_page_count", int(str(pages)) + 1)
        waiting = [visit(30.0 + turn, 0.5) for turn in range(200)]
        with pytest.raises(StorageWaitError) as told:
            store.append([record for some in waiting for record in some])
        assert told.value.cause is Cause.FULL
        assert told.value.fact.notice is DATABASE_FULL
        assert "the disk is full; make room" in str(told.value)
        assert seqs(box.path) == [1, 2, 3]
        assert store.inside == 0
        database.pragma("max_page_count", 10**6)
        assert store.append([record for some in waiting for record in some]) == 603
        assert seqs(box.path) == list(range(1, 604))
        store.close()
        assert figures_differing(box.path) == 0

    def test_a_file_that_may_not_grow(self, box: Box) -> None:
        """The system's own refusal, in the middle of a write: what was acknowledged before is there afterwards."""
        *acknowledged, refusals, cause, again = in_child("full_disk", box.path)
        assert len(acknowledged) > 10
        assert cause in {Cause.FAULT.name, Cause.FULL.name}
        assert int(refusals) == 3
        assert int(again) == 3 * len(acknowledged) + 3, "what was refused three times went in once there was room"
        store = box.start()
        assert seqs(box.path) == list(range(1, int(again) + 1))
        store.append(visit(9000.0, 1.0))
        store.close()
        assert figures_differing(box.path) == 0

    def test_a_store_that_cannot_even_say_goodbye(self, box: Box) -> None:
        """Closing on a disk that takes nothing lets go of everything all the same; the next start looks it over."""
        told = in_child("full_disk_at_close", box.path)
        assert told == ["closed"]
        store = box.start()
        assert [fact.event for fact in store.facts] == [UNCLEAN_STOP.event]
        assert len(kept(box.path)) == 30
        store.close()


    @pytest.mark.parametrize("records", [0, 30])
    def test_opening_on_a_disk_that_takes_nothing(self, box: Box, records: int) -> None:
        """Neither new records nor old ones can be opened then, until there is room: tried again, it works."""
        if records:
            left_running(box, records // 3)
        told = in_child("full_disk_at_open", box.path)
        assert told == ["not now", "not now", str(records + 3)]


class TestReadOnly:
    @pytest.fixture
    def folder(self) -> Iterator[Path]:
        """A folder that somebody without rights can look into."""
        folder = Path(tempfile.mkdtemp(prefix="acm-"))
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)
        shutil.rmtree(folder)

    def test_a_file_that_may_only_be_read(self, folder: Path) -> None:
        box = Box(folder / "acm.db")
        box.start().append(visit(20.0, 5.0))
        box.stop()
        for part in folder.iterdir():
            part.chmod(0o666 if part.suffix == ".lock" else 0o444)
        folder.chmod(0o777)
        (sentence,) = in_child("read_only", box.path)
        assert "may only be read" in sentence
        assert DATABASE_READ_ONLY.event in sentence

    def test_a_folder_that_may_not_be_written(self, folder: Path) -> None:
        folder.chmod(0o555)
        (sentence,) = in_child("read_only", folder / "acm.db")
        assert sentence.startswith(f"{folder}/acm.db: cannot be written (Permission denied); give its folder")

    def test_it_becomes_read_only_and_writable_again(self, box: Box) -> None:
        store = box.start()
        store.append(visit(20.0, 5.0))
        database = store._database  # noqa: SLF001 - a disk that turns read-only at will
        database.pragma("query_only", 1)
        with pytest.raises(StorageWaitError) as told:
            store.append(visit(30.0, 5.0))
        assert told.value.cause is Cause.READ_ONLY
        assert told.value.fact.notice is DATABASE_READ_ONLY
        database.pragma("query_only", 0)
        assert store.append(visit(30.0, 5.0)) == 6
        store.close()

    def test_a_reader_without_rights_beside_the_writer(self, folder: Path) -> None:
        box = Box(folder / "acm.db")
        store = box.start()
        store.append(visit(20.0, 5.0))
        for part in folder.iterdir():
            part.chmod(0o644)
        assert in_child("read", box.path) == ["3"]
        store.close()

    def test_what_cannot_be_written_can_be_read(self, folder: Path) -> None:
        box = Box(folder / "acm.db")
        box.start().append(visit(20.0, 5.0))
        box.stop()
        for part in folder.iterdir():
            part.chmod(0o444)
        folder.chmod(0o555)
        assert in_child("read", box.path) == ["3"]


class TestDamaged:
    def damage(self, path: Path, seed: int) -> None:
        dice = Random(seed)
        size = path.stat().st_size
        with path.open("r+b") as file:
            for _ in range(6):
                file.seek(dice.randrange(1, max(2, size // 1024)) * 1024)
                file.write(dice.randbytes(1024))

    @pytest.mark.parametrize("seed", range(4))
    def test_it_is_set_aside_and_counting_goes_on(self, box: Box, seed: int) -> None:
        left_running(box, 400)
        box.path.with_name("acm.db-wal").unlink()
        self.damage(box.path, seed)
        before = box.path.read_bytes()
        store = box.start()
        corrupt = store.facts[-1]
        assert corrupt.notice is DATABASE_CORRUPT
        assert "acm.db.corrupt-1" in corrupt.message
        assert box.path.with_name("acm.db.corrupt-1").read_bytes() == before
        assert store.append(visit(20.0, 5.0)) == 3
        store.close()

    def test_a_file_that_is_no_database(self, box: Box) -> None:
        box.path.write_text("this is no database, but long enough to be taken for one" * 50)
        store = box.start()
        assert [fact.event for fact in store.facts] == [DATABASE_CORRUPT.event]
        store.close()

    def test_an_empty_file_is_a_new_one(self, box: Box) -> None:
        box.path.touch()
        store = box.start()
        assert store.facts == ()
        store.close()

    def test_it_is_found_while_writing(self, box: Box) -> None:
        store = box.start()
        for turn in range(300):
            store.append(visit(20.0 + turn, 0.5))
        store.rest()
        garbage = b"\xff" * (box.path.stat().st_size - 1024)
        with box.path.open("r+b") as file:
            file.seek(1024)
            file.write(garbage)
        store._database.pragma("cache_size", 0)  # noqa: SLF001 - memory that remembers nothing
        with pytest.raises(StorageDamagedError, match="start acm again"):
            store.append(visit(400.0, 0.5))
        store.close()
        store = box.start()
        assert DATABASE_CORRUPT.event in [fact.event for fact in store.facts]
        assert store.append(visit(500.0, 0.5)) == 3
        store.close()

    def test_a_spot_of_damage_is_not_forgotten_by_closing(self, box: Box) -> None:
        """What is written at closing lies on pages that are whole; all the same the file has to be looked over."""
        store = box.start()
        store.append(visit(20.0, 0.5))
        store.rest()
        (page,) = sql(box.path, "SELECT rootpage FROM sqlite_master WHERE name = 'hour_figure'")[0]
        with box.path.open("r+b") as file:
            file.seek((int(str(page)) - 1) * 1024)
            file.write(b"\xff" * 1024)
        store._database.pragma("cache_size", 0)  # noqa: SLF001 - memory that remembers nothing
        with pytest.raises(StorageDamagedError):
            store.append(visit(30.0, 0.5))
        store.close()
        store = box.start()
        assert [fact.event for fact in store.facts] == [UNCLEAN_STOP.event, DATABASE_CORRUPT.event]
        store.close()

    @pytest.mark.parametrize("table", ["about", "stretch", "boot", "crossing", "sqlite_master"])
    def test_a_card_that_went_bad_after_a_proper_stop(self, box: Box, table: str) -> None:
        """Nobody looks such a file over: whoever finds the damage at the start begins anew, and does not give up."""
        box.start().append(visit(20.0, 0.5))
        box.stop()
        page = 1 if table == "sqlite_master" else root_of(box.path, table)
        with box.path.open("r+b") as file:
            # The first page begins with the file's own head, which is left whole.
            file.seek(max(100, (page - 1) * 1024))
            file.write(b"\xb3" * 900)
        store = box.start()
        assert [fact.event for fact in store.facts] == [DATABASE_CORRUPT.event]
        assert store.append(visit(30.0, 0.5)) == 3
        store.close()
        assert box.path.with_name("acm.db.corrupt-1").exists()

    def test_names_that_are_no_text_any_more(self, box: Box) -> None:
        """SQLite tells of the fault in the very words that cannot be read."""
        box.start().append(visit(20.0, 0.5))
        box.stop()
        content = box.path.read_bytes()
        box.path.write_bytes(content.replace(b"CREATE TABLE", b"CRE\xb3TE TABLE", 3))
        assert not check(box.path).sound
        store = box.start()
        assert [fact.event for fact in store.facts] == [DATABASE_CORRUPT.event]
        store.close()

    def test_damage_that_is_found_by_the_copy_before_an_upgrade(self, box: Box) -> None:
        """An old schema on a bad card: the copy is no better, and that is not the copy's fault."""
        box.start().append(visit(20.0, 0.5))
        box.stop()
        other = sqlite3.connect(box.path)
        other.executescript("DROP TABLE sending; DROP TABLE set_aside; PRAGMA user_version = 1;")
        other.executescript("PRAGMA journal_mode = DELETE; VACUUM;")
        other.close()
        with box.path.open("r+b") as file:
            file.seek((root_of(box.path, "crossing") - 1) * 1024)
            file.write(b"\xff" * 1024)
        store = box.start()
        assert [fact.event for fact in store.facts] == [DATABASE_CORRUPT.event]
        store.close()

    def test_a_schema_below_zero_is_noise(self, box: Box) -> None:
        box.start().close()
        other = sqlite3.connect(box.path)
        other.execute("PRAGMA user_version = -7")
        other.close()
        store = box.start()
        assert [fact.event for fact in store.facts] == [DATABASE_CORRUPT.event]
        store.close()

    def test_only_the_last_few_are_kept(self, box: Box) -> None:
        for number in range(8):
            box.path.write_text(f"damaged {number}")
            box.path.with_name("acm.db-wal").write_text(f"log {number}")
            aside = set_aside(box.path)
            assert aside.read_text() == f"damaged {number}"
            assert aside.with_name(aside.name + "-wal").read_text() == f"log {number}"
        names = sorted(part.name for part in box.path.parent.iterdir() if not part.name.endswith("-wal"))
        assert names == [f"acm.db.corrupt-{number}" for number in range(4, 9)]


class TestLocked:
    def test_two_writers_are_one_too_many(self, box: Box) -> None:
        store = box.start()
        with pytest.raises(StorageError, match=rf"another acm \(process {os.getpid()}\) writes its records there"):
            Box(box.path).start()
        assert store.append(visit(20.0, 5.0)) == 3
        store.close()
        Box(box.path).start().close()

    def test_another_program_holds_it(self, box: Box) -> None:
        store = box.start()
        store._database.timeout = 0.05  # noqa: SLF001 - five seconds are long for a test
        other = sqlite3.connect(box.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageWaitError, match="another program is writing to it") as told:
            store.append(visit(20.0, 5.0))
        assert told.value.cause is Cause.LOCKED
        assert told.value.fact.notice is DATABASE_LOCKED
        other.execute("ROLLBACK")
        other.close()
        assert store.append(visit(20.0, 5.0)) == 3
        store.close()

    def test_a_reader_does_not_keep_it_from_writing(self, box: Box) -> None:
        store = box.start()
        store.append(visit(20.0, 5.0))
        other = sqlite3.connect(box.path, isolation_level=None)
        other.execute("BEGIN")
        assert other.execute("SELECT count(*) FROM crossing").fetchone() == (2,)
        store.append(visit(30.0, 5.0))
        assert not store.rest(), "the log is still needed, and nobody waits for it"
        assert other.execute("SELECT count(*) FROM crossing").fetchone() == (2,)
        other.close()
        assert store.rest()
        store.close()


class TestRefused:
    def test_a_newer_schema(self, box: Box) -> None:
        box.start().close()
        other = sqlite3.connect(box.path)
        other.execute("PRAGMA user_version = 99")
        other.close()
        before = box.path.read_bytes()
        with pytest.raises(StorageNewerError, match=r"newer version \(schema 99, this one knows 2\)") as told:
            box.start()
        assert told.value.fact.values["found"] == 99
        with pytest.raises(StorageNewerError):
            Records(box.path)
        assert box.path.read_bytes() == before

    def test_somebody_elses_database(self, box: Box) -> None:
        other = sqlite3.connect(box.path)
        other.execute("CREATE TABLE songs (name)")
        other.close()
        before = box.path.read_bytes()
        with pytest.raises(StorageError, match="is a database of another program"):
            box.start()
        assert box.path.read_bytes() == before

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match=r"there is no folder .*nowhere; make it first"):
            Box(tmp_path / "nowhere" / "acm.db").start()
        with pytest.raises(StorageError, match="is a folder; name a file in it"):
            Box(tmp_path).start()

    def test_nothing_to_read(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match="there are no records; start acm run first"):
            Records(tmp_path / "acm.db")
        (tmp_path / "empty.db").touch()
        with pytest.raises(StorageError, match="there are no records in it yet"):
            Records(tmp_path / "empty.db")

    @pytest.mark.parametrize(
        ("mounts", "refused"),
        [
            (["/ / ext4"], False),
            (["/ / ext4", "/srv /shop nfs4"], True),
            (["/ / ext4", "/srv /shop cifs", "/srv /shop ext4"], False),
            (["/ / nfs", "/srv /shop ext4"], False),
            (["/ / ext4", "/srv /sho nfs"], False),
            (["/ / ext4", "/srv /shop/my\\040records fuse.sshfs"], True),
        ],
    )
    def test_another_machines_disk(self, tmp_path: Path, mounts: list[str], *, refused: bool) -> None:
        table = tmp_path / "mountinfo"
        folder = tmp_path / "shop" / "my records"
        folder.mkdir(parents=True)
        rows = [mount.split() for mount in mounts]
        points = ["/" if point == "/" else f"{tmp_path}{point}" for _, point, _ in rows]
        table.write_text("".join(
            f"36 35 98:0 {root} {point} rw,noatime shared:1 - {kind} /dev/x rw\n"
            for (root, _, kind), point in zip(rows, points, strict=True)
        ))  # fmt: skip
        if refused:
            with pytest.raises(StorageError, match="lies on a network file system"):
                refuse_network(folder / "acm.db", table)
        else:
            refuse_network(folder / "acm.db", table)

    def test_where_the_system_does_not_tell(self, tmp_path: Path) -> None:
        refuse_network(tmp_path / "acm.db", tmp_path / "missing")


def in_child(what: str, path: Path) -> list[str]:
    """Run one of the functions below in a process of its own; return the lines it printed."""
    command = [sys.executable, "-W", "error", str(Path(__file__)), what, str(path)]
    environment = {"PYTHONPATH": f"{Path(edge.__file__).parents[1]}:{HERE}", "PATH": os.environ.get("PATH", "")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def full_disk(path: Path) -> None:
    """Write until the system lets no file grow any further, keep at it, and go on when it does again."""
    store = Box(path).start()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (96 * 1024, resource.RLIM_INFINITY))
    turn = refusals = 0
    while True:
        turn += 1
        records = visit(20.0 + turn, 0.5)
        try:
            print(store.append(records))  # noqa: T201 - its way of telling
        except StorageWaitError as error:
            refusals += 1
            if refusals == 3:
                print(refusals, error.cause.name, sep="\n")  # noqa: T201 - its way of telling
                break
            turn -= 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(store.append(records))  # noqa: T201 - its way of telling
    sys.stdout.flush()
    # As if the power were cut.
    os._exit(0)


def full_disk_at_close(path: Path) -> None:
    """Close a store when nothing can be written any more."""
    store = Box(path).start()
    for turn in range(10):
        store.append(visit(20.0 + turn, 0.5))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    store.close()
    os.write(1, b"closed\n")


def full_disk_at_open(path: Path) -> None:
    """Open a store when nothing can be written, and again when it can."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    told = [opened(path), opened(path)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store = Box(path).start()
    told.append(str(store.append(visit(9000.0, 1.0))))
    store.close()
    os.write(1, "\n".join(told).encode())


def opened(path: Path) -> str:
    try:
        Box(path).start()
    except StorageWaitError:
        return "not now"
    return "open"


def read_only(path: Path) -> None:
    """Open as somebody without rights. Everything is imported by now."""
    give_up_rights()
    try:
        store = Store.open(path, boot="b", reading=Box(path).reading())
        store.append([Crossing(20.0, "door", "entrance", IN)])
    except StorageWaitError as error:
        print(f"{error} {error.fact.event}")  # noqa: T201 - its way of telling
    except StorageError as error:
        print(error)  # noqa: T201 - its way of telling


def read(path: Path) -> None:
    """Read as somebody without rights."""
    give_up_rights()
    print(len(kept(path)))  # noqa: T201 - its way of telling


def give_up_rights() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


if __name__ == "__main__":
    IN_CHILD = (full_disk, full_disk_at_close, full_disk_at_open, read_only, read)
    {function.__name__: function for function in IN_CHILD}[sys.argv[1]](Path(sys.argv[2]))
