"""Browsers that are told: of what they asked for, in their language, once; by a push service that behaves as real ones.

Whether trouble lasts, a day is unusual or a night's visitor is one, is judged with time as an argument.
"""

from __future__ import annotations

import asyncio
import stat
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from panel.box import NOON, SETTINGS, Box, box
from push_kit import push_service
from storage_kit import Box as Recorder
from storage_kit import visit

from edge.analytics.schedule import Calendar
from edge.config.load import config_from
from edge.core.errors import AcmError, InputError
from edge.integrations.web_push import Answer, public_key
from edge.panel.actions import NotAllowedError
from edge.panel.actions_told import BeingTold
from edge.panel.auth.rights import Right, Role
from edge.panel.auth.visitor import Visitor
from edge.panel.telling.judging import APART_S, LASTED_S, Seldom, Trouble, after_hours
from edge.panel.telling.kinds import Kind, News
from edge.panel.telling.noticing import Noticing
from edge.panel.telling.posts import FIRST_WAIT_S, LONGEST_WAIT_S, MOST, Post, Posts
from edge.panel.telling.pushing import MOST_OF_ONE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from push_kit import Phone, PushService

    from edge.integrations.web_push import Subscriber

SHOP = SETTINGS + (
    '[[camera.line]]\nname = "entrance"\nfrom = [0.5, 0.0]\nto = [0.5, 1.0]\nin = "left-to-right"\n'
    "[schedule]\n"
) + "".join(f'{day} = ["09:00-18:30"]\n' for day in ("mon", "tue", "wed", "thu", "fri", "sat"))
BERLIN_NIGHT = datetime(2026, 11, 25, 23, tzinfo=timezone.utc)


# Pure.


def test_trouble_is_told_once_it_has_lasted_and_so_is_its_end() -> None:
    trouble = Trouble()
    looks = [(0.0, True), (LASTED_S - 1, True), (LASTED_S, True), (LASTED_S + 30, True), (400.0, False), (600.0, False)]
    assert [trouble.look(at_s, bad=bad) for at_s, bad in looks] == [None, None, True, None, None, False]
    assert [trouble.look(at_s, bad=True) for at_s in (700.0, 900.0)] == [None, None], "not twice within half an hour"
    assert trouble.look(LASTED_S + APART_S, bad=True) is True


def test_trouble_that_passes_is_not_told() -> None:
    trouble = Trouble()
    assert [trouble.look(20.0 * n, bad=n % 3 > 0) for n in range(60)] == [None] * 60


def test_what_is_seldom_is_seldom() -> None:
    seldom = Seldom(60.0)
    assert [at_s for at_s in range(0, 200, 20) if seldom.may(float(at_s))] == [0, 60, 120, 180]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-25T08:30", False), ("2026-11-25T07:30", True), ("2026-11-25T12:00", False),
        ("2026-11-25T18:45", False), ("2026-11-25T19:15", True), ("2026-11-29T12:00", True), ("2026-11-25T03:00", True),
    ],
)  # fmt: skip
def test_who_opens_and_closes_the_shop_is_no_visitor_of_the_night(at: str, said: bool) -> None:  # noqa: FBT001 - a table
    config = config_from(SHOP, "acm.toml")
    opening = Calendar(config.schedule, config.site.time_zone)
    moment = datetime.fromisoformat(at).replace(tzinfo=opening.local(BERLIN_NIGHT).tzinfo)
    assert after_hours(opening, moment.astimezone(timezone.utc)) is said
    assert not after_hours(None, moment.astimezone(timezone.utc)), "nobody said when it is open"


def post(endpoint: str, kind: str = "health", ends_s: float = 1e9) -> Post:
    return Post(endpoint, kind, b"{}", ends_s)


def test_a_service_that_has_enough_is_left_in_peace_and_the_newest_of_a_kind_counts() -> None:
    posts = Posts()
    posts.add(post("a", ends_s=5000.0))
    posts.add(post("a", ends_s=6000.0))
    posts.add(post("a", "unusual"))
    posts.add(post("b"))
    (first, second, other) = posts.due(0.0)
    assert first == post("a", ends_s=6000.0)
    posts.answered(first, None, 0.0)
    assert posts.due(FIRST_WAIT_S - 1) == [other], "nothing of another kind either"
    assert posts.due(FIRST_WAIT_S) == [first, second, other]
    posts.answered(first, Answer(500), FIRST_WAIT_S)
    posts.answered(other, Answer(429, 700.0), FIRST_WAIT_S)
    assert posts.due(3 * FIRST_WAIT_S) == [first, second]
    for _ in range(30):
        posts.answered(first, Answer(503), 1000.0)
    assert posts.due(1000.0 + LONGEST_WAIT_S) == [first, second, other]
    posts.answered(first, Answer(201), 4600.0)
    posts.answered(other, Answer(410), 4600.0)
    assert posts.due(4600.0) == [second]
    assert posts.due(2e9) == [], "it is not worth telling any more"
    posts.add(post("a"))
    posts.forget("a")
    assert len(posts) == 0
    for number in range(MOST + 5):
        posts.add(post(str(number)))
    assert len(posts) == MOST


