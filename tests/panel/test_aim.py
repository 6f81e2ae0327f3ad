"""Aim and set-up, by touch: a line is drawn and the count changes; what-if; trying out; counting along."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from daemon_kit import Daemon
from panel.kit import DESK, PHONE, PanelProcess, Window, shop_settings

from edge.config.lines import tripwire
from edge.config.schema import LineTable
from edge.core.model import Direction
from edge.panel.pages.aim.drawing import Area, Drawing, Line, motion
from edge.panel.pages.count.trial import Tap, Trial, told
from edge.storage.panel.store import PanelStore

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

TOUCH: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
WRITTEN = {"from": [0.5, 0.0], "to": [0.5, 1.0], "in": "left-to-right"}
ENTRANCE = Line("entrance", (0.5, 1.0), (0.5, 0.0), written=WRITTEN)


@pytest.mark.parametrize("start", [(0.5, 0.9), (0.1, 0.2), (0.9, 0.15)])
@pytest.mark.parametrize("end", [(0.5, 0.1), (0.8, 0.9), (0.11, 0.19)])
def test_the_way_in_is_written_so_that_the_settings_read_the_same_line(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    for line in (Line("door", start, end), Line("door", start, end).flipped):
        table = LineTable.model_validate({**line.table, "from": tuple(line.start), "to": tuple(line.end)})
        assert table.motion == motion(line.start, line.end)
        assert tripwire("door", table.start, table.end, table.motion) == line.tripwire


def test_what_was_not_moved_is_written_as_it_was() -> None:
    drawing = Drawing((ENTRANCE,), (Area("desk", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4))),))
    same = {"lines": [[[0.5, 1.0], [0.5, 0.0]]], "zones": [[[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]]}
    assert drawing.moved(same) == drawing
    assert drawing.moved(same).lines[0].table["from"] == [0.5, 0.0]
    moved = drawing.moved({**same, "lines": [[[0.3004, 1.2], [0.3, -0.1]]]})
    assert (moved.lines[0].start, moved.lines[0].end) == ((0.3, 1.0), (0.3, 0.0))
    assert moved.changes(drawing) == [("line_moved", "entrance")]
    flipped = Drawing((ENTRANCE.flipped,), ())
    assert flipped.changes(drawing) == [("zone_removed", "desk"), ("line_flipped", "entrance")]
    assert drawing.changes(Drawing()) == [("line_added", "entrance"), ("zone_added", "desk")]


@pytest.mark.parametrize("said", [{}, {"lines": [], "zones": []}, {"lines": [[[0, 0]]], "zones": [[]]}, None,
                                  {"lines": [[["a", 0], [0, 1]]], "zones": []},
                                  {"lines": [[[float("nan"), 0], [0, 1]]], "zones": []}])  # fmt: skip
def test_what_is_no_drawing_is_not_taken(said: Any) -> None:  # noqa: ANN401 - anything a browser may say
    with pytest.raises(ValueError):  # noqa: PT011 - there is but one
        Drawing((ENTRANCE,)).moved(said)


def test_corners_are_added_on_the_longest_side_and_taken_down_to_three() -> None:
    area = Area("desk", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.3)))
    assert area.richer.corners in (
        ((0.1, 0.1), (0.5, 0.1), (0.9, 0.1), (0.9, 0.3)), ((0.1, 0.1), (0.9, 0.1), (0.9, 0.3), (0.5, 0.2))
    )  # fmt: skip
    assert area.richer.poorer.poorer.poorer.corners == area.richer.corners[:3]


def test_taps_that_arrive_late_count_from_when_they_were_made() -> None:
    trial = Trial("door", "entrance", 1000.0)
    for phone_s, arrived_s in ((5.0, 1005.05), (10.0, 1014.0), (11.0, 1014.0), (20.0, 1020.4)):
        trial.taps.append(Tap(phone_s, arrived_s, Direction.IN))
    trial.counted = [(at_s, Direction.IN) for at_s in (990.0, 1005.0, 1010.0, 1011.0, 1011.3, 1020.0, 1099.0)]
    assert [round(at_s, 2) for at_s, _ in trial.moments()] == [5.05, 10.05, 11.05, 20.05]
    result = told(trial.judged(1060.0))
    assert result["found"]["hits"] == result["found"]["n"] == 4  # type: ignore[index]
    assert 0.5 < result["found"]["low"] < 0.52  # type: ignore[index, operator]
    assert (result["doubles"], result["missed"], result["extra"]) == (1, 0, 0)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PanelProcess]:
    with Daemon(tmp_path_factory.mktemp("aim"), shop_settings(people=60.0) + "[infrared]\nenabled = true\n") as daemon:
        daemon.start()
        with PanelProcess(daemon) as panel:
            yield panel


def ends(window: Window) -> list[list[float]]:
    """Where the middles of the handles are, in pixels of the screen."""
    told: list[list[float]] = window.page.evaluate(
        "[...document.querySelectorAll('.grip')].map((grip) => { const box = grip.getBoundingClientRect();"
        "return [box.x + box.width / 2, box.y + box.height / 2, box.width, box.height]; })"
    )
    return told


def drag(window: Window, start: tuple[float, float], by: tuple[float, float]) -> None:
    """A finger goes down, moves in steps, and is lifted."""
    touch = window.context.new_cdp_session(window.page)
    x, y = start
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for n in range(1, 6):
        point = {"x": x + by[0] * n / 5, "y": y + by[1] * n / 5}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def settings(shop: PanelProcess) -> dict[str, Any]:
    """What was changed of the camera."""
    path = shop.daemon.state / "overrides.toml"
    told = tomllib.loads(path.read_text()) if path.exists() else {}
    return next(iter(told.get("camera", [])), {})


def wait_for(window: Window, fits: Callable[[], object]) -> None:
    """Wait until something is as it should be."""
    for _ in range(1200):
        if fits():
            return
        window.page.wait_for_timeout(50)
    raise AssertionError("it did not come to be")


def counted(shop: PanelProcess) -> dict[str, int]:
    """How many crossed each line today."""
    return {line["line"]: line["in"] + line["out"] for line in shop.daemon.ask("status")["lines"]}


def save(window: Window) -> list[str]:
    """Save what is drawn; give what the page said would change."""
    window.page.tap("[data-test=save]")
    window.page.wait_for_selector("[data-test=changes] li")
    said = window.page.locator("[data-test=changes] li").all_text_contents()
    window.page.tap("[data-test=confirm]")
    # What was said of an earlier saving has to be gone first, or it would be taken for this one's.
    window.page.wait_for_selector("text=Saved and in use.")
    window.page.wait_for_selector("text=Saved and in use.", state="detached")
    return said


def test_a_line_is_moved_by_touch_and_counts_there_and_is_put_back(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner, **TOUCH) as window:
        window.open("/aim")
        window.page.wait_for_selector("[data-camera=door]:not(.without)")
        window.page.wait_for_selector(".grip")
        assert all(wide >= 44 and high >= 44 for _, _, wide, high in ends(window))
        assert window.page.is_disabled("[data-test=save]")
        wide = window.page.evaluate("document.querySelector('[data-test=board]').clientWidth")
        (x, _, *_), (_, y, *_) = ends(window)
        middle = sum(end[1] for end in ends(window)) / 2 + 60
        drag(window, (x, middle), (-0.2 * wide, 0.0))
        for end in ends(window):
            assert abs(end[0] - (x - 0.2 * wide)) < 2, "the whole line goes along"
        assert y
        before = counted(shop)["entrance"]
        assert save(window) == ["The line entrance is moved"]
        (line,) = settings(shop)["line"]
        assert abs(line["from"][0] - 0.3) < 0.01
        assert line["in"] == "left-to-right"
        wait_for(window, lambda: counted(shop)["entrance"] > before)
        window.page.tap("[data-test=flip-0]")
        assert save(window) == ["In and out are exchanged at entrance"]
        wait_for(window, lambda: settings(shop)["line"][0]["in"] == "right-to-left")
        window.page.tap("[data-test=undo]")
        # A notice that comes or fades is pale for a moment.
        window.page.wait_for_selector(".q-notification")
        wait_for(window, lambda: settings(shop)["line"][0]["in"] == "left-to-right")
        window.page.wait_for_selector(".q-notification", state="detached")
        assert window.faults() == []
        assert window.complaints == []
    with PanelStore(shop.own / "panel.db") as store:
        made = store.audit.latest(3, what="settings")
    assert len(made) == 3
    assert all(one.undo for one in made), "each can be reverted"


def test_a_new_line_and_a_zone_are_drawn_named_and_taken_away(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner, **TOUCH) as window:
        window.open("/aim")
        window.page.wait_for_selector("[data-camera=door]:not(.without)")
        window.page.tap("[data-test=add-line]")
        window.page.wait_for_selector(".drawn.line >> nth=1")
        window.page.locator(".drawn.line input[maxlength]").nth(1).fill("till <b>")
        window.page.keyboard.press("Tab")
        window.page.wait_for_selector("text.name >> text=till <b>")
        window.page.tap("[data-test=add-zone]")
        window.page.wait_for_selector(".area")
        window.page.evaluate("scrollTo(0, 0)")
        corner = ends(window)[0]
        drag(window, (corner[0], corner[1]), (-20.0, 15.0))
        assert abs(ends(window)[0][0] - corner[0] + 20) < 2
        window.page.tap("[data-test=corner-plus]")
        window.page.wait_for_function("document.querySelectorAll('.zone .grip').length === 5")
        assert save(window) == ["The line till <b> is new", "The zone zone 1 is new"]
        assert [line["name"] for line in settings(shop)["line"]] == ["entrance", "till <b>"]
        assert len(settings(shop)["zone"][0]["corners"]) == 5
        wait_for(window, lambda: counted(shop)["till <b>"] > 0)
        for left in (2, 1):
            window.page.locator("[data-test=remove]").last.tap()
            window.page.wait_for_function(f"document.querySelectorAll('[data-test=remove]').length === {left}")
        assert save(window) == ["The line till <b> is taken away", "The zone zone 1 is taken away"]
        assert [line["name"] for line in settings(shop)["line"]] == ["entrance"]
        assert window.complaints == []


def test_a_line_is_moved_by_keyboard_and_what_cannot_be_counted_at_is_refused(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner) as window:
        window.open("/aim")
        window.page.wait_for_selector(".grip")
        x = ends(window)[0][0]
        window.page.focus(".grip >> nth=0")
        window.page.keyboard.press("ArrowLeft")
        window.page.keyboard.press("ArrowLeft")
        assert ends(window)[0][0] < x
        window.page.wait_for_selector("[data-test=discard]")
        before = settings(shop)
        window.page.locator(".drawn.line input[maxlength]").nth(0).fill("")
        window.page.keyboard.press("Tab")
        window.page.wait_for_function("document.querySelector('text.name').textContent === ''")
        window.page.click("[data-test=save]")
        window.page.wait_for_selector(".q-notification.bg-negative")
        assert window.page.query_selector("[data-test=confirm]") is None
        assert settings(shop) == before
        window.page.click("[data-test=discard]")
        window.page.wait_for_selector("text.name >> text=entrance")
        assert abs(ends(window)[0][0] - x) < 2
        assert window.complaints == []


def test_the_aim_is_told_and_devices_are_tried(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner, viewport=DESK) as window:
        window.open("/aim")
        window.page.wait_for_selector("[data-test=points] >> text=/\\d+ of 100/", timeout=40_000)
        window.page.click("[data-test=ring]")
        window.page.wait_for_selector("text=/It sounds \\d+ ms after/")
        window.page.click("[data-test=pulse]")
        window.page.wait_for_selector("text=lamp is switched on for a second.")
        window.page.click("[data-test=shine]")
        wait_for(window, lambda: shop.daemon.ask("status")["light"]["mode"] == "night")
        wait_for(window, lambda: shop.daemon.ask("status")["light"]["mode"] != "night")
        assert window.complaints == []


def test_what_another_line_would_have_counted(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner, viewport=DESK) as window:
        window.open("/aim")
        window.page.wait_for_selector(".grip")
        cell = {test: f"[data-test=what-if] [data-test={test}]" for test in ("drawn", "counted")}
        for _ in range(60):
            window.page.click("[data-test=what-if-24]")
            window.page.wait_for_selector("[data-test=what-if] >> text=/replayed\\.|No walk is on record/")
            if window.page.query_selector(f"{cell['drawn']}:not([data-in='0'])"):
                break
            window.page.wait_for_timeout(1000)
        as_drawn = int(str(window.page.get_attribute(cell["drawn"], "data-in")))
        as_counted = int(str(window.page.get_attribute(cell["counted"], "data-in")))
        assert as_drawn > 0
        assert as_counted > 0
        window.page.click("[data-test=flip-0]")
        window.page.click("[data-test=what-if-48]")
        window.page.wait_for_function(
            f"document.querySelector({json.dumps(cell['drawn'])})?.dataset.out >= {as_drawn}"
        )
        assert int(str(window.page.get_attribute(cell["counted"], "data-in"))) >= as_counted, "what was counted stays"
        assert "right-to-left" not in json.dumps(settings(shop)), "nothing is changed by it"
        assert window.faults() == []
        assert window.complaints == []


def test_counting_along_by_touch_agrees_with_a_counter_that_is_right(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner, **TOUCH) as window:
        window.open("/count-along")
        before = counted_both(shop)
        window.page.tap("[data-test=begin]")
        window.page.wait_for_selector("[data-test=tap-in]")
        seen = counted_both(shop)
        taps = 0
        for _ in range(400):
            now = counted_both(shop)
            for way in ("in", "out"):
                for _ in range(now[way] - seen[way]):
                    window.page.tap(f"[data-test=tap-{way}]")
                    taps += 1
            seen = now
            if taps >= 6:
                break
            window.page.wait_for_timeout(60)
        window.page.tap("[data-test=tap-in]")
        window.page.tap("[data-test=take-back]")
        window.page.tap("[data-test=end]")
        window.page.wait_for_selector("[data-test=agreement]")
        assert window.page.is_visible(f"text=/of the {taps} people you tapped were counted the right way/")
        # Who came before the first look and after the last one was not tapped.
        not_tapped = sum(counted_both(shop).values()) - sum(before.values()) - taps
        assert int(str(window.page.text_content("[data-test=missed]"))) <= not_tapped + 1
        assert window.page.is_visible("[data-test=sure]")
        window.page.wait_for_selector("[data-test=history] >> text=entrance")
        assert window.faults() == []
        assert window.complaints == []
    with PanelStore(shop.own / "panel.db") as store:
        (kept,) = store.count_alongs.latest(5)
    assert (kept.camera, kept.line, len(kept.taps)) == ("door", "entrance", taps)
    assert kept.result["found"]["n"] == taps


def counted_both(shop: PanelProcess) -> dict[str, int]:
    """How many went each way today."""
    status = shop.daemon.ask("status")
    return {"in": status["in"], "out": status["out"]}


def test_a_viewer_may_not_aim(shop: PanelProcess, browser: Browser, owner: object) -> None:
    assert owner
    with PanelStore(shop.own / "panel.db") as store:
        hashed = store.users.all()[0].password
        store.users.add("Vera", hashed, "viewer", 0)
    with Window(browser, shop) as window:
        window.sign_in("Vera")
        window.settled()
        for path in ("/aim", "/count-along"):
            window.page.goto(path)
            window.page.wait_for_selector("text=Your role (Viewer) does not include it.")
            assert window.page.query_selector(".drawing-board, [data-test=begin]") is None
