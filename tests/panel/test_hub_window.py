"""The hub's panel in a real browser: all sites side by side, each one's statistics, devices, and what is not there."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from panel.hub_window_kit import HubPanelProcess, life
from panel.kit import DESK, PHONE, Window
from shipping_kit import known

from edge.core.shipment import Standing
from edge.core.timekeeping import to_ms
from edge.storage.hub import reports
from edge.storage.hub.registry import Registry
from edge.storage.hub.reports import SentFile
from edge.storage.hub.store import HubStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

EVIL = '<img src=x onerror="document.title=1">'
GOOD, SILENT, OLD = "abcdefgh22222222", "abcdefgh33333333", "abcdefgh44444444"
TABS = ["Visitors", "Hours of the week", "Inside", "Stays", "Trust"]
SHEETS = ("/statistics", "/statistics/hours", "/statistics/inside", "/statistics/stays", "/statistics/trust")

MONDAY, NAME = date(2026, 11, 16), "report-2026-W47"
PICTURES = tuple((OLD, "Weekly", f"{NAME}-{'stay_lengths-' * number}.png") for number in (1, 1, 2, 3, 8))
SENT = (*PICTURES, (OLD, "Weekly", f"{NAME}.pdf"), (SILENT, EVIL[:40], f"{NAME}.pdf"), (GOOD, "Weekly", f"{NAME}.pdf"),
        (GOOD, "Weekly", f"{NAME}.xlsx"))  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubPanelProcess]:
    """A hub with four sites: one is well, one silent, one has an old program and a wrong clock, one has no device."""
    folder = tmp_path_factory.mktemp("hub")
    now = datetime.now(timezone.utc)
    well = Standing("0.2.0", 3, None, "synced", 90_000)
    store = HubStore.open(f"sqlite:///{folder}/hub.db")
    for site, device in (("Anger", GOOD), (EVIL, SILENT), ("Zoo", OLD)):
        known(store, site, device, "UTC", name=f"door of {site}")
    Registry(store).add_site("Bare", "Asia/Tokyo", 0, to_ms(now))
    store.take(life(GOOD, now, 12, well), now)
    store.take(life(SILENT, now, 3, well), now - timedelta(days=3, minutes=5))
    store.take(life(OLD, now, 6, replace(well, product="0.1.0", clock="estimated"), 7), now)
    for number, (device, report, file) in enumerate(SENT):
        body = b"%PDF-1.7 of " + device.encode()
        made = SentFile(report, "week", MONDAY, MONDAY + timedelta(days=6), file, body.ljust(1200 * (number + 1)))
        reports.keep(store.database, device, made, to_ms(now) - 60_000 * (20 - number))
    store.close()
    with HubPanelProcess(folder, f"sqlite:///{folder}/hub.db") as panel:
        yield panel


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def window(
    request: pytest.FixtureRequest, browser: Browser, shop: HubPanelProcess, owner: dict[str, object]
) -> Iterator[Window]:
    with Window(browser, shop, viewport=request.param, storage_state=owner) as window:
        yield window
        assert window.complaints == []


def names(window: Window) -> list[str]:
    return window.page.locator("[data-test=row] .name a").all_inner_texts()


def fits(window: Window) -> bool:
    return bool(window.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_sites_stand_side_by_side_and_are_found(window: Window) -> None:
    page = window.page
    window.open("/")
    page.wait_for_selector("[data-test=row]")
    assert names(window) == [EVIL, "Anger", "Bare", "Zoo"]
    rows = dict(zip(names(window), page.locator("[data-test=row]").all(), strict=True))
    assert "Nothing was heard for 3 days" in rows[EVIL].inner_text()
    assert "No device belongs" in rows["Bare"].inner_text()
    assert "Fine" in rows["Anger"].inner_text()
    for said in ("7 rows were not taken", "version 0.1.0; the newest here is 0.2.0", "clock is only estimated"):
        assert said in rows["Zoo"].inner_text()
    assert page.title() != "1", "a site's name is no page"
    assert "1 of 4" in page.locator("[data-test=all-good]").inner_text()
    assert window.faults() == []
    assert fits(window)
    # The busiest week first, the figure that is not known last; and those who need a look.
    if page.viewport_size == PHONE:
        page.select_option("[data-test=sort]", "week")
    else:
        page.click("[data-test=sort-week]")
    page.wait_for_function("document.querySelector('[data-test=row] .name a').textContent === 'Anger'")
    assert names(window) == ["Anger", "Zoo", EVIL, "Bare"]
    page.fill("[data-test=find]", "oo")
    page.wait_for_function("document.querySelectorAll('[data-test=row]').length === 1")
    assert names(window) == ["Zoo"]
    assert "1 of 4" in page.locator("[data-test=shown]").inner_text()
    page.click("[data-test=row] .name a")
    page.wait_for_url(re.compile(r"/statistics\?site=Zoo"))


def test_each_sheet_is_of_a_site_or_of_all_where_that_makes_sense(window: Window) -> None:
    page = window.page
    for sheet in SHEETS:
        window.open(f"{sheet}?span=month&site=Zoo")
        choice = page.locator("select[data-choice=site]")
        assert choice.locator("option:checked").inner_text() == "Zoo"
        every = choice.locator("option").all_inner_texts()
        assert ("All sites" in every) == (sheet in SHEETS[:2])
        assert [name for name in every if name != "All sites"] == [EVIL, "Anger", "Bare", "Zoo"]
        assert page.locator(".tabs a").all_inner_texts() == TABS
        assert window.faults() == []
        assert fits(window)
    window.open("/statistics?span=range&from=2020-01-01&to=2020-01-02")
    assert page.locator("select[data-choice=site] option:checked").inner_text() == "All sites"


def test_a_file_of_each_and_figures_that_add_up(window: Window) -> None:
    page = window.page
    window.open("/")
    page.wait_for_selector("[data-test=row]")
    told = page.request.get("/sites.csv")
    assert told.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(told.text().lstrip("\ufeff"))))
    assert [row["Site"] for row in rows] == [EVIL, "Anger", "Bare", "Zoo"]
    weeks = {row["Site"]: row["In this week"] for row in rows}
    sites = {site["name"]: site for site in page.request.get("/api/v1/sites").json()}
    assert weeks["Anger"] == str(sites["Anger"]["week"])
    assert sites["Anger"]["week"] == 2 * sites["Zoo"]["week"] == 4 * sites[EVIL]["week"]
    assert (sites["Anger"]["health"], sites[EVIL]["health"], sites["Bare"]["health"]) == ("good", "bad", "warn")
    assert sites["Anger"]["mean_stay_s"] == 30.0
    devices = page.request.get("/devices.csv").text()
    assert devices.count("\r\n") == 4
    today = datetime.now(timezone.utc).date()
    query = f"span=range&from={today - timedelta(days=50)}&to={today}"
    ins = {}
    for site in ("Anger", "Zoo", EVIL, ""):
        file = page.request.get(f"/statistics/visitors/visitors.csv?{query}&{urlencode({'site': site})}")
        table = list(csv.reader(io.StringIO(file.text().lstrip("\ufeff"))))[1:]
        # The columns are what the time is called, in, out.
        ins[site] = sum(int(row[1] or 0) for row in table)
    assert ins["Anger"] == 2 * ins["Zoo"] > 10_000
    assert ins[""] == ins["Anger"] + ins["Zoo"] + ins[EVIL]


def test_devices_in_plain_words(window: Window) -> None:
    page = window.page
    window.open("/devices")
    page.wait_for_selector("[data-test=row]")
    told = page.locator("[data-test=row]").all_inner_texts()
    assert len(told) == 3
    assert any("It sends regularly" in one and "set by the network" in one for one in told)
    assert any("3 days ago" in one for one in told)
    assert window.faults() == []
    assert fits(window)


def test_reports_are_listed_and_fetched(window: Window) -> None:
    page = window.page
    window.open("/reports")
    rows = page.locator("[data-test=sent-report]")
    rows.first.wait_for()
    told = rows.all_inner_texts()
    assert len(told) == 3
    for said in ("Weekly", "16 Nov", "22 Nov 2026", "Anger", "door of Anger", "sent", "10 kB", "11 kB"):
        assert said in told[0], said
    assert EVIL[:40] in told[1]
    assert "door of Zoo" in told[2]
    assert page.title() != "1", "what a report is called is no page"
    assert window.faults() == []
    assert fits(window)
    with page.expect_download() as coming:
        rows.first.locator("[data-test=report-file]").first.click()
    assert coming.value.suggested_filename == f"{NAME}.pdf"
    assert coming.value.path().read_bytes() == (b"%PDF-1.7 of " + GOOD.encode()).ljust(9600)
    # One shop's alone, and one's that has sent none.
    page.select_option("select[data-choice=site]", label="Zoo")
    page.wait_for_url(re.compile(r"/reports\?site=Zoo"))
    assert page.locator("[data-test=sent-report]").count() == 1
    window.open("/reports?site=Bare")
    assert "hub = true" in page.locator("[data-test=no-reports]").inner_text()
    assert window.faults() == []


def test_a_file_of_a_report_is_one_to_take_away_and_nothing_else(window: Window) -> None:
    page = window.page
    window.open("/reports")
    place = page.locator("[data-test=report-file]").first.get_attribute("href") or ""
    answer = page.request.get(place)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == f'attachment; filename="{NAME}.pdf"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    number = place.rpartition("/")[2]
    for gone in (f"{GOOD}/1", f"{SILENT}/{number}", f"a%00b/{number}", f"{GOOD}/x", f"{GOOD}/-1", f"{GOOD}/{'9' * 16}",
                 f"{GOOD}/{'9' * 40}", f"..%2f..%2fetc%2fpasswd/{number}", f"%2e%2e/{number}"):  # fmt: skip
        assert page.request.get(f"/reports/files/{gone}").status == 404, gone


def test_what_is_not_there_without_a_box(window: Window) -> None:
    page = window.page
    window.open("/manage")
    assert page.locator(".place .name").all_inner_texts() == ["People", "Tokens", "Audit log"]
    assert page.locator("nav >> text=Live").count() == 0
    for path in ("/live", "/aim", "/count", "/manage/rules", "/statistics/ways", "/statistics/floor", "/display"):
        assert page.request.get(path).status == 404, path
    window.open("/manage/people")
    assert window.faults() == []


def test_a_viewer_sees_figures_and_nothing_to_manage(
    browser: Browser, shop: HubPanelProcess, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner) as window:
        page = window.page
        window.open("/manage/people")
        page.fill("[data-test=new-name]", "Vera")
        page.fill("[data-test=new-password]", "nine violet umbrellas")
        page.select_option("[data-test=new-role]", "viewer")
        page.click("[data-test=add-user]")
        page.wait_for_selector("text=Vera")
        window.open("/manage/audit")
        assert "Vera" in page.inner_text("main")
    with Window(browser, shop) as window:
        window.sign_in("Vera", "nine violet umbrellas")
        window.page.wait_for_selector("[data-test=row]")
        assert window.page.locator("nav a[href='/manage']").count() == 0
        assert window.page.request.get("/manage/people").status == 403
        assert window.page.request.get("/sites.csv").status == 200
        window.open("/reports")
        place = window.page.locator("[data-test=report-file]").first.get_attribute("href") or ""
        assert window.page.request.get(place).status == 200
        window.open("/statistics?site=Zoo")
        assert window.complaints == []
    with Window(browser, shop) as window:
        assert "/sign-in" in window.page.request.get("/sites.csv").url
        assert window.page.request.get("/api/v1/sites").status == 401
        assert "/sign-in" in window.page.request.get(place).url
