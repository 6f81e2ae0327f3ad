"""The statistics as people look at them: every sheet by click, on a phone and at a desk."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from daemon_kit import SILENT, Daemon
from panel.kit import DESK, OWNER, PHONE, PanelProcess, Window
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from seeded_kit import DOORS, lately

from edge.storage.panel.store import PanelStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

SHEETS = ("Hours of the week", "Inside", "Stays", "Ways", "Floor", "Trust")
LOCKED = "\n[panel]\nprivacy_lock = true\n"
PNG = b"\x89PNG\r\n\x1a\n"
# How much of the canvas is warmer than any grey: that is heat.
WARM = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let warm = 0;
  for (let n = 0; n < data.length; n += 4) if (data[n] > data[n + 2] + 60) warm++;
  return warm / (data.length / 4);
}"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PanelProcess]:
    """Five weeks of records, and the counter going on with them."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "state").mkdir()
    seeded = lately(folder / "state" / "records.db", datetime.now(timezone.utc), days=35)
    told = seeded.settings().replace("[site]\n", "[site]\nclock_trusted = true\n")
    silent = SILENT.split("[sound]", 1)[1]
    with Daemon(folder, f"{told}\n[sound]{silent}[display]\nlimit = 20\n") as daemon:
        daemon.start()
        with PanelProcess(daemon) as panel:
            yield panel


def drawn(window: Window) -> None:
    """Wait until every chart and canvas of the page is drawn."""
    window.page.wait_for_selector(".figure-card")
    window.page.wait_for_function(
        "[...document.querySelectorAll('.figure-card .chart')].every((chart) => chart.querySelector('svg path')) && "
        "[...document.querySelectorAll('[data-floor]')].every((place) => place.dataset.ground)"
    )


def followed(window: Window, link: str, there: str) -> None:
    """Follow a link; a second time if the first came while the page was still being put together and was lost."""
    window.page.click(link)
    try:
        window.page.wait_for_selector(there, timeout=15_000)
    except PlaywrightTimeoutError:
        window.page.click(link)
        window.page.wait_for_selector(there)
    window.settled()


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
def test_visitors_are_one_click_away_and_stand_over_every_time(
    shop: PanelProcess, browser: Browser, owner: dict[str, object], viewport: dict[str, int], scheme: str
) -> None:
    with Window(browser, shop, storage_state=owner, viewport=viewport, color_scheme=scheme) as window:
        window.open("/")
        window.page.click("nav a:visible >> text=Statistics")
        window.page.wait_for_selector("h1 >> text=Statistics")
        window.settled()
        drawn(window)
        for span in ("Day", "Week", "Month", "Year", "From"):
            followed(window, f".segments a >> text={span}", f".segments a[aria-current] >> text={span}")
            drawn(window)
            assert window.page.locator("[data-figure=visitors] svg path").count() > 5, span
            assert window.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, span
            small = window.page.locator(".picker a, .picker select, .picker input, .take").evaluate_all(
                "(all) => all.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"
            )
            assert small == [], span
        assert window.faults() == []
        assert window.complaints == []


