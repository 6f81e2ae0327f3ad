"""Who gets in, by which way, and what an attacker gets: everything as it is served, without the pages."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from panel.box import HOME, PASSWORD, Box, Browser, box, form_key, sign_in

from edge.config.change import Edit
from edge.panel.auth.rights import Role
from edge.panel.auth.secrets import digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket&client_id=x"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Box]:
    with box(tmp_path) as shop:
        yield shop


def claimed(shop: Box, browser: Browser, **more: str) -> str:
    """Claim the box; the link's code."""
    code = shop.panel.doorman.claim_code()
    key = form_key(browser.get(f"/claim/{code}"))
    form = {"csrf": key, "name": "Ada", "password": PASSWORD, "again": PASSWORD, "site": "Corner Shop",
            "zone": "Europe/Berlin", **more}  # fmt: skip
    answer = browser.post(f"/claim/{code}", data=form)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/"), answer.text
    return code


def test_a_claim_makes_the_owner_once_and_sets_the_shop(shop: Box) -> None:
    browser = shop.browser()
    code = claimed(shop, browser, site="Café Zoë", mon="09:00-12:30, 14:00-18:30", sun="")
    (owner,) = shop.panel.store.users.all()
    assert (owner.name, owner.role) == ("Ada", "owner")
    assert PASSWORD not in owner.password
    config = shop.panel.settings.config
    assert config.site.name == "Café Zoë"
    assert config.schedule.mon == ("09:00-12:30", "14:00-18:30")
    assert browser.get("/api/v1/status").status_code == 200
    assert shop.browser().get(f"/claim/{code}").status_code == 404
    assert "bad" not in shop.files.overrides.read_text()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"again": "seven green umbrella"}, "are not the same"),
        ({"password": "short", "again": "short"}, "too short or too easy"),
        ({"password": "aaaaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaaaa"}, "too short or too easy"),
        ({"name": " "}, "Give your name"),
        ({"mon": "nine to five"}, "The settings were not saved"),
        ({"zone": "Mars/Base"}, "The settings were not saved"),
        ({"csrf": "guessed"}, "open for too long"),
    ],
)
def test_a_claim_that_cannot_be_is_told_and_can_be_tried_again(shop: Box, wrong: dict[str, str], said: str) -> None:
    browser = shop.browser()
    code = shop.panel.doorman.claim_code()
    form = {"csrf": form_key(browser.get(f"/claim/{code}")), "name": "Ada", "password": PASSWORD, "again": PASSWORD}
    answer = browser.post(f"/claim/{code}", data={**form, **wrong})
    assert answer.status_code == 400
    assert said in answer.text
    assert not shop.panel.store.claimed
    assert browser.post(f"/claim/{code}", data=form).status_code == 303


def test_a_stranger_gets_nothing_but_the_way_in(shop: Box) -> None:
    shop.user("Ada")
    browser = shop.browser()
    assert browser.get("/").headers["location"] == "/sign-in?to=/"
    assert browser.get("/manage/users").headers["location"] == "/sign-in?to=/manage/users"
    for path in ("/api/v1/status", "/api/v1/openapi.json", "/api/v1/events", "/_nicegui_ws/socket.io/?EIO=4"):
        assert browser.get(path).status_code == 401, path
    for path in ("/api/v1/chime", "/sign-out", "/_nicegui/client/1/upload/1", "/anything"):
        assert browser.post(path).status_code == 401, path
    for path in ("/display", "/display/now", "/_nicegui/client/1/upload/1"):
        assert browser.get(path).status_code in (303, 401), path
    for path in ("/static/panel.css", "/manifest.webmanifest", "/sw.js", "/offline", "/sign-in"):
        assert browser.get(path).status_code == 200, path


def test_the_websocket_is_refused_without_a_session_and_from_another_site(shop: Box) -> None:
    closed = "websocket.close"
    assert shop.browser().socket(SOCKET) == [{"type": closed, "code": 4401}]
    browser = shop.signed_in("Ada")
    assert browser.socket(SOCKET, origin="http://evil.example") == [{"type": closed, "code": 4403}]
    own = browser.socket(SOCKET, origin=HOME)
    assert own != [{"type": closed, "code": 4401}]
    assert own != [{"type": closed, "code": 4403}]
    strange = {"Origin": "http://evil.example"}
    assert browser.get("/_nicegui_ws/socket.io/?EIO=4", headers=strange).status_code == 403


def test_files_outside_of_static_are_not_served(shop: Box) -> None:
    outside = ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fapp.py", "/static//etc/passwd")
    for path in (*outside, "/static/%0a", "/%00"):
        answer = shop.browser().get(path)
        assert answer.status_code in (303, 404), path
        assert "import" not in answer.text


