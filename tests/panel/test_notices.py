"""By click: being told by a push service, recording a greeting, linking the box with others, putting records back."""

from __future__ import annotations

import json
import re
import wave
from typing import TYPE_CHECKING

import pytest
from daemon_kit import Daemon
from panel.kit import PHONE, PanelProcess, Window, browsing, shop_settings
from push_kit import push_service

from edge.panel.words import Languages
from edge.storage.care import backup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser
    from push_kit import PushService

# A microphone that beeps once a second.
BEEPING = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
WORDS = Languages().get("en")
# What a browser's maker does for it: keeps a place for its messages, whose key the phone has.
ASKING = """
(() => {
  let asked = null;
  const told = %s;
  PushManager.prototype.getSubscription = async () => asked;
  PushManager.prototype.subscribe = async (wish) => asked = {
    endpoint: told.endpoint, options: wish, toJSON: () => told, unsubscribe: async () => { asked = null; return true; },
  };
})();
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    with push_service(tmp_path_factory.mktemp("push")) as service:
        yield service


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, service: PushService) -> Iterator[PanelProcess]:
    folder = tmp_path_factory.mktemp("shop")
    with Daemon(folder, shop_settings(people=1.0)) as daemon:
        daemon.start()
        with PanelProcess(daemon, ("--push-authority", str(service.authority))) as panel:
            yield panel


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing(*BEEPING) as browser:
        yield browser


def delivered(window: Window, payload: dict[str, object]) -> None:
    """Have the browser's maker deliver a message to the page's worker."""
    session = window.context.new_cdp_session(window.page)
    known: list[str] = []

    def told(event: dict[str, list[dict[str, object]]]) -> None:
        known.extend(str(one["registrationId"]) for one in event["registrations"] if not one["isDeleted"])

    session.on("ServiceWorker.workerRegistrationUpdated", told)
    session.send("ServiceWorker.enable")
    session.send("Runtime.enable")
    window.page.wait_for_function("navigator.serviceWorker.controller !== undefined")
    session.send("ServiceWorker.deliverPushMessage", {
        "origin": f"{window.panel.address}/", "registrationId": known[-1], "data": json.dumps(payload),
    })  # fmt: skip


SHOWN = """async () => {
  for (let tries = 0; tries < 100; tries++) {
    const shown = await (await navigator.serviceWorker.ready).getNotifications();
    if (shown.length) return shown.map((one) => [one.title, one.body, one.tag, one.data.page]);
    await new Promise((later) => setTimeout(later, 50));
  }
  return [];
}"""


def test_a_browser_is_told_and_told_no_more(
    shop: PanelProcess, browser: Browser, owner: dict[str, object], service: PushService
) -> None:
    phone, subscriber = service.phone("ada")
    keys = {"p256dh": subscriber.p256dh, "auth": subscriber.auth}
    with Window(browser, shop, storage_state=owner, permissions=["notifications"], viewport=PHONE) as window:
        page = window.page
        window.context.add_init_script(ASKING % json.dumps({"endpoint": subscriber.endpoint, "keys": keys}))
        window.open("/notices")
        page.wait_for_selector(f"[data-test=state] >> text={WORDS('notices.is_off')}")
        assert window.faults() == []
        page.click("[data-test=of-unusual]")
        with page.expect_navigation():
            page.click("[data-test=begin]")
        page.wait_for_selector(f"text={WORDS('notices.devices')}")
        row = str(page.text_content("[data-test=told]"))
        assert WORDS("notices.health") in row
        assert WORDS("notices.unusual") not in row
        # The stand-in forgets with the page; the real one would not.
        page.evaluate("acm.notices.begin(document.querySelector('[data-test=begin]') ? 'AAAA' : '')")
        page.evaluate(
            "acm.notices.state().then((detail) => document.querySelector('[data-test=ear]')"
            ".dispatchEvent(new CustomEvent('known', { detail })))"
        )
        page.wait_for_selector(f"[data-test=state] >> text={WORDS('notices.is_on')}")
        page.click("[data-test=try]")
        service.wait_for(phone, 1)
        assert phone.told[0] == {
            "title": "Corner Shop", "body": WORDS("notices.tried"), "page": "/notices", "kind": "test",
        }  # fmt: skip
        delivered(window, phone.told[0])
        assert page.evaluate(SHOWN) == [["Corner Shop", WORDS("notices.tried"), "test", "/notices"]]
        page.click("[data-test=end]")
        page.wait_for_selector(f"text={WORDS('notices.no_devices')}")
        page.wait_for_selector(f"[data-test=state] >> text={WORDS('notices.is_off')}")
        assert window.complaints == []


RMS = """async () => {
  const rate = 8000, made = new Float32Array(3 * rate);
  for (let at = rate; at < 2 * rate; at++) made[at] = 0.02 * Math.sin(at / 5);
  const kept = acm.sound.trimmed(made, rate), loud = acm.sound.levelled(kept, rate);
  const file = new DataView(await acm.sound.wav(loud, rate).arrayBuffer());
  return { kept: kept.length / rate, before: acm.sound.level(made, rate, 2 * rate),
           after: acm.sound.level(loud, 0, loud.length), ends: [loud[0], loud[loud.length - 1]],
           most: Math.max(...loud.map(Math.abs)), bytes: file.byteLength, rate: file.getUint32(24, true),
           silent: acm.sound.trimmed(new Float32Array(rate).fill(0.001), rate).length };
}"""


def test_a_greeting_is_recorded_heard_and_kept(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner) as window:
        page = window.page
        answer = page.goto("/manage/sounds")
        assert answer is not None
        assert "microphone=(self)" in answer.headers["permissions-policy"]
        window.settled()
        found = page.evaluate(RMS)
        assert found["kept"] == pytest.approx(1.16, abs=0.02), "a second and its edges"
        assert found["before"] < 0.02
        assert 0.08 < found["after"] <= 0.101
        assert found["ends"] == [0, 0]
        assert found["most"] <= 0.9
        assert (found["bytes"], found["rate"], found["silent"]) == (44 + 2 * round(found["kept"] * 8000), 8000, 0)
        page.click("[data-test=record-start]")
        page.wait_for_function("document.querySelector('[data-recorder]').dataset.state === 'on'")
        page.wait_for_function(
            "getComputedStyle(document.querySelector('.loudness > div')).getPropertyValue('--level') > 0.2"
        )
        page.click("[data-test=record-stop]")
        page.wait_for_function("document.querySelector('[data-recorder]').dataset.state === 'done'")
        assert re.match(r"\d+\.\d s are recorded", str(page.text_content("[data-test=recorder]")))
        assert window.faults() == []
        page.click("[data-test=record-listen]")
        page.fill("#greeting-name", "Our welcome")
        with page.expect_navigation():
            page.click("[data-test=record-save]")
        page.wait_for_selector("[data-test=sound] >> text=Our-welcome.wav")
        answer = page.goto("/")
        assert answer is not None
        assert "microphone=()" in answer.headers["permissions-policy"]
        assert window.complaints == []
    _is_a_greeting(shop.daemon.state / "sounds" / "Our-welcome.wav")


def _is_a_greeting(path: Path) -> None:
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        assert 0.05 < sound.getnframes() / sound.getframerate() < 15
        assert max(sound.readframes(sound.getnframes())) > 0


def test_a_link_is_set_and_its_password_seen_by_nobody(
    shop: PanelProcess, browser: Browser, owner: dict[str, object]
) -> None:
    with Window(browser, shop, storage_state=owner, viewport=PHONE) as window:
        page = window.page
        window.open("/manage/integrations")
        page.wait_for_selector(f"[data-test=mqtt] [data-test=standing] >> text={WORDS('linked.off')}")
        assert window.faults() == []
        page.fill("[data-test=mqtt-host]", "127.0.0.1")
        page.fill("[data-test=mqtt-user]", "ada")
        page.fill("[data-test=mqtt-password]", "lovelace and more")
        page.click("[data-test=mqtt] [data-test=propose]")
        page.wait_for_selector("[data-test=differences] >> text=mqtt.password")
        assert "lovelace" not in page.content()
        with page.expect_navigation():
            page.click("[data-test=save]")
        page.wait_for_selector(f"text={WORDS('linked.secret_set')}")
        assert "lovelace" not in page.content()
        assert page.input_value("[data-test=mqtt-password]") == ""
        assert page.input_value("[data-test=mqtt-host]") == "127.0.0.1"
        page.click("[data-test=upstream] [data-test=try]")
        page.wait_for_selector("text=Sending is switched off")
        window.open("/manage/changes")
        assert "lovelace" not in page.content()
        assert window.complaints == []
    assert "lovelace and more" in (shop.daemon.state / "overrides.toml").read_text(encoding="utf-8")


def test_a_copy_of_the_records_is_put_back(
    shop: PanelProcess, browser: Browser, owner: dict[str, object], tmp_path: Path
) -> None:
    backup(shop.daemon.records, tmp_path / "mine.db")
    with Window(browser, shop, storage_state=owner, viewport=PHONE) as window:
        page = window.page
        window.open("/manage/backup")
        assert window.faults() == []
        page.wait_for_selector(f"text={WORDS('put_back.no_nightly')}")
        with page.expect_file_chooser() as choosing:
            page.click("[data-test=upload-records]")
        with page.expect_navigation():
            choosing.value.set_files(tmp_path / "mine.db")
        page.wait_for_selector("[data-test=offered]")
        assert "would be lost" in str(page.text_content("[data-test=lost]"))
        assert window.faults() == []
        page.click("[data-test=put-back]")
        page.click("[data-test=sure]")
        page.wait_for_selector(f"text={WORDS('put_back.anew')}")
    assert shop.daemon.process is not None
    assert shop.daemon.process.wait(20.0) == 1
    shop.daemon.start()
    assert shop.daemon.state.joinpath("records.db.before").exists()
    assert shop.daemon.ask("status")["records"]["state"] == "written"
