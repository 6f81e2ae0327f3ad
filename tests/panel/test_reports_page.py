"""Reports on the panel: made and fetched, scheduled by a diff, sent again; a test mail; the notice at the door."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from daemon_kit import Daemon
from mail_kit import NEVER, OWNER, MailHouse
from panel.box import box
from panel.kit import PHONE, PanelProcess, Window, shop_settings

from edge.analytics.periods import Period
from edge.core.clock import ClockReading
from edge.core.errors import AcmError, InputError
from edge.core.model import Direction
from edge.panel.actions import NotAllowedError
from edge.panel.auth.rights import Right, Role
from edge.panel.auth.visitor import Visitor
from edge.panel.pages.reports.coming import sentence
from edge.panel.pages.reports.sent import state_of
from edge.panel.paper import FOLDER, LEFT_S, MOST_MADE, NAME, Press
from edge.panel.words import Languages
from edge.storage.panel.store import PanelStore
from edge.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

KEY = "0" * 32
DAY = Period(date(2026, 11, 20), date(2026, 11, 20))
MAIL = '[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "box@example.org"\n'
REPORT = f'[[report]]\nname = "<b>week</b>"\nformats = ["csv"]\nmail_to = ["{OWNER}"]\n'
SITE = '[site]\noperator = "Corner Shop GmbH"\ncontact = "owner@example.org"'


# Without a browser.


def made(folder: Path, key: str = KEY, name: str = "report.pdf", age_s: float = 0.0) -> Path:
    """A file as if it had been made."""
    path = folder / f"{FOLDER}{key}" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"%PDF")
    at = datetime(2026, 11, 25, 12, tzinfo=timezone.utc).timestamp() - age_s
    os.utime(path.parent, (at, at))
    return path


def test_files_are_fetched_by_those_who_may_and_no_name_leads_elsewhere(tmp_path: Path) -> None:
    with box(tmp_path) as here:
        file = made(tmp_path)
        (tmp_path / "secret.pdf").write_bytes(b"secret")
        (file.parent / "link.pdf").symlink_to(tmp_path / "secret.pdf")
        viewer = here.signed_in("Vera", Role.VIEWER)
        answer = viewer.get(f"/reports/files/{KEY}/report.pdf")
        assert (answer.status_code, answer.content) == (200, b"%PDF")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == 'attachment; filename="report.pdf"'
        assert answer.headers["cache-control"] == "no-store"
        names = ("../secret.pdf", "..%2Fsecret.pdf", "link.pdf", ".hidden", "")
        keys = ("1" * 32, f"..%2F{FOLDER}{KEY}", f"{KEY[:31]}*")
        for path in (*(f"{KEY}/{name}" for name in names), *(f"{key}/report.pdf" for key in keys)):
            found = viewer.get(f"/reports/files/{path}")
            assert found.status_code == 404, path
            assert b"secret" not in found.content
        assert here.browser().get(f"/reports/files/{KEY}/report.pdf").status_code in (303, 401)
        assert here.token("display").get(f"/reports/files/{KEY}/report.pdf").status_code in (303, 401, 403)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", ".part", "a\0b", "a\nb", "<b>", "\u202epdf", "x" * 200, "a;b"])
def test_names_of_files_are_plain(name: str) -> None:
    assert not NAME.fullmatch(name)


def test_what_nobody_fetches_is_swept_and_only_so_many_are_kept(tmp_path: Path) -> None:
    with box(tmp_path) as here:
        old = made(tmp_path, "f" * 32, age_s=LEFT_S + 1)
        kept = [made(tmp_path, f"{number:032x}", age_s=float(number)) for number in range(MOST_MADE + 3)]
        Press(here.panel)._sweep()  # noqa: SLF001 - as it does before each
        assert not old.exists()
        assert [path.exists() for path in kept] == [True] * (MOST_MADE - 1) + [False] * 4, "the latest stay"


def test_those_who_may_not_are_refused_in_the_doing(tmp_path: Path) -> None:
    with box(tmp_path) as here:
        nobody = Visitor("Eve", frozenset({Right.SHOW}), "here")
        press = Press(here.panel)
        with pytest.raises(NotAllowedError):
            asyncio.run(press.report(nobody, DAY, ["pdf"], "en"))
        with pytest.raises(NotAllowedError):
            asyncio.run(press.door_notice(nobody, ["en"], "a4"))


def test_what_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    with box(tmp_path) as here:
        vera, press = Visitor("Vera", Role.VIEWER.rights, "here"), Press(here.panel)
        with pytest.raises(InputError, match="one format"):
            asyncio.run(press.report(vera, DAY, ["exe"], "en"))
        with pytest.raises(InputError, match="Ten years"):
            asyncio.run(press.report(vera, Period(date(1990, 1, 1), date(2026, 1, 1)), ["pdf"], "en"))
        with pytest.raises(InputError, match="Paper"):
            asyncio.run(press.door_notice(vera, ["en"], "a0"))
        with pytest.raises(AcmError) as told:
            asyncio.run(press.door_notice(vera, ["en"], "a4"))
        assert str(told.value).startswith("the notice has to say who runs the shop")
        assert list(tmp_path.glob(f"{FOLDER}*")) == [], "nothing is left of it"


@pytest.mark.parametrize("language", ["en", "de", "tr"])
def test_every_state_and_plan_is_told_in_every_language(language: str, tmp_path: Path) -> None:
    words = Languages().get(language)
    for state, more in (("done", {}), ("done", {"unsure": ["a"]}), ("trying", {"why": "x", "tries": 2}),
                        ("trying", {"why": "x", "tries": 1}), ("trying", {}), ("given-up", {})):  # fmt: skip
        one = {"state": state, "unsure": [], "why": "", "tries": 1, **more}
        assert "reports." not in state_of(words, one)[1]
    with box(tmp_path, REPORT + MAIL.format(port=25)) as here:
        for every in ("day", "week", "month"):
            table = here.panel.settings.config.report[0].model_copy(update={"every": every})
            said = sentence(words, table)
            assert "reports." not in said
            assert OWNER in said


# In a browser.


@pytest.fixture(scope="module")
def house() -> Iterator[MailHouse]:
    with MailHouse() as house:
        yield house


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, house: MailHouse) -> Iterator[PanelProcess]:
    folder = tmp_path_factory.mktemp("shop")
    settings = shop_settings(more=MAIL.format(port=house.port) + REPORT).replace("[site]", SITE)
    with Daemon(folder, settings) as daemon:
        daemon.state.mkdir()
        begun = datetime.now(timezone.utc) - timedelta(days=20)
        store = Store.open(daemon.records, boot="before", reading=ClockReading(0.0, begun, synced=True))
        for day in range(20):
            store.crossing("door", "entrance", Direction.IN, day * 86_400.0)
        store.close()
        book: dict[str, Any] = {"box": "one", "since": {"<b>week</b>/week": "2020-01-01T00:00:00+00:00"}}
        (daemon.state / "reports.json").write_text(json.dumps({**book, "deliveries": []}))
        daemon.start()
        with PanelProcess(daemon) as panel:
            yield panel


def test_a_report_is_made_and_fetched(shop: PanelProcess, browser: Browser, owner: dict[str, object]) -> None:
    with Window(browser, shop, storage_state=owner) as window:
        page = window.page
        window.open("/reports")
        page.click("[data-test=form-xlsx]")
        page.select_option("[data-test=span]", "day")
        page.fill("[data-test=day]", (datetime.now(timezone.utc).date() - timedelta(days=3)).isoformat())
        page.click("[data-test=make]")
        page.wait_for_selector("[data-test=make-file]", timeout=60_000)
        names = page.locator("[data-test=make-file]").all_inner_texts()
        assert sorted(Path(name).suffix for name in names) == [".pdf", ".xlsx"]
        with page.expect_download() as download:
            page.locator("[data-test=make-file]").first.click()
        assert Path(download.value.path()).read_bytes()[:4] == b"%PDF"
        page.select_option("[data-test=span]", "range")
        page.fill("[data-test=first]", "2026-01-09")
        page.fill("[data-test=last]", "2026-01-02")
        page.click("[data-test=make]")
        page.wait_for_selector("text=The last day is before the first.")

        page.select_option("[data-test=door-second]", "de")
        page.click("[data-test=door]")
        page.wait_for_selector("[data-test=door-file]", timeout=60_000)
        with page.expect_download() as download:
            page.click("[data-test=door-file]")
        assert Path(download.value.path()).read_bytes()[:4] == b"%PDF"
        assert window.complaints == []


def test_what_was_sent_is_seen_tried_again_and_tested(
    shop: PanelProcess, browser: Browser, owner: dict[str, object], house: MailHouse
) -> None:
    with Window(browser, shop, storage_state=owner, viewport=PHONE) as window:
        page = window.page
        window.open("/reports")
        row = page.locator("[data-test=delivery]")
        row.locator("text=to 1 address").wait_for(timeout=60_000)
        assert "<b>week</b>" in row.inner_text()
        assert len(house.mails) == 1
        house.wrong = NEVER
        page.click("[data-test=again]")
        page.click("[data-test=sure]")
        row.locator("text=we do not like you").wait_for(timeout=60_000)
        assert "Not sent yet; tried once" in row.inner_text()
        page.fill("[data-test=test-to]", "new@example.org")
        page.click("[data-test=send-test]")
        page.wait_for_selector("[data-test=test-result]:has-text('It was not sent')", timeout=60_000)
        house.wrong = ""
        page.click("[data-test=send-test]")
        page.wait_for_selector("[data-test=test-result]:has-text('has taken it')", timeout=60_000)
        page.click("[data-test=again]")
        row.locator("text=to 1 address").wait_for(timeout=60_000)
        assert [to for to, _ in house.mails] == [(OWNER,), ("new@example.org",), (OWNER,)]
        page.fill("[data-test=test-to]", "a@b.example,c@d.example")
        page.click("[data-test=send-test]")
        page.wait_for_selector("text=This is no mail address")
        assert window.faults() == []
        assert window.complaints == []


def test_a_report_is_scheduled_by_a_diff(shop: PanelProcess, browser: Browser, owner: dict[str, object]) -> None:
    with Window(browser, shop, storage_state=owner) as window:
        page = window.page
        window.open("/reports")
        page.click("[data-test=add-report]")
        page.fill("[data-test=report-name]", "Monthly")
        page.select_option("[data-test=every]", "month")
        page.fill("[data-test=at]", "06:30")
        page.fill("[data-test=mail-to]", "not an address")
        page.click("[data-test=propose-report]")
        page.wait_for_selector("text=this is no mail address")
        page.fill("[data-test=mail-to]", f"{OWNER}; second@example.org")
        page.click("[data-test=propose-report]")
        page.wait_for_selector("[data-test=differences]")
        assert "second@example.org" in page.inner_text("[data-test=differences]")
        page.click("[data-test=save]")
        page.wait_for_selector("[data-test=report]:has-text('Monthly')")
        page.wait_for_selector("text=On the first of each month at 06:30")
        page.wait_for_selector("[data-test=report]:has-text('Monthly') >> text=Next:")
        overrides = (shop.daemon.state / "overrides.toml").read_text()
        assert 'every = "month"' in overrides
        plans = shop.daemon.ask("status")["reports"]["plans"]
        assert [plan["name"] for plan in plans] == ["<b>week</b>", "Monthly"], "taken into use at once"
        assert plans[1]["last"] is None, "nothing that was due before it was wanted"
        assert window.complaints == []


def test_a_viewer_makes_reports_and_sees_no_address(shop: PanelProcess, browser: Browser, owner: object) -> None:
    assert owner, "it is claimed"
    with PanelStore(shop.own / "panel.db") as store:
        store.users.add("Vera", store.users.all()[0].password, "viewer", 0)
    with Window(browser, shop, viewport=PHONE) as window:
        window.sign_in("Vera")
        window.page.wait_for_url(f"{shop.address}/")
        window.open("/reports")
        window.page.wait_for_selector("[data-test=make]")
        assert OWNER not in window.page.content()
        assert window.page.locator("[data-test=delivery], [data-test=send-test], [data-test=door]").count() == 0
        assert window.faults() == []
