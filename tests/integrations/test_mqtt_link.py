"""The connection to a broker, against a real mosquitto."""

from __future__ import annotations

import dataclasses
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from broker_kit import HOST, PASSWORD, SOON_S, Listener, Mosquitto, retained

from edge.core.clock import SystemClock
from edge.integrations.mqtt import Broker, BrokerError, Habits, Message, MqttLink, shareable, unshared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLOCK = SystemClock()
QUICK = {"connect_s": 2.0, "answer_s": 2.0}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as broker:
        yield broker


def linked(address: Broker, *topics: str, name: str = "us", will: Message | None = None) -> MqttLink:
    link = MqttLink(address, Habits(name, topics, will, **QUICK), CLOCK)
    link.connect()
    return link


def test_what_is_published_is_heard_with_all_that_goes_beside_it(broker: Mosquitto) -> None:
    with Listener(broker.address, "a/#") as listener:
        link = linked(broker.address)
        link.publish(Message("a/b", b"\0\xff", mark=b"mark", words=(("kind", "batch"), ("status", "200"))))
        assert link.settle(SOON_S)
        heard = listener.hear(lambda _: True)
        link.close()
    assert (heard.topic, heard.payload, heard.mark, heard.retained) == ("a/b", b"\0\xff", b"mark", False)
    assert heard.words == {"kind": "batch", "status": "200"}


def test_tls_and_a_password(tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "broker", password=True, tls=True) as broker:
        link = linked(broker.address)
        # More than one record of TLS, and more than the socket takes at once.
        link.publish(Message("big", bytes(3_000_000), retain=True))
        assert link.settle(SOON_S)
        assert len(retained(broker.address, "big")["big"]) == 3_000_000
        link.close()

        plain = dataclasses.replace(broker.address, tls=False)
        distrusted = dataclasses.replace(broker.address, ca_file="")
        misnamed = dataclasses.replace(broker.address, ca_file=str(tmp_path / "none.pem"))
        stranger = dataclasses.replace(broker.address, password="wrong")  # noqa: S106 - it is wrong
        for address, told in (
            (plain, "closed the connection|does not answer"),
            (distrusted, "not to be trusted"),
            (misnamed, "cannot be used"),
            (stranger, "does not let us in .*see the user and the password"),
        ):
            with pytest.raises(BrokerError, match=told) as caught:
                linked(address)
            assert caught.value.refused is (address in (stranger, misnamed))
            assert PASSWORD not in str(caught.value)
            assert PASSWORD not in repr(address)


def test_a_broker_that_asks_for_a_certificate(tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "broker", tls=True, asks=True) as broker:
        with pytest.raises(BrokerError, match=r"closed the connection|TLS"):
            linked(broker.address)
        pair = {"client_certificate": f"{broker.folder}/server.pem", "client_key": f"{broker.folder}/server.key"}
        linked(dataclasses.replace(broker.address, **pair)).close()
        with pytest.raises(BrokerError, match=r"server.pem.*holds no certificate with a key that fits"):
            linked(dataclasses.replace(broker.address, client_certificate=pair["client_certificate"]))
        with pytest.raises(BrokerError, match=r"none.pem.*No such file"):
            linked(dataclasses.replace(broker.address, client_certificate="none.pem"))