def test_earlier_part_of_the_shop_and_comparison_are_chosen_and_right(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner) as window:
        window.open("/statistics?span=week")
        window.page.click("[aria-label=Earlier]")
        window.page.wait_for_selector("[data-test=now]")
        window.settled()
        drawn(window)
        first = date.fromisoformat(window.page.url.split("day=")[1][:10])
        assert tile(window) == f"{came_in(shop, first, 7):,}"
        window.page.locator("[data-figure=visitors] .chart").hover()
        window.page.wait_for_selector(".tip-row >> text=The time before")
        other = came_in(shop, first - timedelta(days=7), 7)
        assert f"({other:,})" in str(window.page.text_content("[data-figure=summary] .note"))
        window.page.select_option("[data-choice=scope]", label="door")
        window.page.wait_for_url("**camera=door**")
        drawn(window)
        assert tile(window) == f"{came_in(shop, first, 7, 'door'):,}"
        window.page.select_option("[data-choice=against]", label="The usual")
        window.page.wait_for_url("**against=usual**")
        drawn(window)
        rows = list(csv.reader(io.StringIO(table(window, "visitors"))))
        assert rows[0] == ["When", "In", "Out", "In, Usual"]
        assert [row[0] for row in rows[1:]] == [str(first + timedelta(days=more)) for more in range(7)]
        assert [int(row[1]) for row in rows[1:]] == [
            came_in(shop, first + timedelta(days=more), 1, "door") for more in range(7)
        ]
        shown = window.page.locator("[data-figure=visitors]")
        shown.locator("summary").click()
        assert shown.locator("tbody tr").count() == len(rows) - 1
        window.page.fill("[data-name=day]", str(first - timedelta(days=3)))
        window.page.wait_for_url(f"**day={first - timedelta(days=3)}**")
        window.settled()
        assert "camera=door" in window.page.url
        window.page.click("[data-test=now]")
        window.page.wait_for_selector("[data-figure=coming] svg path", state="attached")
        assert window.page.locator("[data-figure=coming-hours] svg path").count() > 7
        assert window.complaints == []


def test_a_note_is_added_shown_changed_and_removed(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner, viewport=PHONE) as window:
        window.open("/statistics?span=week")
        window.page.click("[data-test=add-note]")
        window.page.fill("[data-test=note-text]", "<b>Storm</b> in town")
        window.page.select_option("[data-test=note-kind]", label="Weather")
        assert window.faults() == []
        window.page.click("[data-test=save-note]")
        note = window.page.locator("[data-test=note]", has_text="<b>Storm</b> in town")
        note.wait_for()
        window.settled()
        drawn(window)
        assert f"by {OWNER}" in str(note.text_content())
        number = str(note.locator(".mark-number").text_content())
        marks = window.page.locator("[data-figure=visitors] svg text").all_text_contents()
        assert any(number in mark for mark in marks)
        note.locator("[data-test=change-note]").click()
        window.page.fill(".q-dialog [data-test=note-text]", "Street party")
        window.page.click(".q-dialog [data-test=save-note]")
        window.page.wait_for_selector("[data-test=note] >> text=Street party")
        window.settled()
        window.page.locator("[data-test=note]", has_text="Street party").locator("[data-test=remove-note]").click()
        window.page.click("[data-test=sure]")
        window.page.wait_for_selector("[data-test=note] >> text=Street party", state="detached")
        assert window.complaints == []
    with PanelStore(shop.own / "panel.db") as store:
        assert [change.what for change in store.audit.latest(3)] == ["note-removed", "note-changed", "note-added"]
        hashed = next(user.password for user in store.users.all() if user.name == OWNER)
        store.users.add("Vera", hashed, "viewer", 0)
    with Window(browser, shop) as window:
        window.sign_in("Vera")
        window.settled()
        window.open("/statistics")
        window.page.wait_for_selector("[data-figure=notes]")
        assert window.page.locator("[data-test=add-note]").count() == 0, "a viewer only reads"


