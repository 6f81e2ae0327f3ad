"""The Live page: pictures that move, counts that rise, people covered; and no work while nobody looks."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from daemon_kit import Daemon
from panel.kit import DESK, PHONE, PanelProcess, Window, door, shop_settings

from edge.analytics.scene import Scene
from edge.core.clock import ManualClock
from edge.core.errors import InputError
from edge.core.frame import Frame
from edge.core.model import Anchor, Box, Sighting, Track, Tripwire, Zone
from edge.services.snapshots import LIVE_S, LIVE_WIDE_PX, Snapshot
from edge.vision.privacy import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.sync_api import Browser

SECOND = door().replace('name = "door"', 'name = "yard"').replace('name = "entrance"', 'name = "gate"')
LOST = door(faults="lost_after_s = 1.0\nlost_for_s = 3600.0").replace('name = "door"', 'name = "cellar"')
PRIVACY = '[panel]\nprivacy = "black"\n'
LOOKED = "Number(document.querySelector('[data-camera=door]').dataset.seen ?? 0)"


def stripes(high: int = 120, wide: int = 160) -> NDArray[np.uint8]:
    """A picture of fine stripes: nothing of them is left where somebody was covered."""
    image = np.zeros((high, wide, 3), dtype=np.uint8)
    image[:, ::2] = 255
    return image


def person(box: Box, *, confirmed: bool = True) -> Sighting:
    track = Track(1, box, 0.9, 0.0, 0.0, observed=True, size=box.height, place=box.foot, anchor=Anchor.FOOT,
                  confirmed=confirmed)  # fmt: skip
    return Sighting(0.0, (track,))


@pytest.mark.parametrize("how", ["blur", "black"])
def test_who_is_found_cannot_be_recognised_and_the_rest_of_the_picture_stays(how: str) -> None:
    image, box = stripes(), Box(0.4, 0.3, 0.6, 0.9)
    covered = hidden(image, [box], how)
    inside = covered[36:108, 64:96].astype(int)
    assert np.ptp(inside, axis=1).max() <= 90, "stripes of a pixel's breadth are gone"
    assert np.array_equal(covered[:, :50], image[:, :50])
    assert np.array_equal(image, stripes()), "what is counted from stays as it was"
    assert np.array_equal(hidden(image, [box], "clear"), image)
    assert hidden(image, [Box(-0.2, -0.2, 0.001, 1.4), Box(1.0, 0.2, 1.0, 0.4)], how).shape == image.shape


def looked_at(snapshot: Snapshot, image: NDArray[np.uint8], sighting: Sighting) -> None:
    wire = Tripwire("door", (0.1, 0.9), (0.1, 0.1))
    scene = Scene([wire], [Zone("desk", ((0.7, 0.7), (0.9, 0.7), (0.9, 0.9)))])
    snapshot.saw(Frame(image, sighting.t_s), sighting, scene, [])


def opened(told: dict[str, object]) -> NDArray[np.uint8]:
    image = cv2.imdecode(np.frombuffer(base64.b64decode(str(told["jpeg"])), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image, dtype=np.uint8)


def test_a_live_picture_is_made_once_for_all_and_only_when_asked_for() -> None:
    clock = ManualClock(10.0)
    snapshot = Snapshot("door", clock)
    for _ in range(20):
        looked_at(snapshot, np.zeros((900, 1600, 3), dtype=np.uint8), person(Box(0.4, 0.3, 0.6, 0.9)))
    assert snapshot.encoded == 0, "nobody looks"
    first = snapshot.live(lines=True)
    for _ in range(50):
        assert snapshot.live(lines=True) is first
    assert snapshot.encoded == 1
    clock.advance(LIVE_S * 1.01)
    assert snapshot.live(lines=True) is not first
    assert (first["width_px"], first["height_px"]) == (LIVE_WIDE_PX, 540)
    drawn, bare = opened(snapshot.live(lines=True)), opened(snapshot.live(lines=False))
    assert drawn[270, 96].max() > 120, "the line"
    assert bare[270, 96].max() < 60
    assert bare.max() > 120, "people's boxes are in both"


def test_people_are_covered_before_the_picture_leaves_and_a_lock_lets_none_out() -> None:
    how: list[str | None] = ["black"]
    snapshot = Snapshot("door", ManualClock(10.0), lambda: how[0])
    looked_at(snapshot, np.full((480, 640, 3), 255, dtype=np.uint8), person(Box(0.4, 0.3, 0.6, 0.9), confirmed=False))
    for told in (snapshot.told(painted=False), snapshot.told(painted=True), snapshot.live(lines=True)):
        assert opened(told)[290, 320].max() < 60
    how[0] = "clear"
    assert opened(snapshot.live(lines=True))[290, 320].min() > 200, "no picture of the former setting is given"
    how[0] = None
    for ask in (lambda: snapshot.told(painted=False), lambda: snapshot.live(lines=False)):
        with pytest.raises(InputError, match="Pictures are locked"):
            ask()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PanelProcess]:
    folder: Path = tmp_path_factory.mktemp("live")
    settings = PRIVACY + shop_settings(people=60.0) + SECOND + LOST
    with Daemon(folder, settings) as daemon:
        daemon.start()
        with PanelProcess(daemon) as panel:
            yield panel


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_pictures_move_and_counts_rise(
    shop: PanelProcess, browser: Browser, owner: dict[str, object], viewport: dict[str, int]
) -> None:
    with Window(browser, shop, storage_state=owner, viewport=viewport) as window:
        window.open("/live")
        window.page.wait_for_function(f"{LOOKED} >= 3")
        window.page.wait_for_selector("[data-camera=yard]:not(.without)")
        window.page.wait_for_selector("text=The camera cellar gives no picture. Look at its cable; it is being tried")
        figures = "[...document.querySelectorAll('.way .figure')].map((figure) => Number(figure.textContent) || 0)"
        count = f"{figures}.reduce((sum, number) => sum + number, 0)"
        before = window.page.evaluate(count)
        window.page.wait_for_function(f"{count} > {before}", timeout=30_000)
        window.page.wait_for_selector("[data-test=latest] >> text=entrance", timeout=30_000)
        window.page.wait_for_selector("[data-test=latency] >> text=/\\d+ ms/", timeout=30_000)
        assert window.page.is_visible("text=blacked out before the picture leaves")
        assert window.faults() == []
        assert window.complaints == []


def test_pictures_stop_while_the_page_is_not_seen(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner) as window:
        asked: list[str] = []
        window.page.on("request", lambda request: asked.append(request.url) if "/pictures" in request.url else None)
        window.open("/live")
        window.page.wait_for_function(f"{LOOKED} >= 2")
        window.page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
        window.page.wait_for_timeout(500)
        before = len(asked)
        window.page.wait_for_timeout(1500)
        assert len(asked) == before
        window.page.evaluate("delete document.hidden")
        window.page.wait_for_timeout(2000)
        assert before < len(asked) <= before + 11, "five a second"


def test_a_lock_shuts_the_pictures_with_a_sentence_while_counting_goes_on(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    overrides = shop.daemon.state / "overrides.toml"
    with Window(browser, shop, storage_state=owner) as window:
        window.open("/live")
        window.page.wait_for_function(f"{LOOKED} >= 1")
        text = overrides.read_text() if overrides.exists() else ""
        overrides.write_text(text + "\n[panel]\nprivacy_lock = true\n")
        shop.daemon.ask("reload")
        window.page.wait_for_selector("[data-camera=door] >> text=Pictures are locked on this box")
        assert not window.page.is_visible("[data-camera=door] img")
        kind = "fetch('/pictures?camera=door').then((answer) => answer.headers.get('Content-Type'))"
        assert window.page.evaluate(kind) == "application/json"
        overrides.write_text(text)
        shop.daemon.ask("reload")
        window.page.wait_for_selector("[data-camera=door]:not(.without)")


def test_pictures_are_for_those_who_may_see(shop: PanelProcess, browser: Browser, owner: object) -> None:
    assert owner
    with Window(browser, shop) as window:
        answer = window.context.request.get("/pictures?camera=door", max_redirects=0)
        assert answer.status in (302, 303, 401)