# With a push service.


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    with push_service(tmp_path_factory.mktemp("push")) as service:
        yield service


@pytest.fixture
def shop(tmp_path: Path, service: PushService) -> Iterator[Box]:
    with box(tmp_path, SHOP, service.reach) as shop:
        shop.clock.set_utc(service.now)
        yield shop


def visitor(shop: Box, name: str, role: Role = Role.OWNER) -> Visitor:
    """A user and what they may do."""
    shop.user(name, role)
    user = shop.panel.store.users.named(name)
    return Visitor(name, role.rights, "here", user)


def asked(subscriber: Subscriber) -> dict[str, Any]:
    """What a browser says of itself."""
    return {"endpoint": subscriber.endpoint, "keys": {"p256dh": subscriber.p256dh, "auth": subscriber.auth}}


def begun(
    shop: Box, service: PushService, who: Visitor, phone: str, *wants: str, language: str = "en"
) -> tuple[Phone, str]:
    """Somebody's phone, which is told."""
    made, subscriber = service.phone(phone)
    words = shop.panel.languages.get(language)
    told = BeingTold(shop.panel)
    kinds = wants or [kind.value for kind in Kind]
    asyncio.run(told.begin(who, asked(subscriber), kinds, words, f"Browser of {phone}"))
    return made, subscriber.endpoint


def test_each_is_told_of_what_they_asked_for_in_their_language(shop: Box, service: PushService) -> None:
    ada, bob = visitor(shop, "Ada"), visitor(shop, "Bob", Role.VIEWER)
    phone, _ = begun(shop, service, ada, "ada")
    desk, _ = begun(shop, service, ada, "desk", "unusual")
    german, _ = begun(shop, service, bob, "bob", "health", language="de")
    pushing = shop.panel.pushing
    assert pushing.tell(News(Kind.HEALTH, lambda words: words("notices.well_again"), "/", urgent=True)) == 2
    pushing.step()
    pushing.step()
    title = {"title": "Corner Shop", "page": "/", "kind": "health"}
    assert phone.told == [{**title, "body": "All is well again: the box counts."}]
    assert german.told == [{**title, "body": "Alles ist wieder in Ordnung: Das Gerät zählt."}]
    assert desk.told == []
    key = shop.files.base.parent / "push.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert phone.signed_by == public_key(key.read_bytes()) == pushing.public_key
    assert (phone.headers["Urgency"], phone.headers["TTL"]) == ("high", "3600")


def test_who_is_gone_is_forgotten_and_who_cannot_be_reached_is_tried_again(shop: Box, service: PushService) -> None:
    ada, pushing = visitor(shop, "Ada"), shop.panel.pushing
    phone, _ = begun(shop, service, ada, "here")
    begun(shop, service, ada, "lost")
    del service.phones["lost"]
    news = News(Kind.UNUSUAL, lambda _: "quiet", lasts_s=7200.0)
    service.plan = [(503, {"Retry-After": "300"})]
    before = service.knocks
    assert pushing.tell(news) == 2
    pushing.step()
    assert [push.device for push in pushing.of(1)] == ["Browser of here"]
    shop.clock.advance(299.0)
    pushing.step()
    assert (phone.told, service.knocks - before) == ([], 2), "it said when to come again"
    shop.clock.advance(1.0)
    pushing.step()
    assert len(phone.told) == 1
    assert phone.headers["TTL"] == "6900"


def test_a_user_who_was_removed_is_told_nothing_more(shop: Box, service: PushService) -> None:
    visitor(shop, "Ada")
    bob = visitor(shop, "Bob", Role.VIEWER)
    phone, _ = begun(shop, service, bob, "bob")
    shop.panel.pushing.tell(News(Kind.HEALTH, lambda _: "x"))
    assert bob.user is not None
    shop.panel.store.users.remove(bob.user.id)
    shop.panel.pushing.step()
    assert (phone.told, shop.panel.store.pushes.all()) == ([], [])


def test_trying_says_what_is_wrong(shop: Box, service: PushService) -> None:
    ada, told, words = visitor(shop, "Ada"), BeingTold(shop.panel), shop.panel.languages.get("en")
    phone, endpoint = begun(shop, service, ada, "try")
    asyncio.run(told.try_it(ada, endpoint, words))
    assert phone.told[0]["body"] == "This is how you will be told."
    service.plan = [(507, {})]
    with pytest.raises(AcmError, match="answer 507"):
        asyncio.run(told.try_it(ada, endpoint, words))
    del service.phones["try"]
    with pytest.raises(AcmError, match="does not know this browser any more"):
        asyncio.run(told.try_it(ada, endpoint, words))
    with pytest.raises(InputError, match="not told of anything"):
        asyncio.run(told.try_it(ada, endpoint, words))


