"""Batches over a real broker into the real hub's store: each row once, whoever of the three is killed in between."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from broker_kit import SOON_S, Listener, Mosquitto
from hub_rig import claim
from shipment_kit import crossings
from sync_kit import Life
from sync_rig import Sender, settings

from edge.app.broker import mqtt_upstream
from edge.config.load import config_of
from edge.core.clock import SystemClock
from edge.core.errors import DeviceRefusedError, HubFailedError, InputError, UpstreamError
from edge.core.shipment import MOST_PACKED_BYTES, Verdict
from edge.hub.mqtt import BrokerIntake, broker_of
from edge.hub.secrecy import code_hash, fresh_token, hashed
from edge.integrations.mqtt import Broker, Message
from edge.integrations.mqtt_batches import batch_message, batches_topic, device_of, receipts_topic
from edge.storage.hub.errors import HubAwayError
from edge.storage.hub.registry import Newcomer, Registry
from edge.storage.hub.store import HubStore
from edge.upstream.keyring import Keyring
from edge.upstream.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from edge.core.shipment import Receipt, Shipment
    from edge.integrations.mqtt_upstream import MqttUpstream
    from edge.upstream.keys import DeviceKey

CLOCK = SystemClock()
TOPIC = "shops/acm"


class TroubledStore(HubStore):
    """The hub's store, in which something happens around a batch now and then: ``before`` and ``after`` it is kept."""

    before: Sequence[Callable[[], object] | None] = ()
    after: Sequence[Callable[[], object] | None] = ()
    taken = 0

    def take(self, shipment: Shipment, now: datetime) -> Receipt:
        number, self.taken = self.taken, self.taken + 1
        _happen(self.before, number)
        receipt = super().take(shipment, now)
        _happen(self.after, number)
        return receipt


def _happen(moments: Sequence[Callable[[], object] | None], number: int) -> None:
    happens = moments[number] if number < len(moments) else None
    if happens is not None:
        happens()


@dataclass
class Hub:
    """A hub that listens at a broker, in as many threads as wanted."""

    folder: Path
    broker: Broker
    store: TroubledStore = field(init=False)
    intakes: list[BrokerIntake] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = f"sqlite:///{self.folder}/hub.db"
        self.store = TroubledStore.open(self.url)
        self.registry = Registry(self.store)

    def know(self, key: DeviceKey) -> None:
        """Let a device in."""
        now = datetime.now(timezone.utc)
        code = claim(self.url, "shop", now)
        now_ms = int(now.timestamp() * 1000)
        newcomer = Newcomer(key.device, key.public, "box", "0.1.0")
        self.registry.enrol(code_hash(code), newcomer, hashed(fresh_token()), now_ms)

    @contextmanager
    def listening(self, names: Sequence[str] = ("one",)) -> Iterator[None]:
        stop, threads = threading.Event(), []
        for name in names:
            intake = BrokerIntake(self.broker, TOPIC, self.store, self.registry, CLOCK, f"hub-{name}")
            self.intakes.append(intake)
            threads.append(threading.Thread(target=self._run, args=(intake, stop)))
            threads[-1].start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(SOON_S)
            assert not any(thread.is_alive() for thread in threads)

    def _run(self, intake: BrokerIntake, stop: threading.Event) -> None:
        intake.run(stop)
        self.store.close()


def made_key(folder: Path) -> Keyring:
    folder.mkdir(exist_ok=True)
    keyring = Keyring(folder, lambda path, data: path.write_bytes(data) and None)
    keyring.made_key()
    return keyring


def way(broker: Broker, keyring: Keyring, *, hurried: bool = True) -> MqttUpstream:
    table = {"host": broker.host, "port": broker.port, "topic": TOPIC}
    return mqtt_upstream(config_of({"mqtt": table}), keyring, CLOCK, hurried=hurried)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def hub(broker: Mosquitto, tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path, broker.address)
    yield hub
    hub.store.close()


def until(does: Callable[[], Receipt]) -> Receipt:
    """As soon as the hub listens; it does so on a thread of its own."""
    end_s = CLOCK.monotonic_s() + SOON_S
    while True:
        try:
            return does()
        except UpstreamError as error:  # noqa: PERF203 - it is about to come
            if "No hub listens" not in str(error) or CLOCK.monotonic_s() > end_s:
                raise