def test_who_is_no_broker_is_told_so_in_time() -> None:
    with socket.create_server((HOST, 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(BrokerError, match="does not answer"):
            MqttLink(Broker(HOST, port), Habits("us", connect_s=0.3, answer_s=0.3), CLOCK).connect()
        with pytest.raises(BrokerError, match=r"cannot be connected to within|TLS|cannot be reached"):
            MqttLink(Broker(HOST, port, tls=True), Habits("us", connect_s=0.3, answer_s=0.3), CLOCK).connect()
    with pytest.raises(BrokerError, match="cannot be reached"):
        linked(Broker(HOST, port))
    with pytest.raises(BrokerError, match="not known by that name"):
        linked(Broker("no-such-machine.invalid", port))


def test_a_stop_ends_the_waiting_for_a_broker_that_says_nothing() -> None:
    with socket.create_server((HOST, 0)) as silent:
        link = MqttLink(Broker(HOST, silent.getsockname()[1]), Habits("us", answer_s=60.0), CLOCK)

        def stop() -> None:
            with silent.accept()[0]:
                link.leave()
                stopped.wait(SOON_S)

        stopped = threading.Event()
        stopping = threading.Thread(target=stop)
        stopping.start()
        began_s = CLOCK.monotonic_s()
        with pytest.raises(BrokerError, match="does not answer"):
            link.connect()
        stopped.set()
        stopping.join()
        assert CLOCK.monotonic_s() - began_s < SOON_S
        late = MqttLink(Broker(HOST, silent.getsockname()[1]), Habits("us"), CLOCK)
        late.leave()
        with pytest.raises(BrokerError, match="not asked any more"):
            late.connect()


def test_a_broker_that_dies_is_noticed_and_another_link_goes_on(broker: Mosquitto) -> None:
    link = linked(broker.address, "a")
    broker.kill()
    with pytest.raises(BrokerError, match="closed the connection"):
        _ = [link.work(SOON_S) for _ in range(3)]
    with pytest.raises(BrokerError):
        link.publish(Message("a"))
    link.close()
    link.close()
    broker.start()
    again = linked(broker.address, "a")
    again.publish(Message("b"))
    assert again.settle(SOON_S)
    again.close()


def test_what_the_broker_does_not_allow_is_told(tmp_path: Path) -> None:
    rights = "user shop\ntopic readwrite ours/#\n"
    with Mosquitto(tmp_path / "broker", password=True, rights=rights) as broker:
        link = linked(broker.address)
        link.publish(Message("ours/a"))
        link.publish(Message("theirs/a"))
        assert link.settle(SOON_S)
        assert [topic for topic, _ in link.refusals] == ["theirs/a"]
        link.close()


def test_a_broker_that_cannot_share_gives_all_to_everybody(broker: Mosquitto) -> None:
    assert unshared(shareable("a/+/b", "hubs")) == unshared("a/+/b") == "a/+/b"
    links = [MqttLink(broker.address, Habits(f"us-{n}", (shareable("a/+", "hubs"),), **QUICK), CLOCK) for n in range(2)]
    for link in links:
        link.connect()
        assert link.shares
    # As the broker that cannot: what was said on signing in.
    lonely = MqttLink(broker.address, Habits("lonely", (shareable("a/+", "hubs"),), **QUICK), CLOCK)
    lonely._sign_in()  # noqa: SLF001 - between the two steps of connect
    lonely._work_until(lambda: lonely._signed_in, CLOCK.monotonic_s() + SOON_S)  # noqa: SLF001 - as above
    lonely.shares = False
    lonely._listen(CLOCK.monotonic_s() + SOON_S)  # noqa: SLF001 - as above
    for number in range(4):
        lonely.publish(Message(f"a/{number}"))
    assert lonely.settle(SOON_S)
    heard: list[str] = []
    while len(heard) < 4:
        heard += [one.topic for one in lonely.work(SOON_S)]
    shared = [len(_all(link)) for link in links]
    assert (len(heard), sum(shared)) == (4, 4)
    for link in (*links, lonely):
        link.close()


def _all(link: MqttLink) -> list[str]:
    """What has come, once the broker has gone round."""
    link.publish(Message("b"))
    assert link.settle(SOON_S)
    return [heard.topic for heard in link.work(0.0)]


def test_the_waiting_ends_when_somebody_wakes_it(broker: Mosquitto) -> None:
    link = linked(broker.address)
    began_s = CLOCK.monotonic_s()
    waker = threading.Thread(target=link.wake)
    waker.start()
    assert link.work(SOON_S) == []
    waker.join()
    link.leave()
    assert link.work(SOON_S) == []
    assert CLOCK.monotonic_s() - began_s < SOON_S / 2
    link.close()


def test_the_will_is_published_when_we_are_gone_without_a_word_only(broker: Mosquitto) -> None:
    with Listener(broker.address, "status/#") as listener:
        polite = linked(broker.address, name="polite", will=Message("status/polite", b"offline", retain=True))
        polite.close()
        rude = linked(broker.address, name="rude", will=Message("status/rude", b"offline", retain=True))
        # Another one by its name is taken for the same, come back.
        second = linked(broker.address, name="rude")
        assert listener.payload("status/rude") == b"offline"
        assert listener.latest("status/polite") is None
        second.close()
        rude.close()
