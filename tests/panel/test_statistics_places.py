"""Inside, stays, ways, the floor and trust as people look at them: by click, on a phone and at a desk."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from daemon_kit import SILENT, Daemon
from panel.kit import DESK, PHONE, PanelProcess, Window
from seeded_kit import lately

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

SHEETS = ("Inside", "Stays", "Ways", "Floor", "Trust")
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
    """Three weeks of records, and the counter going on with them."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "state").mkdir()
    seeded = lately(folder / "state" / "records.db", datetime.now(timezone.utc))
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


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
def test_each_sheet_is_one_click_away_and_stands(
    shop: PanelProcess, browser: Browser, owner: dict[str, object], viewport: dict[str, int], scheme: str
) -> None:
    with Window(browser, shop, storage_state=owner, viewport=viewport, color_scheme=scheme) as window:
        window.open("/statistics?span=month")
        for title in SHEETS:
            window.page.click(f".tabs a >> text={title}")
            window.page.wait_for_selector(f"h1 >> text={title}")
            window.settled()
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
        window.open("/statistics/stays?span=month")
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