def test_nobody_ends_what_is_anothers_and_programs_are_not_told(shop: Box, service: PushService) -> None:
    ada, eve, told = visitor(shop, "Ada"), visitor(shop, "Eve", Role.VIEWER), BeingTold(shop.panel)
    _, endpoint = begun(shop, service, ada, "mine")
    words = shop.panel.languages.get("en")
    with pytest.raises(InputError, match="not told of anything"):
        asyncio.run(told.end(eve, endpoint))
    program = Visitor("till", frozenset(Right), "here")
    _, subscriber = service.phone("program")
    with pytest.raises(NotAllowedError):
        asyncio.run(told.begin(program, asked(subscriber), ["health"], words, ""))
    for bad in ({}, {"endpoint": 1, "keys": {}}, {**asked(subscriber), "keys": None}, {"keys": {"p256dh": "x"}}):
        with pytest.raises(InputError):
            asyncio.run(told.begin(ada, bad, ["health"], words, ""))
    for wants in ([], ["weather"], [{"a": 1}]):
        with pytest.raises(InputError):
            asyncio.run(told.begin(ada, asked(subscriber), wants, words, ""))
    asyncio.run(told.end(ada, endpoint))
    assert shop.panel.store.pushes.all() == []
    assert [change.what for change in shop.panel.store.audit.latest(2)] == ["notices-off", "notices-on"]


def test_one_person_has_only_so_many_browsers(shop: Box, service: PushService) -> None:
    ada = visitor(shop, "Ada")
    for number in range(MOST_OF_ONE + 3):
        shop.clock.advance(1)
        begun(shop, service, ada, f"phone {number}".replace(" ", "-"))
    told = [push.device for push in shop.panel.pushing.of(1)]
    assert told == [f"Browser of phone-{number}" for number in range(3, MOST_OF_ONE + 3)]


def test_without_being_allowed_to_a_service_in_the_house_is_not_spoken_to(
    tmp_path: Path, service: PushService
) -> None:
    with box(tmp_path, SHOP) as shop, pytest.raises(InputError, match="no address of a push service"):
        begun(shop, service, visitor(shop, "Ada"), "evil")


# What there is to tell.


def test_a_box_that_does_not_answer_is_told_of_and_an_arrival_by_night(shop: Box, service: PushService) -> None:
    phone, _ = begun(shop, service, visitor(shop, "Ada"), "ada")
    noticing = Noticing(shop.panel)

    async def night() -> None:
        await noticing.step()
        shop.clock.advance(LASTED_S)
        await noticing.step()
        shop.clock.set_utc(BERLIN_NIGHT)
        for camera, line, way in (("door", "entrance", "out"), ("door", "shelf", "in"), ("yard", "entrance", "in")):
            noticing.happened({"event": "line-crossed", "camera": camera, "line": line, "direction": way})
        noticing.happened({"event": "status"})
        for _ in range(3):
            noticing.happened({"event": "line-crossed", "camera": "door", "line": "entrance", "direction": "in"})
        shop.clock.set_utc(service.now)
        await noticing.step()

    asyncio.run(night())
    assert [(told["kind"], told["page"]) for told in phone.told] == [("health", "/"), ("after-hours", "/live")]
    assert "does not answer" in phone.told[0]["body"]
    assert phone.told[1]["body"] == "Somebody came in at entrance at 00:00, while the shop is closed."


def weeks(folder: Path, today: int) -> None:
    """Forty people on each Wednesday morning of nine weeks, and so many on this one."""
    recorder = Recorder(folder / "records.db", clock=NOON - timedelta(days=70))
    store = recorder.start()
    recorder.wait(70 * 86_400.0)
    recorder.look()
    for back in range(9, -1, -1):
        start_s = recorder.uptime_s - back * 7 * 86_400.0 - 4 * 3600.0
        rows = [row for n in range(today if back == 0 else 40) for row in visit(start_s + 300.0 * n, 200.0)]
        store.append(sorted(rows, key=lambda row: row.uptime_s))
    recorder.stop()


def test_an_unusually_quiet_day_is_told_of_once(tmp_path: Path, service: PushService) -> None:
    weeks(tmp_path, 4)
    service.now = NOON + timedelta(hours=1)
    with box(tmp_path, SHOP, service.reach) as shop:
        phone, _ = begun(shop, service, visitor(shop, "Ada"), "ada", "unusual")
        shop.panel.daemon.gone, shop.panel.daemon.status = "", {"state": "starting"}
        shop.clock.set_utc(NOON + timedelta(minutes=2))

        async def hours() -> None:
            noticing = Noticing(shop.panel)
            await noticing.step()
            assert len(shop.panel.pushing._posts) == 0, "the hour's last people may not be on record yet"  # noqa: SLF001 - nothing was sent
            for _ in range(3):
                shop.clock.advance(3660.0)
                await noticing.step()
                # As after a start of the panel.
                noticing = Noticing(shop.panel)

        asyncio.run(hours())
    said = [told["body"] for told in phone.told]
    assert said == ["Unusually quiet: 4 came in so far, 40 were expected by now."]