def test_signing_in_gives_a_new_session_and_ends_the_one_that_was_slipped_in(shop: Box) -> None:
    victim = shop.browser()
    shop.user("Eve", Role.VIEWER)
    shop.user("Ada")
    attacker = shop.browser()
    sign_in(attacker, "Eve")
    slipped = attacker.cookies["acm_session"]
    key = form_key(victim.get("/sign-in"))
    form = {"csrf": key, "name": "Ada", "password": PASSWORD}
    answer = victim.post("/sign-in", data=form, headers={"Cookie": f"acm_form={key}; acm_session={slipped}"})
    made = re.search(r"acm_session=([^;]+)", answer.headers["set-cookie"])
    assert made is not None
    assert made[1] != slipped
    assert attacker.get("/api/v1/status").status_code == 401, "whoever slipped it in must be out"
    unknown = {"Cookie": f"acm_form={key}; acm_session=made-up-by-an-attacker"}
    again = victim.post("/sign-in", data=form, headers=unknown).headers["set-cookie"]
    assert "made-up-by-an-attacker" not in again


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(shop: Box) -> None:
    shop.user("Ada")
    plain = sign_in(shop.browser(), "Ada").headers["set-cookie"]
    assert plain.startswith("acm_session=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in plain.split(";")}
    secure = Browser(shop.app, "https://box")
    made = sign_in(secure, "Ada").headers["set-cookie"]
    assert made.startswith("__Host-acm_session=")
    assert "Secure" in made
    stored = (shop.panel.store.file.path).read_bytes()
    assert plain.split("=")[1].split(";")[0].encode() not in stored


def test_five_wrong_passwords_make_one_wait_longer_and_longer(shop: Box) -> None:
    shop.user("Ada")
    browser = shop.browser()
    for _ in range(5):
        answer = sign_in(browser, "Ada", "wrong password")
        assert (answer.status_code, "Name or password is wrong." in answer.text) == (403, True)
    answer = sign_in(browser, "Ada")
    assert answer.status_code == 429
    assert "Too many wrong passwords. Try again in 30 s." in answer.text
    shop.clock.advance(31)
    assert sign_in(browser, "Ada", "wrong again").status_code == 403
    assert "in 1 min" in sign_in(browser, "Ada").text, "the wait has grown"
    shop.clock.advance(61)
    assert sign_in(browser, "ada").status_code == 303
    assert sign_in(shop.browser(), "Ada", "one wrong").status_code == 403, "all was forgotten with the right one"


def test_many_names_from_one_address_are_slowed_down_too(shop: Box) -> None:
    shop.user("Ada")
    browser = shop.browser()
    for number in range(5):
        assert sign_in(browser, f"guess {number}", "a wrong password").status_code == 403
    assert sign_in(browser, "guess 99", "a wrong password").status_code == 429
    assert sign_in(browser, "Ada").status_code == 429
    failed = [change.detail["name"] for change in shop.panel.store.audit.latest(9, what="sign-in-failed")]
    assert failed == [f"guess {number}" for number in range(4, -1, -1)]


def test_a_form_of_another_site_signs_nobody_in_or_out(shop: Box) -> None:
    shop.user("Ada")
    browser = shop.browser()
    key = form_key(browser.get("/sign-in"))
    form = {"csrf": key, "name": "Ada", "password": PASSWORD}
    assert browser.post("/sign-in", data=form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert browser.post("/sign-in", data=form, headers={"Origin": "null"}).status_code == 403
    assert browser.post("/sign-in", data={**form, "csrf": "x"}).status_code == 403
    assert browser.post("/sign-in", data=form, headers={"Origin": HOME}).status_code == 303
    assert browser.post("/sign-out", data={"csrf": "x"}).status_code == 403
    assert browser.get("/api/v1/status").status_code == 200
    assert browser.post("/sign-out", data={"csrf": shop.csrf(browser)}).status_code == 303
    assert browser.get("/api/v1/status").status_code == 401


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_our_own_pages_only(shop: Box, to: str) -> None:
    shop.user("Ada")
    assert sign_in(shop.browser(), "Ada", to=to).headers["location"] == "/"
    assert sign_in(shop.browser(), "Ada", to="/live?x=1").headers["location"] == "/live?x=1"


def test_names_of_users_and_shops_are_only_text(tmp_path: Path) -> None:
    wicked = "<script>alert(1)</script>"
    with box(tmp_path, f'[site]\nname = "{wicked}"\n') as shop:
        page = sign_in(shop.browser(), f'"><img src=x onerror=alert(1)>{wicked}', "a wrong password").text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page
        policy = shop.browser().get("/sign-in").headers["content-security-policy"]
        assert "script-src" not in policy
        assert "default-src 'self'" in policy


def test_every_answer_tells_browsers_to_be_careful(shop: Box) -> None:
    browser = shop.signed_in("Ada")
    for path in ("/sign-in", "/api/v1/status", "/static/panel.css", "/display", "/nowhere"):
        headers = browser.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert browser.get("/api/v1/status").headers["cache-control"] == "no-store"
    nonces = {re.findall(r"nonce-([^']+)", browser.get("/nowhere").headers["content-security-policy"])[0] for _ in "ab"}
    assert len(nonces) == 2


def test_a_session_ends_by_itself_and_lasts_while_it_is_used(shop: Box) -> None:
    browser = shop.signed_in("Ada")
    shop.clock.advance(29 * 86400)
    assert browser.get("/api/v1/status").status_code == 200
    shop.clock.advance(29 * 86400)
    assert browser.get("/api/v1/status").status_code == 200
    shop.clock.advance(31 * 86400)
    assert browser.get("/api/v1/status").status_code == 401


def test_a_session_is_revoked_at_once(shop: Box) -> None:
    browser = shop.signed_in("Ada")
    other = shop.browser()
    sign_in(other, "Ada")
    user = shop.panel.store.users.named("Ada")
    assert user is not None
    shop.panel.store.sessions.end_all(user.id, but=digest(other.cookies["acm_session"]))
    assert browser.get("/api/v1/status").status_code == 401
    assert other.get("/api/v1/status").status_code == 200


def test_a_flood_from_one_address_is_cut_off_and_let_in_again(shop: Box) -> None:
    browser = shop.browser()
    codes = [browser.get("/static/panel.js").status_code for _ in range(360)]
    assert codes[:300] == [200] * 300
    assert codes[-1] == 429
    assert int(browser.get("/static/panel.js").headers["retry-after"]) >= 1
    shop.clock.advance(2)
    assert browser.get("/static/panel.js").status_code == 200


def test_more_than_a_call_may_bring_is_refused(shop: Box) -> None:
    browser = shop.signed_in("Ada")
    csrf = {"X-CSRF-Token": shop.csrf(browser)}
    assert browser.post("/api/v1/chime", content=b"x" * 300_000, headers=csrf).status_code == 413
    assert browser.post("/api/v1/chime", headers={**csrf, "Content-Length": "-1"}).status_code == 413


def test_what_a_proxy_says_is_believed_from_a_proxy_only(shop: Box) -> None:
    seen: list[dict[bytes, bytes]] = []

    async def app(scope: dict, _: object, send: object) -> None:  # type: ignore[type-arg]
        seen.append(dict(scope["headers"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body"})  # type: ignore[operator]

    from edge.panel.gate import Gate  # noqa: PLC0415 - another application behind the gate, here only

    for proxied in (False, True):
        gate = Gate(app, shop.panel.doorman, shop.clock, proxied=proxied)  # type: ignore[arg-type]
        Browser(gate).get("/sign-in", headers={"X-Forwarded-Prefix": "/evil"})
    assert [b"x-forwarded-prefix" in headers for headers in seen] == [False, True]


def test_a_wall_opens_by_its_token_and_shows_nothing_else(shop: Box) -> None:
    token = shop.token("display").headers["Authorization"].removeprefix("Bearer ")
    wall = shop.browser()
    assert wall.get(f"/display/key/{token}").headers["location"] == "/display"
    assert "One moment, please" in wall.get("/display").text
    assert wall.get("/").headers["location"] == "/sign-in?to=/"
    assert wall.get("/api/v1/status").status_code == 401
    assert shop.browser().get("/display/key/acm_wrong").status_code == 403
    reader = shop.token("chime").headers["Authorization"].removeprefix("Bearer ")
    assert shop.browser().get(f"/display/key/{reader}").status_code == 403


def test_a_change_of_settings_is_written_noted_and_undone(shop: Box) -> None:
    browser = shop.signed_in("Ada")
    visitor = shop.panel.doorman.visitor(browser.cookies["acm_session"], "here")
    assert visitor is not None
    actions = shop.panel.actions
    asyncio.run(actions.change(visitor, [Edit(("sound", "volume"), 0.3)]))
    assert shop.panel.settings.config.sound.volume == 0.3
    (change,) = shop.panel.store.audit.latest(9, what="settings")
    assert change.detail["changed"] == [["sound.volume", 0.8, 0.3]]
    asyncio.run(actions.revert(visitor, change.id))
    assert shop.panel.settings.config.sound.volume == 0.8
    assert len(shop.panel.store.audit.latest(9, what="settings")) == 2


def test_a_guest_is_let_in_by_the_link_of_a_demonstration_only(shop: Box) -> None:
    assert shop.browser().get("/enter/").status_code in (404, 307)
    assert shop.browser().get("/enter/anything").status_code == 404
    code = shop.panel.doorman.guest_code()
    assert shop.browser().get(f"/enter/{code}x").status_code == 404
    guests = [shop.browser(), shop.browser()]
    for guest in guests:
        assert guest.get(f"/enter/{code}").headers["location"] == "/"
        assert guest.get("/api/v1/status").status_code == 200
    assert [user.name for user in shop.panel.store.users.all()] == ["Guest"]