def test_a_chart_is_taken_away_on_white_ground_also_from_the_dark(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner, color_scheme="dark") as window:
        window.open("/statistics?span=month")
        drawn(window)
        with window.page.expect_download() as download:
            window.page.click("[data-figure=visitors] [data-take=png]")
        assert download.value.suggested_filename.startswith("visitors-20")
        picture = cv2.imdecode(np.frombuffer(Path(download.value.path()).read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape[1] > 1800
        edges = np.concatenate([picture[:8].reshape(-1, 3), picture[-8:].reshape(-1, 3)])
        assert (edges == 255).all(), "white to the edges"
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        assert (grey[30:70, 40:700] < 60).sum() > 300, "the title is dark"
        assert float(np.median(grey)) == 255.0
        green = (picture[..., 1] > picture[..., 2] + 60) & (picture[..., 1] < 140)
        assert green.sum() > 10_000, "bars in the colours of the light theme"
        assert window.complaints == []


def test_in_and_out_take_turns(shop: PanelProcess, browser: Browser, owner: dict[str, object]) -> None:
    with Window(browser, shop, storage_state=owner, viewport=PHONE, color_scheme="dark") as window:
        window.open("/statistics/hours?span=month")
        drawn(window)
        assert window.page.locator("[data-figure=hours-out]").is_hidden()
        window.page.click("[data-figure=hours-in] [data-turn=hours-out]")
        window.page.wait_for_selector("[data-figure=hours-out] svg text >> text=Mon")
        assert window.page.locator("[data-figure=hours-in]").is_hidden()
        assert window.page.locator("[data-figure=hours-out] [aria-pressed=true]").text_content() == "Out"
        assert window.faults() == []
        assert taken(window, "hours-out").startswith(PNG)
        assert window.complaints == []


def tile(window: Window) -> str:
    """How many came in, as the first tile says."""
    return str(window.page.locator("[data-figure=summary] .tile-figure").first.text_content())


def came_in(shop: PanelProcess, first: date, days: int, camera: str = "") -> int:
    """The same by the rows: the shop's zone has no summer time."""
    zone = shop.daemon.settings.read_text(encoding="utf-8").split('time_zone = "Etc/GMT')[1].split('"')[0]
    start = datetime(first.year, first.month, first.day, tzinfo=timezone(timedelta(hours=-int(zone))))
    span = tuple(int((start + timedelta(days=more)).timestamp() * 1000) for more in (0, days))
    of = f" AND line IN (SELECT id FROM subject WHERE camera = '{camera}')" if camera else ""  # noqa: S608 - ours
    asked = f"SELECT count(*) FROM crossing WHERE direction = 0 AND at_ms >= ? AND at_ms < ? AND {DOORS}{of}"  # noqa: S608 - ours
    with closing(sqlite3.connect(shop.daemon.records)) as database:
        return int(database.execute(asked, span).fetchone()[0])


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
def test_each_sheet_is_one_click_away_and_stands(
    shop: PanelProcess, browser: Browser, owner: dict[str, object], viewport: dict[str, int], scheme: str
) -> None:
    with Window(browser, shop, storage_state=owner, viewport=viewport, color_scheme=scheme) as window:
        window.open("/statistics?span=month")
        for title in SHEETS:
            followed(window, f".tabs a >> text={title}", f"h1 >> text={title}")
            drawn(window)
            assert window.page.locator(".tabs a[aria-current]").text_content() == title
            assert window.page.locator(".figure-card .empty").count() == 0, title
            assert window.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, title
            for image in window.page.locator("[role=img]").all():
                assert len(str(image.get_attribute("aria-label"))) > 20, title
            assert window.faults() == [], title
        assert "span=month" in window.page.url, "which days are looked at is kept from sheet to sheet"
        assert window.complaints == []


def test_the_floor_is_drawn_over_the_still(shop: PanelProcess, browser: Browser, owner: dict[str, object]) -> None:
    with Window(browser, shop, storage_state=owner) as window:
        asked: list[str] = []
        window.page.on("request", lambda request: asked.append(request.url))
        window.open("/statistics/floor?span=month&camera=hall")
        window.page.wait_for_selector("[data-ground=picture]")
        canvas = window.page.locator(".floor canvas")
        assert canvas.evaluate(WARM) > 0.02
        stills = [url for url in asked if "/pictures" in url]
        assert [url.split("?")[1] for url in stills] == ["camera=hall&lines=false"], "one still, without drawn lines"
        rows = window.page.locator(".numbers tbody tr th").all_text_contents()
        assert set(rows[:3]) == {"shelves", "counter", "window"}
        assert taken(window, "floor-1").startswith(PNG)
        assert [path for path in shop.own.rglob("*") if path.is_file() and b"\xff\xd8\xff" in path.read_bytes()] == []
        assert window.complaints == []


def test_with_pictures_locked_the_floor_is_plain(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    settings = shop.daemon.settings.read_text(encoding="utf-8")
    shop.daemon.settings.write_text(settings + LOCKED, encoding="utf-8")
    try:
        with Window(browser, shop, storage_state=owner, viewport=PHONE) as window:
            window.open("/statistics/floor?span=month&camera=hall")
            window.page.wait_for_selector("[data-ground=plain]")
            window.page.wait_for_selector("text=Pictures are locked on this box")
            assert window.page.locator(".floor canvas").evaluate(WARM) > 0.02
            assert taken(window, "floor-1").startswith(PNG)
            assert window.faults() == []
            assert window.complaints == []
    finally:
        shop.daemon.settings.write_text(settings, encoding="utf-8")


def test_ways_flow_and_say_that_they_are_kept_for_two_days(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner) as window:
        window.open("/statistics/ways?span=year")
        drawn(window)
        assert window.page.locator(".segments a[aria-current]").text_content() == "Both days"
        window.page.wait_for_selector("text=kept for 48 hours and then deleted")
        flow = window.page.locator("[data-figure=flow-1]")
        names = flow.locator("svg text").all_text_contents()
        assert {"shelves (1)", "counter (2)"} <= set(names)
        rows = list(csv.reader(io.StringIO(table(window, "flow-1"))))
        assert rows[0] == ["Step", "From", "To", "People", "Share"]
        assert flow.locator("svg path").count() >= len(rows) - 1
        flow.locator("summary").click()
        assert flow.locator("tbody tr").count() == len(rows) - 1
        assert taken(window, "flow-1").startswith(PNG)
        window.page.click(".segments >> text=Yesterday")
        window.page.wait_for_selector(".segments a[aria-current] >> text=Yesterday")
        assert window.complaints == []


def test_a_heading_puts_the_places_in_order(shop: PanelProcess, browser: Browser, owner: dict[str, object]) -> None:
    with Window(browser, shop, storage_state=owner) as window:
        # Days that are over: the counter goes on while it is read.
        first, last = (datetime.now(timezone.utc).date() - timedelta(days=days) for days in (12, 2))
        window.open(f"/statistics/stays?span=range&from={first}&to={last}")
        drawn(window)
        places = window.page.locator("[data-figure=places]")
        rows = [row[:2] for row in csv.reader(io.StringIO(table(window, "places")))][1:]
        by_number = [name for name, number in sorted(rows, key=lambda row: -int(row[1]))]
        assert by_number != [name for name, _ in rows]
        for order, names in (("descending", by_number), ("ascending", by_number[::-1])):
            places.locator("th >> text=Stays").click()
            assert places.locator("tbody th").all_text_contents() == names
            assert places.locator("thead th").nth(1).get_attribute("aria-sort") == order
        window.page.select_option("[data-choice=scope]", label="hall · counter")
        window.page.wait_for_url("**zone=counter**")
        drawn(window)
        assert window.page.locator("[data-figure=summary] dd").first.text_content() == format_of(
            next(number for name, number in rows if name == "counter (hall)")
        )
        assert window.complaints == []


def format_of(number: str) -> str:
    return f"{int(number):,}"


def test_trust_says_how_far_and_leads_to_counting_along(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner, viewport=PHONE, locale="de-DE") as window:
        window.open("/statistics/trust?span=month")
        drawn(window)
        assert window.page.locator("[data-test=verdict]").get_attribute("data-level") in {"good", "warn", "bad"}
        assert "Mitgezählt hat noch niemand" in str(window.page.text_content("[data-test=reasons]"))
        off = json.dumps(window.page.locator("[data-figure=gaps] tbody th").all_text_contents(), ensure_ascii=False)
        assert "Die ganze Box" in off
        window.page.click(".figure-card a.button")
        window.page.wait_for_selector("h1 >> text=Mitzählen")
        assert window.complaints == []


def taken(window: Window, figure: str) -> bytes:
    """The picture of a figure, as it is saved."""
    with window.page.expect_download() as download:
        window.page.click(f"[data-figure={figure}] [data-take=png]")
    return Path(download.value.path()).read_bytes()


def table(window: Window, figure: str) -> str:
    """The table of a figure, as it is saved."""
    with window.page.expect_download() as download:
        window.page.click(f"[data-figure={figure}] [data-take=csv]")
    return Path(download.value.path()).read_text(encoding="utf-8-sig")
