"""Reports in the hub's store: the latest of each, so many and no more, gone when they are old; on either database."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hub_kit import NOW, SITE, opened
from shipment_kit import DEVICE

from edge.core.calendar import day_number
from edge.core.timekeeping import to_ms
from edge.storage.hub.queries import Page
from edge.storage.hub.reader import HubReader
from edge.storage.hub.registry import Newcomer, Registry
from edge.storage.hub.reports import MOST_OF_DEVICE, MOST_OF_REPORT, KeptFile, SentFile, fetched, keep, listed
from edge.storage.hub.retention import let_go
from edge.storage.hub.store import HubStore, UnknownDeviceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from postgres_kit import Postgres

OTHER, ELSEWHERE = "abcdefgh33333333", "abcdefgh44444444"
MONDAY, NOW_MS = date(2026, 11, 16), to_ms(NOW)
WEEKLY = SentFile("Weekly", "week", MONDAY, MONDAY + timedelta(days=6), "report-2026-W47.pdf", b"%PDF-1.7\x00\xff\n")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres) -> Iterator[HubStore]:
    """A hub with two devices of one shop and one of another."""
    url = f"sqlite:///{tmp_path}/hub.db" if request.param == "sqlite" else postgres.database()
    store = opened(url, devices=(DEVICE, OTHER))
    registry = Registry(store)
    registry.add_site("Zoo", "UTC", 0, NOW_MS)
    registry.claim("Zoo", "", "code of the zoo", NOW_MS)
    registry.enrol("code of the zoo", Newcomer(ELSEWHERE, "", "gate", "1"), "token of the zoo", NOW_MS)
    yield store
    store.close()


def of_week(number: int, **over: object) -> SentFile:
    first = MONDAY + timedelta(days=7 * number)
    return replace(WEEKLY, first=first, last=first + timedelta(days=6), file=f"week-{number}.pdf", **over)


def files(store: HubStore, site: str = "", page: Page = Page(1000)) -> list[KeptFile]:  # noqa: B008 - never altered
    with store.database.using():
        return listed(store.database, site, page)


def body(store: HubStore, one: KeptFile) -> tuple[str, bytes] | None:
    with store.database.using():
        return fetched(store.database, one.device, one.number)


def test_a_file_is_kept_as_it_came_and_told_without_its_body(store: HubStore) -> None:
    keep(store.database, DEVICE, WEEKLY, NOW_MS)
    (one,) = files(store)
    assert (one.sent_ms, one.device, one.device_name, one.site) == (NOW_MS, DEVICE, DEVICE, SITE)
    assert (one.report, one.every, one.file, one.size_bytes) == ("Weekly", "week", WEEKLY.file, len(WEEKLY.body))
    assert (one.first_day, one.last_day) == (day_number(WEEKLY.first), day_number(WEEKLY.last))
    assert body(store, one) == (WEEKLY.file, WEEKLY.body)
    assert body(store, one._replace(number=one.number + 1)) is None
    assert body(store, one._replace(device=OTHER)) is None


def test_the_same_again_takes_its_place_and_anything_else_stands_beside_it(store: HubStore) -> None:
    keep(store.database, DEVICE, WEEKLY, NOW_MS)
    (before,) = files(store)
    keep(store.database, DEVICE, replace(WEEKLY, body=b"%PDF-2"), NOW_MS)
    (one,) = files(store)
    assert body(store, one) == (WEEKLY.file, b"%PDF-2")
    # Who has fetched the one before can see that it is another one.
    assert one.number > before.number
    others = (
        replace(WEEKLY, report="Other"), replace(WEEKLY, every="day"), replace(WEEKLY, file="report.xlsx"),
        replace(WEEKLY, first=MONDAY - timedelta(days=1)),
    )  # fmt: skip
    for other in others:
        keep(store.database, DEVICE, other, NOW_MS)
    keep(store.database, OTHER, WEEKLY, NOW_MS)
    assert len(files(store)) == 6
    assert body(store, one) == (WEEKLY.file, b"%PDF-2")


def test_the_oldest_go_when_there_are_too_many(store: HubStore) -> None:
    keep(store.database, OTHER, WEEKLY, NOW_MS)
    for number in range(MOST_OF_REPORT + 3):
        keep(store.database, DEVICE, of_week(number), NOW_MS + number)
    mine = [one.file for one in files(store) if one.device == DEVICE]
    assert mine == [f"week-{number}.pdf" for number in range(MOST_OF_REPORT + 2, 2, -1)]
    for number in range(MOST_OF_DEVICE):
        keep(store.database, DEVICE, of_week(number, report=f"report {number // 50}"), NOW_MS + 1000 + number)
    mine = [one.report for one in files(store) if one.device == DEVICE]
    assert len(mine) == MOST_OF_DEVICE
    assert "Weekly" not in mine
    assert [one.file for one in files(store) if one.device == OTHER] == [WEEKLY.file]


def test_a_clock_that_goes_back_does_not_make_what_comes_the_oldest(store: HubStore) -> None:
    for number in range(MOST_OF_REPORT):
        keep(store.database, DEVICE, of_week(number), NOW_MS)
    keep(store.database, DEVICE, of_week(99), NOW_MS - 1_000_000)
    names = {one.file for one in files(store)}
    assert "week-99.pdf" in names
    assert "week-0.pdf" not in names
    assert len({one.number for one in files(store)}) == MOST_OF_REPORT


def test_pages_go_on_and_a_site_has_its_own(store: HubStore) -> None:
    for number in range(5):
        for device in (DEVICE, OTHER, ELSEWHERE):
            keep(store.database, device, of_week(number), NOW_MS + number // 2)
    found: list[KeptFile] = []
    while len(page := files(store, page=Page(4, tuple(found[-1][:3]) if found else ()))) > 0:
        found += page
    assert found == files(store)
    assert [one[:3] for one in found] == sorted((one[:3] for one in found), reverse=True)
    assert {one.device for one in files(store, SITE)} == {DEVICE, OTHER}
    assert [one.device_name for one in files(store, "Zoo")] == ["gate"] * 5
    assert files(store, "nowhere") == []


def test_who_is_not_known_or_was_revoked_sends_nothing(store: HubStore) -> None:
    keep(store.database, DEVICE, WEEKLY, NOW_MS)
    Registry(store).revoke(DEVICE, NOW_MS)
    for device, said in ((DEVICE, "revoked"), ("nobody", "not known")):
        with pytest.raises(UnknownDeviceError, match=said):
            keep(store.database, device, of_week(1), NOW_MS)
    # What it sent stays.
    assert [one.file for one in files(store)] == [WEEKLY.file]


def test_files_of_months_ago_go_with_the_rows(store: HubStore) -> None:
    for month, day in ((8, 31), (9, 1), (11, 25)):
        at = datetime(2026, month, day, tzinfo=timezone.utc)
        keep(store.database, DEVICE, replace(WEEKLY, file=f"{month}.pdf"), to_ms(at))
    assert let_go(store.database, 2, NOW) == 1
    assert [one.file for one in files(store)] == ["11.pdf", "9.pdf"]
    assert let_go(store.database, 2, NOW) == 0
    latest = files(store)[0].number
    assert let_go(store.database, 0, NOW + timedelta(days=40)) == 2
    keep(store.database, DEVICE, WEEKLY, NOW_MS + 1)
    assert files(store)[0].number > latest, "no file is mistaken for one that was fetched before"


def test_two_at_once_do_not_take_each_others_place(store: HubStore) -> None:
    failures: list[BaseException] = []

    def send(which: int) -> None:
        mine = HubStore.open(store.database.url)
        try:
            for number in range(10):
                keep(mine.database, DEVICE, of_week(number, report=f"of {which}"), NOW_MS)
                keep(mine.database, DEVICE, WEEKLY, NOW_MS)
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=send, args=(which,)) for which in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len({one.number for one in files(store)}) == len(files(store)) == 31


def test_who_only_looks_sees_the_same(store: HubStore) -> None:
    keep(store.database, DEVICE, WEEKLY, NOW_MS)
    keep(store.database, ELSEWHERE, of_week(1), NOW_MS + 1)
    reader = HubReader(store.database.url)
    try:
        assert reader.reports("", 10) == files(store)
        assert reader.reports("", 1) == files(store)[:1]
        (one,) = reader.reports(SITE, 10)
        assert reader.report(one.device, one.number) == (WEEKLY.file, WEEKLY.body)
        assert reader.report(one.device, 5) is None
    finally:
        reader.close()