def of_device(key: DeviceKey, rows: int = 40, seed: int = 0, after_seq: int = 0) -> bytes:
    batch = crossings(rows, seed=seed, after_seq=after_seq)
    return encode(type(batch)(**{name: getattr(batch, name) for name in batch.__slots__} | {"device": key.device}))


@pytest.mark.parametrize("seed", [1, 2])
def test_every_row_is_in_the_hub_once_though_broker_and_hub_are_killed(
    seed: int, broker: Mosquitto, hub: Hub, tmp_path: Path
) -> None:
    life = Life(tmp_path / f"life-{seed}.db", seed=seed)
    sender = Sender(life, settings("https://not.used.example"))
    hub.know(sender.keyring.made_key())
    sender.upstream.close()
    sender.upstream = way(broker.address, sender.keyring)  # type: ignore[assignment] # the other Upstream

    def cut() -> None:
        """The broker loses its power; when it is back it knows nothing."""
        broker.kill()
        broker.start()

    def away() -> None:
        raise HubAwayError("the database is away")

    def crash() -> None:
        raise ZeroDivisionError

    hub.store.before = [None, cut, None, away, None, crash]
    hub.store.after = [cut, None, None, None, cut, None, crash, None]
    for round_number in range(3):
        life.live(200)
        with hub.listening(("one", "two") if round_number else ("one",)):
            sender.drain()
        # Nobody listens: what is sent now is sent again later.
        life.live(30)
        sender.run_for(60.0)
    with hub.listening():
        sender.drain()
    assert hub.store.taken > 8
    assert sender.differs(hub.url) == []
    assert not sender.figures_differ(hub.url)
    sender.upstream.close()


def test_it_is_told_what_became_of_a_batch(broker: Mosquitto, hub: Hub, tmp_path: Path) -> None:
    keyring = made_key(tmp_path / "keys")
    key = keyring.made_key()
    upstream = way(broker.address, keyring)
    with pytest.raises(UpstreamError, match="No hub listens at the broker"):
        upstream.send(of_device(key))
    with hub.listening():
        with pytest.raises(DeviceRefusedError, match="not known here"):
            until(lambda: upstream.send(of_device(key)))
        hub.know(key)
        first = upstream.send(of_device(key))
        assert (first.verdict, first.cursor > 40) == (Verdict.ACCEPTED, True)
        assert upstream.send(of_device(key)) == first
        gap = upstream.send(of_device(key, after_seq=first.cursor + 10))
        assert (gap.verdict, gap.cursor) == (Verdict.KEPT, first.cursor)
        assert upstream.send(b"no batch").verdict is Verdict.REJECTED
        assert upstream.send(bytes(MOST_PACKED_BYTES + 1)).verdict is Verdict.REJECTED

        hub.store.before = [None] * hub.store.taken + [_raising(HubAwayError("away")), _raising(ZeroDivisionError())]
        with pytest.raises(UpstreamError, match="cannot take anything now") as later:
            upstream.send(of_device(key, seed=1))
        assert later.value.retry_after_s == 5
        with pytest.raises(HubFailedError, match="The hub failed over this batch"):
            upstream.send(of_device(key, seed=1))

        hub.registry.revoke(key.device, 0)
        with pytest.raises(DeviceRefusedError, match="revoked"):
            upstream.send(of_device(key, seed=1))
    upstream.close()
    upstream.close()


def _raising(error: Exception) -> Callable[[], object]:
    def happens() -> object:
        raise error

    return happens


def test_nobody_sends_for_another_device(broker: Mosquitto, hub: Hub, tmp_path: Path) -> None:
    ours, theirs = made_key(tmp_path / "ours").made_key(), made_key(tmp_path / "theirs").made_key()
    hub.know(ours)
    hub.know(theirs)
    intake = BrokerIntake(broker.address, TOPIC, hub.store, hub.registry, CLOCK, "hub")
    body = of_device(ours)
    good = intake.answer(ours.device, body, ours.sign(batch_message(ours.device, body)))
    assert good.status == 200
    for device, sent, signature, told in (
        (ours.device, body, theirs.sign(batch_message(ours.device, body)), b"not signed by"),
        (ours.device, body + b"x", ours.sign(batch_message(ours.device, body)), b"not signed by"),
        (ours.device, body, "", b"not signed by"),
        (theirs.device, body, theirs.sign(batch_message(theirs.device, body)), b"of another device"),
    ):
        answer = intake.answer(device, sent, signature)
        assert (answer.status, told in answer.body) == (403, True), answer


