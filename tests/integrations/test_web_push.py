"""One message to one browser: only it can read it, the service knows who sent it, and nobody else is ever spoken to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hub_standin import HubStandIn, drip, hang, raw, reset, server_context, standing_in
from push_kit import plain64, push_service

from edge.core.clock import ManualClock, SystemClock
from edge.core.errors import InputError
from edge.integrations import web_push
from edge.integrations.web_push import PushError, Reach, Subscriber, fresh_key, public_key, refuse_unfit, send

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from push_kit import PushService

P256DH = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
AUTH = "tBHItJI5svbpez7KI4CCXg"
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    with push_service(tmp_path_factory.mktemp("push")) as service:
        yield service


@pytest.fixture(scope="module")
def key() -> bytes:
    return fresh_key()


def test_a_message_comes_signed_and_only_for_that_browser(service: PushService, key: bytes) -> None:
    phone, subscriber = service.phone("ada")
    told = b'{"title": "Corner Shop"}'
    answer = send(subscriber, told, key, clock=CLOCK, ttl_s=120, urgent=True, reach=service.reach)
    assert (answer.status, answer.taken, answer.gone) == (201, True, False)
    assert phone.told == [{"title": "Corner Shop"}]
    assert phone.signed_by == public_key(key)
    assert (phone.headers["TTL"], phone.headers["Urgency"]) == ("120", "high")
    other, _ = service.phone("eve")
    with pytest.raises(Exception, match="Decryption error"):
        other.read(web_push._encrypted(subscriber, b"{}"))  # noqa: SLF001 - as it goes over the wire


def test_who_is_gone_is_told_from_who_has_enough(service: PushService, key: bytes) -> None:
    phone, subscriber = service.phone("bob")
    del service.phones["bob"]
    assert send(subscriber, b"{}", key, clock=CLOCK, reach=service.reach).gone
    service.phones["bob"] = phone
    service.plan = [(429, {"Retry-After": "120"}), (503, {"Retry-After": "999999999"}), (500, {"Retry-After": "soon"})]
    found = [send(subscriber, b"{}", key, clock=CLOCK, reach=service.reach) for _ in range(3)]
    assert [(one.status, one.wait_s, one.taken) for one in found] == [
        (429, 120.0, False), (503, 86_400.0, False), (500, None, False),
    ]  # fmt: skip
    assert phone.told == []


def test_a_signature_that_is_no_longer_good_is_refused(service: PushService, key: bytes) -> None:
    _, subscriber = service.phone("late")
    yesterday = ManualClock(0.0, service.now - timedelta(days=1))
    assert send(subscriber, b"{}", key, clock=yesterday, reach=service.reach).status == 403


@pytest.mark.parametrize(
    "endpoint",
    ["http://push.example.org/x", "https://127.0.0.1/x", "https://[::1]/x", "https://10.1.1.1/x", "https://8.8.8.8/x",
     "https://localhost/x", "https://box.local/x", "https://router.lan/x", "https://push.example.org:8443/x",
     "https://ada@push.example.org/x", "https://[::ffff:10.0.0.1]/x", "https://2130706433/x", "file:///etc/passwd",
     "https://push.example.org/x y", "https://push.example.org/\r\nX: y", "https://push.example.org/#x", "https://",
     "https://push.example.org:99999/", "", "https://push.example.org/" + "x" * 800],
)  # fmt: skip
def test_what_is_no_push_service_of_the_internet_is_refused_at_once(endpoint: str) -> None:
    with pytest.raises(InputError, match="no address of a push service"):
        refuse_unfit(Subscriber(endpoint, P256DH, AUTH), Reach())


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1", "::1",
     "fe80::1%2", "fc00::1", "::ffff:192.168.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "240.0.0.1"],
)  # fmt: skip
def test_addresses_of_a_house_are_none_of_the_internet(address: str) -> None:
    assert not web_push._is_public(address)  # noqa: SLF001 - every kind of address cannot be given a name here
    assert web_push._is_public("142.250.1.95")  # noqa: SLF001 - as above
    assert web_push._is_public("2a00:1450:4001::5f")  # noqa: SLF001 - as above


def test_a_name_that_leads_into_the_house_is_not_followed(key: bytes) -> None:
    """The system's own resolver reads such numbers as addresses, as it would answer for a name that was set up so."""
    subscriber = Subscriber("https://127.1.0x0.1/push", P256DH, AUTH)
    with pytest.raises(InputError, match="not at an address of the internet"):
        send(subscriber, b"{}", key, clock=CLOCK, reach=Reach())


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("", ""), ("x", "y"), (P256DH, ""), (P256DH[:-1] + "A", AUTH), (P256DH, plain64(b"short")), ("B" * 900, AUTH)],
)
def test_keys_that_are_none_are_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(InputError, match="keys are none"):
        refuse_unfit(Subscriber("https://push.example.org/x", p256dh, auth), Reach())


def test_whoever_is_not_vouched_for_gets_nothing(service: PushService, key: bytes) -> None:
    phone, subscriber = service.phone("eve")
    with pytest.raises(PushError, match="cannot be reached"):
        send(subscriber, b"{}", key, clock=CLOCK, reach=Reach(private=True))
    nobody = replace(subscriber, endpoint="https://127.0.0.1:9/x")
    with pytest.raises(PushError, match="cannot be reached"):
        send(nobody, b"{}", key, clock=CLOCK, reach=service.reach)
    with pytest.raises(InputError, match="at most"):
        send(subscriber, b"x" * 2001, key, clock=CLOCK, reach=service.reach)
    assert phone.told == []


class Hurried:
    """A clock by which every look takes fourteen seconds: nobody has to wait for who never comes to an end."""

    def __init__(self) -> None:
        self._now_s = 0.0

    def monotonic_s(self) -> float:
        self._now_s += 14.0
        return self._now_s

    utc_now = staticmethod(CLOCK.utc_now)


@pytest.mark.parametrize("trick", [drip, hang, reset, raw(b"SSH-2.0-x\r\n\r\n"), raw(b"HTTP/1.1 two\r\n\r\n")])
def test_a_service_that_behaves_badly_holds_nobody_up(service: PushService, key: bytes, trick: object) -> None:
    context: ssl.SSLContext = server_context(service.certificate)
    with standing_in(context) as bad:
        bad.plan = [trick]  # type: ignore[list-item]
        subscriber = Subscriber(_batches(bad), P256DH, AUTH)
        with pytest.raises(PushError, match="cannot be reached"):
            send(subscriber, b"{}", key, clock=Hurried(), reach=service.reach)
        bad.over.set()


def _batches(bad: HubStandIn) -> str:
    return f"{bad.url}/v1/batches"
