"""The next batch: every row once and in order, columns as the rows were, and nothing goes that the hub has not got."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime, timezone
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_kit import IN, MONDAY, OUT, Box, kept, sql, visit

from edge.analytics.occupancy import CorrectionReason
from edge.core.notices import CAMERA_LOST
from edge.core.shipment import Standing, Subject
from edge.core.timekeeping import to_ms
from edge.storage.errors import StorageError
from edge.storage.outbox import Outbox
from edge.storage.outbox_columns import NO_TIME, TOO_LONG
from edge.storage.records import Correction, Crossing, Heat, Told, Visit, Walk, ZoneStay
from edge.storage.retention import Keeping
from edge.storage.sending import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from edge.storage.outbox import Draft
    from edge.storage.records import Record

DEVICE = "abcdefghij234567"
STANDING = Standing("1.0", 0, None, "synced", 10)
LONG_AGO = datetime(1970, 1, 1, 0, 0, 5, tzinfo=timezone.utc)
DAY_S = 86400.0
SENT: tuple[type[Record], ...] = (Crossing, Visit, ZoneStay, Correction, Told)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "records.db")


def fresh(box: Box, progress: Progress = Progress(), most: int = 500) -> Draft:  # noqa: B008 - it cannot be altered
    with Outbox(box.path, DEVICE) as outbox:
        return outbox.fresh(progress, STANDING, most)


def all_kinds() -> list[Record]:
    return [
        *visit(20.0, 5.0), ZoneStay(26.0, "door", "counter", 9.0),
        Walk(27.0, "door", ()), Heat(28.0, "door", 9, 1, (1.0,)),
        Correction(29.0, -2, CorrectionReason.CLOSING), Told(30.0, CAMERA_LOST.fact(camera="door", reason="ä")),
        Crossing(31.0, "yard", "gate", OUT, door=False),
    ]  # fmt: skip


def test_a_batch_says_what_the_rows_say(box: Box) -> None:
    box.start().append(all_kinds())
    draft = fresh(box)
    batch = draft.shipment
    assert (batch.device, batch.after_seq, batch.last_seq, batch.revised) == (DEVICE, 0, 9, False)
    assert (batch.zone, batch.day_starts_h, batch.kept_from_seq) == ("Europe/Berlin", 0, 0)
    assert not draft.more
    assert batch.seqs().tolist() == [1, 2, 3, 4, 7, 8, 9], "walks and heat stay here"
    crossings = batch.crossings
    assert [batch.subjects[place] for place in crossings.subject] == [
        Subject("line", "door", "entrance", door=True), Subject("line", "door", "entrance", door=True),
        Subject("line", "yard", "gate"),
    ]  # fmt: skip
    assert crossings.direction.tolist() == [0, 1, 1]
    assert crossings.at_ms.tolist() == [to_ms(MONDAY) + 1000 * second for second in (20, 25, 31)]
    assert batch.subjects[int(batch.visits.subject[0])] == Subject("camera", "door")
    assert batch.visits.stay_ds.tolist() == [50]
    assert batch.subjects[int(batch.zone_stays.subject[0])] == Subject("zone", "door", "counter")
    assert (batch.corrections.change.tolist(), batch.corrections.reason.tolist()) == ([-2], [1])
    assert batch.notices.event == ("camera-lost",)
    assert batch.notices.told == ('{"camera":"door","reason":"ä"}',)
    assert all(kind.version.tolist() == [1] * kind.rows for kind in batch.kinds())


@given(most=st.integers(1, 9), kinds=st.lists(st.sampled_from(range(5)), min_size=1, max_size=30))
@settings(max_examples=40, deadline=None)
def test_batches_of_any_size_have_every_row_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, most: int, kinds: list[int]
) -> None:
    box = Box(tmp_path_factory.mktemp("any") / "records.db")
    store = box.start()
    of: list[Record] = [
        Crossing(20.0, "door", "entrance", IN), Visit(20.0, "door", 5.0), ZoneStay(20.0, "door", "counter", 9.0),
        Walk(20.0, "door", ()), Told(20.0, CAMERA_LOST.fact(camera="door")),
    ]  # fmt: skip
    store.append([of[kind] for kind in kinds])
    progress, seqs = Progress(), []
    while (draft := fresh(box, progress, most)).shipment.rows:
        assert draft.shipment.rows <= most
        assert draft.shipment.after_seq == max(0, progress.cursor)
        seqs += draft.shipment.seqs().tolist()
        assert draft.more == (len(seqs) < sum(kind != 3 for kind in kinds))
        progress = replace(progress, cursor=draft.shipment.last_seq)
    assert seqs == [found.seq for found in kept(box.path, *SENT)]
    box.stop()


def test_rows_without_a_time_wait_with_all_that_follows_and_are_sent_once_they_have_one(box: Box) -> None:
    box.clock, box.synced = LONG_AGO, False
    store = box.start()
    store.append(visit(20.0, 5.0))
    with Outbox(box.path, DEVICE) as outbox:
        backlog = outbox.backlog(Progress())
        assert (backlog.rows, backlog.waits_for_clock, backlog.oldest_ms) == (3, True, None)
        draft = outbox.fresh(Progress(), STANDING, 500)
        assert (draft.shipment.rows, draft.shipment.last_seq, draft.more) == (0, 0, False)
    box.clock, box.synced = MONDAY, True
    box.look()
    draft = fresh(box)
    assert draft.shipment.rows == 3
    assert draft.shipment.crossings.version.tolist() == [2, 2]
    assert draft.shipment.crossings.at_ms.tolist() == [to_ms(MONDAY) + 20_000, to_ms(MONDAY) + 25_000]
    with Outbox(box.path, DEVICE) as outbox:
        passed = outbox.passed_over(Progress())
        assert passed.revised == 1, "nobody has them by another time"
        assert outbox.revised(passed, STANDING, 500) is None


def test_rows_sent_before_they_were_given_their_time_are_sent_anew(box: Box) -> None:
    """After a start without a time server, rows have a time carried over; the true one comes later."""
    store = box.start()
    store.append(visit(20.0, 5.0))
    store = box.reboot(MONDAY, synced=False)
    store.append(visit(30.0, 5.0))
    store.append(visit(40.0, 5.0))
    progress = Progress(cursor=7)
    assert fresh(box).shipment.crossings.version.tolist() == [1] * 6
    box.synced = True
    box.step_clock(3600.0)
    box.look()
    with Outbox(box.path, DEVICE) as outbox:
        progress = outbox.passed_over(progress)
        first = outbox.revised(progress, STANDING, 2)
        assert first is not None
        assert first.shipment.revised
        assert first.more
        assert first.shipment.seqs().tolist() == [4, 5]
        assert (first.shipment.after_seq, first.shipment.last_seq) == (3, 5)
        second = outbox.revised(replace(progress, revised_seq=5), STANDING, 10)
        assert second is not None
        assert second.shipment.seqs().tolist() == [6, 7], "8 and 9 were never sent"
        assert not second.more
        assert set(second.shipment.crossings.version.tolist()) == {2}
        done = replace(progress, revised=second.change, revised_seq=-1)
        assert outbox.revised(done, STANDING, 10) is None
    assert fresh(box, done).shipment.seqs().tolist() == [8, 9]


def test_versions_are_what_the_records_say(box: Box) -> None:
    """However often and in whatever order rows were given other times."""
    box.start()
    for start in range(5):
        assert box.store is not None
        box.store.append(visit(box.uptime_s + 1, 3.0))
        box.reboot(MONDAY + (start + 1) * (MONDAY - MONDAY), synced=start % 2 == 0)
        box.store.append(visit(box.uptime_s + 1, 3.0))
        box.step_clock(7200.0 * start)
        box.synced = True
        box.look()
    batch = fresh(box).shipment
    versions = {found.seq: found.version for found in kept(box.path, *SENT)}
    sent = {
        int(seq): int(version)
        for kind in batch.kinds() for seq, version in zip(kind.seq, kind.version, strict=True)
    }  # fmt: skip
    assert sent == versions
    assert max(versions.values()) > 1


def test_rows_set_aside_are_left_out_and_taken_up_again_when_asked(box: Box) -> None:
    store = box.start()
    store.append(visit(20.0, 5.0))
    store.note_sent(store.progress, aside=((2, "the hub does not like it"),))
    with Outbox(box.path, DEVICE) as outbox:
        assert outbox.fresh(outbox.progress(), STANDING, 500).shipment.seqs().tolist() == [1, 3]
        assert outbox.set_aside() == [(2, "the hub does not like it")]
        assert (outbox.backlog(Progress()).rows, outbox.backlog(Progress()).set_aside) == (2, 1)
    store.note_sent(store.progress, again=(1, 2))
    assert fresh(box).shipment.rows == 3


def test_rows_no_batch_can_hold_are_named_with_the_reason(box: Box) -> None:
    box.clock = LONG_AGO
    store = box.start()
    store.append(visit(20.0, 5.0))
    box.step_clock((MONDAY - LONG_AGO).total_seconds())
    box.look()
    store.append([*visit(40.0, 5.0), Told(50.0, CAMERA_LOST.fact(camera="door", reason="x" * 5000))])
    draft = fresh(box)
    assert draft.unsendable == ((1, NO_TIME), (2, NO_TIME), (3, NO_TIME), (7, TOO_LONG))
    assert draft.shipment.seqs().tolist() == [4, 5, 6]
    assert (draft.shipment.after_seq, draft.shipment.last_seq) == (0, 7)


def test_progress_is_written_with_the_next_rows_and_survives_a_kill(box: Box) -> None:
    store = box.start()
    store.append(visit(20.0, 5.0))
    store.note_sent(Progress(cursor=3, revised=2, told="{}"))
    with Outbox(box.path, DEVICE) as outbox:
        assert outbox.progress() == Progress(), "it costs the card nothing yet"
        store.append(visit(30.0, 5.0))
        assert outbox.progress() == Progress(cursor=3, revised=2, told="{}")
        store.note_sent(Progress(cursor=6))
        store.save_sent()
        assert outbox.progress() == Progress(cursor=6)
    store.note_sent(Progress(cursor=7))
    box.stop()
    assert box.start().progress == Progress(cursor=7)


def test_a_disk_that_refuses_leaves_progress_as_it_was(box: Box) -> None:
    store = box.start()
    store.append(visit(20.0, 5.0))
    other = sqlite3.connect(box.path)
    other.execute("BEGIN IMMEDIATE")
    before = store.progress
    store._database.connection().execute("PRAGMA busy_timeout = 1")  # noqa: SLF001 - not to wait for 5 s
    with pytest.raises(StorageError):
        store.note_sent(Progress(cursor=3), aside=((2, "why"),))
    other.rollback()
    other.close()
    assert store.progress == before
    store.append(visit(30.0, 5.0))
    with Outbox(box.path, DEVICE) as outbox:
        assert outbox.progress() == before
        assert outbox.set_aside() == []


def test_an_old_copy_gets_an_epoch_of_its_own_for_what_was_not_sent(box: Box) -> None:
    store = box.start()
    store.append(visit(20.0, 5.0))
    store.note_sent(Progress(cursor=3))
    store.append(visit(30.0, 5.0))
    epoch = store.epoch
    store.begin_epoch()
    assert store.epoch != epoch
    box.stop()
    store = box.start()
    batch = fresh(box, store.progress).shipment
    assert batch.epoch == store.epoch != epoch
    assert batch.seqs().tolist() == [4, 5, 6]
    assert batch.kept_from_seq == 4, "a hub that asks for what was before is told that there is nothing"
    went_back = fresh(box, replace(store.progress, cursor=-1)).shipment
    assert (went_back.after_seq, went_back.rows) == (3, 3)


class TestRetention:
    def days(self, box: Box, days: int) -> None:
        assert box.store is not None
        for day in range(days):
            at_s = 20.0 + day * DAY_S
            lost = Told(at_s, CAMERA_LOST.fact(camera="door"))
            box.store.append([*visit(at_s, 600.0), lost, Heat(at_s, "door", 3600, 1, (1.0,))])
        box.uptime_s = 20.0 + days * DAY_S
        box.look()

    def test_nothing_goes_that_the_hub_has_not_got(self, box: Box) -> None:
        store = box.start()
        self.days(box, 60)
        keeping = Keeping(counted_days=40, heat_days=40, notices_days=40, until_sent=True)
        gone = store.tidy(keeping)
        assert (gone.counted, gone.notices, gone.heat, gone.held) == (0, 0, 20, 20 * 4)
        store.note_sent(Progress(cursor=10))
        gone = store.tidy(keeping)
        assert (gone.counted, gone.notices) == (6, 2)
        assert gone.held == 20 * 4 - 8
        assert fresh(box, store.progress).shipment.kept_from_seq == 11
        store.note_sent(Progress(cursor=300))
        gone = store.tidy(keeping)
        assert (gone.counted, gone.notices, gone.held) == (54, 18, 0)
        assert store.tidy(keeping).counted == 0

    def test_without_a_hub_nobody_waits_for_it(self, box: Box) -> None:
        store = box.start()
        self.days(box, 60)
        assert store.tidy(Keeping(counted_days=40)).counted == 60

    def test_rows_whose_new_time_the_hub_has_not_got_stay(self, box: Box) -> None:
        box.start().append(visit(20.0, 5.0))
        store = box.reboot(MONDAY, synced=False)
        self.days(box, 50)
        store.note_sent(Progress(cursor=1000))
        box.synced = True
        box.step_clock(3600.0)
        box.look()
        keeping = Keeping(counted_days=10, until_sent=True)
        assert store.tidy(keeping).counted == 3, "those of the first start"
        with Outbox(box.path, DEVICE) as outbox:
            revised = outbox.revised(store.progress, STANDING, 10_000)
            assert revised is not None
        store.note_sent(replace(store.progress, revised=revised.change))
        assert store.tidy(keeping).counted == 31 * 3, "no more than so many days at once"

    def test_what_is_gone_is_set_aside_no_more(self, box: Box) -> None:
        store = box.start()
        self.days(box, 60)
        store.note_sent(Progress(cursor=300), aside=((2, "why"), (290, "why")))
        store.tidy(Keeping(counted_days=40, until_sent=True))
        assert sql(box.path, "SELECT seq FROM set_aside") == [(290,)]


def test_a_month_of_rows_is_read_in_a_moment(box: Box) -> None:
    """Far below a second, so that sending takes nothing from counting."""
    store = box.start()
    rows: list[Record] = [Crossing(20 + step * 1.5, "door", "in", OUT if step % 2 else IN) for step in range(72_000)]
    for start in range(0, len(rows), 2000):
        store.append(rows[start : start + 2000])
    best_s, batches = 9.9, []
    for _ in range(3):
        began_s, progress, batches = perf_counter(), Progress(), []
        with Outbox(box.path, DEVICE) as outbox:
            while (draft := outbox.fresh(progress, STANDING, 5000)).shipment.rows:
                batches.append(draft.shipment)
                progress = replace(progress, cursor=draft.shipment.last_seq)
        best_s = min(best_s, perf_counter() - began_s)
    assert np.array_equal(np.concatenate([batch.seqs() for batch in batches]), np.arange(1, 72_001))
    assert best_s < 0.3, "some 0.07 s on a quiet machine"