def test_a_device_that_sends_without_end_has_to_wait(broker: Mosquitto, hub: Hub) -> None:
    hub.store.allowance = type(hub.store.allowance)(3)
    intake = BrokerIntake(broker.address, TOPIC, hub.store, hub.registry, CLOCK, "hub")
    answers = [intake.answer("a" * 16, b"", "") for _ in range(5)]
    assert [answer.status for answer in answers] == [403, 403, 403, 429, 429]
    assert 0 < (answers[-1].retry_after_s or 0) <= 20
    assert intake.answer("b" * 16, b"", "").status == 403


def test_a_stranger_at_the_broker_gives_no_receipts(broker: Mosquitto, tmp_path: Path) -> None:
    keyring = made_key(tmp_path / "keys")
    device = keyring.made_key().device
    upstream = way(broker.address, keyring)
    upstream._whole_s = 1.0  # noqa: SLF001 - nobody will answer
    with Listener(broker.address, batches_topic(TOPIC, "+")) as listener:
        # It is there before, has another mark, or none.
        accepted = b'{"verdict":"accepted","cursor":99}'
        listener.link.publish(Message(receipts_topic(TOPIC, device), accepted, retain=True, mark=b"x" * 16))
        listener.link.publish(Message(receipts_topic(TOPIC, device), accepted))
        assert listener.link.settle(SOON_S)
        with pytest.raises(UpstreamError, match="No receipt has come within 1 s"):
            upstream.send(of_device(keyring.made_key()))
        # An answer of something that is no hub.
        answering = threading.Thread(target=_answer, args=(listener, device))
        answering.start()
        with pytest.raises(UpstreamError, match="answers as no hub does"):
            upstream.send(of_device(keyring.made_key()))
        answering.join()
    upstream.close()


def _answer(listener: Listener, device: str) -> None:
    batch = listener.hear(lambda heard: heard.mark not in {seen.mark for seen in listener.heard[:1]})
    listener.link.publish(Message(receipts_topic(TOPIC, device), b"yes", mark=batch.mark, words=(("status", "ok"),)))
    assert listener.link.settle(SOON_S)


def test_a_device_without_a_key_or_rights_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DeviceRefusedError, match="acm enrol CODE"):
        way(Broker("localhost", 1), Keyring(tmp_path, lambda *_: None))
    keyring = made_key(tmp_path / "keys")
    rights = f"topic read {TOPIC}/#\n"
    with Mosquitto(tmp_path / "broker", rights=rights) as broker:
        upstream = way(broker.address, keyring)
        with pytest.raises(UpstreamError, match=r"does not allow .*see the rights"):
            upstream.send(of_device(keyring.made_key()))
        broker.kill()
        for told in ("closed the connection", "cannot be reached"):
            with pytest.raises(UpstreamError, match=told):
                upstream.send(of_device(keyring.made_key()))
        upstream.close()


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "topic"),
    [
        ("mqtt://broker.example", "broker.example", 1883, False, "acm"),
        ("mqtts://hub@[::1]:99/shops/acm/", "::1", 99, True, "shops/acm"),
    ],
)
def test_a_broker_has_an_address(url: str, host: str, port: int, tls: bool, topic: str) -> None:  # noqa: FBT001
    broker, found = broker_of(url, "secret")
    assert (broker.host, broker.port, broker.tls, found) == (host, port, tls, topic)
    assert "secret" not in repr(broker)


@pytest.mark.parametrize("url", ["http://b", "mqtt://", "mqtt://b:0", "mqtt://b:x", "mqtt://u:open@b", "mqtt://b/a/#"])
def test_what_is_no_address_of_a_broker_is_told_so(url: str) -> None:
    with pytest.raises(InputError, match="address") as told:
        broker_of(url)
    assert "open" not in str(told.value)


def test_topics_name_devices() -> None:
    device = "abcdefghij234567"
    assert device_of(TOPIC, batches_topic(TOPIC, device)) == device
    for topic in ("", TOPIC, batches_topic("other", device), batches_topic(TOPIC, "short"), f"{TOPIC}/v1/{device}/x",
                  f"x/{batches_topic(TOPIC, device)}", receipts_topic(TOPIC, device)):  # fmt: skip
        assert device_of(TOPIC, topic) is None
