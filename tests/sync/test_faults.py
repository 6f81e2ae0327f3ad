"""Whatever the network does, the hub has in the end exactly what the device has: once, whole, of the latest version.

More seeds by hand: ``FAULT_SEEDS=200 pytest tests/sync/test_faults.py -k seed``.
"""

from __future__ import annotations

import os
import ssl
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest
from fault_proxy import HANGING, HARMLESS, Dice, Fault, FaultProxy, Request, Script
from hub_rig import claim
from hub_standin import Authority
from sync_kit import Life
from sync_rig import PATIENT, QUICK, settings

from edge.core.notices import ROWS_SET_ASIDE, SENDING_BACK, SENDING_FAILED, SENDING_REFUSED
from edge.core.timekeeping import to_ms
from edge.storage.hub.registry import Registry
from edge.storage.hub.store import HubStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hub_rig import HubThread
    from sync_rig import Sender

    Sending = Callable[..., Sender]

SEEDS = int(os.environ.get("FAULT_SEEDS", "8"))
# What a hub that does its work is not blamed for: no row may be set aside for it.
QUICK_FAULTS = [fault for fault in Fault if fault not in HANGING]


def assert_same(device: Sender, hub: HubThread) -> None:
    """Rows, versions, times, values and sums are the same, and nothing was given up."""
    assert device.differs(hub.database) == []
    assert not device.figures_differ(hub.database)
    assert device.sync.told(device.life.now_s)["set_aside"] == 0
    assert ROWS_SET_ASIDE.event not in {fact.event for fact in device.facts}


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
def test_each_fault_by_itself(fault: Fault, hub: HubThread, sender: Sending) -> None:
    plan = Script(Fault.NONE, fault, Fault.NONE, fault, fault)
    with FaultProxy(plan, hub.port, seed=1) as proxy:
        device = sender(proxy.url)
        device.limits = PATIENT if fault in HARMLESS else QUICK
        device.start()
        device.life.live(150)
        device.drain()
        device.life.live(150)
        device.drain()
        while not plan.over:
            device.life.live(70)
            device.drain()
        assert proxy.met[fault] == 3
        assert_same(device, hub)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_faults_for_any_seed(seed: int, hub: HubThread, sender: Sending) -> None:
    """Half of all requests meet something; the device is switched off, its clock jumps, the network goes away."""
    chance = Random(seed)
    plan = Dice(seed, 0.5, [*QUICK_FAULTS, *(HANGING if seed % 8 == 7 else ())])
    with FaultProxy(plan, hub.port, seed=seed) as proxy:
        device = sender(proxy.url, seed, clock_unset=seed % 3 == 0)
        for _ in range(8):
            device.life.live(chance.randint(1, 120))
            device.run_for(chance.choice([1, 60, 900]))
            doing = chance.random()
            if doing < 0.25:
                proxy.shut()
            elif doing < 0.5:
                proxy.open()
            elif doing < 0.75:
                device.life.power_cut(clock_unset=chance.random() < 0.3)
                device.start()
        proxy.open()
        device.life.hear_the_time()
        plan.trouble = 0.3
        device.drain()
        assert_same(device, hub)


def test_connection_refused_for_a_day(hub: HubThread, sender: Sending) -> None:
    with FaultProxy(Script(), hub.port) as proxy:
        device = sender(proxy.url)
        proxy.shut()
        device.life.live(400)
        steps = device.run_for(86_400)
        # From a second up to a quarter of an hour, each shortened by chance.
        assert 86_400 / 900 <= steps <= 600
        assert [fact.event for fact in device.facts] == [SENDING_FAILED.event]
        proxy.open()
        device.drain()
        assert proxy.met.total() == sum(proxy.met.values()) > 0
        assert [fact.event for fact in device.facts][-1] == SENDING_BACK.event
        assert_same(device, hub)


@pytest.mark.parametrize(("fault", "least_s"), [(Fault.TOO_MANY, 30), (Fault.AWAY, 7)])
def test_retry_after_is_kept(fault: Fault, least_s: float, hub: HubThread, sender: Sending) -> None:
    asked_s: list[float] = []
    script = Script(fault, fault)

    def plan(request: Request) -> Fault:
        asked_s.append(device.life.now_s)
        return script(request)

    with FaultProxy(plan, hub.port) as proxy:
        device = sender(proxy.url)
        device.life.live(50)
        device.drain()
        assert proxy.met[fault] == 2
        for before_s, after_s in pairwise(asked_s):
            assert least_s <= after_s - before_s <= least_s * 1.1 + 2.1
        assert_same(device, hub)


@pytest.mark.parametrize("wrong", ["unknown authority", "another machine's", "expired"])
def test_a_wrong_certificate_gets_nothing(wrong: str, hub: HubThread, sender: Sending, tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")
    long_ago = Life.begins.replace(year=2001)
    shown = {
        "unknown authority": lambda: theirs.certificate("hub"),
        "another machine's": lambda: ours.certificate("hub", "192.0.2.7"),
        "expired": lambda: ours.certificate("hub", ends=long_ago),
    }[wrong]()
    plan = Script()
    with FaultProxy(plan, hub.port, tls=_served(shown)) as wrong_one:
        device = sender(wrong_one.url)
        device.table = settings(wrong_one.url, ca_file=str(ours.file))
        device.start()
        device.life.live(50)
        device.run_for(1200)
        assert not wrong_one.met
        (fact,) = device.facts
        assert fact.event == SENDING_FAILED.event
        assert "shows a certificate that is not to be trusted" in fact.message
    with FaultProxy(plan, hub.port, tls=_served(ours.certificate("right"))) as right_one:
        device.table = settings(right_one.url, ca_file=str(ours.file))
        device.start()
        device.drain()
        assert_same(device, hub)


def _served(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_revoked_device_waits_for_another_code(hub: HubThread, sender: Sending) -> None:
    with FaultProxy(Script(), hub.port) as proxy:
        device = sender(proxy.url)
        device.life.live(100)
        device.drain()
        _registry(hub, lambda registry: registry.revoke(device.device, to_ms(device.life.true_time)))
        device.life.live(100)
        before = proxy.met.total()
        device.run_for(4 * 3600)
        assert proxy.met.total() - before <= 5, "once an hour"
        assert {fact.event for fact in device.facts} == {SENDING_REFUSED.event}
        device.enrol(claim(hub.database, "shop", device.life.true_time))
        device.drain()
        assert_same(device, hub)


def test_a_token_the_hub_does_not_know_is_exchanged(hub: HubThread, sender: Sending, tmp_path: Path) -> None:
    """The hub was put back to an older copy, or the card's file is damaged: the key gets another token."""
    with FaultProxy(Script(), hub.port) as proxy:
        device = sender(proxy.url)
        device.life.live(30)
        device.drain()
        for told in ("", '{"token": "not-a-token-of-any-hub-at-all", "since_ms": 0}'):
            for file in tmp_path.glob("*-keys/upstream.token"):
                file.write_text(told, encoding="utf-8")
            device.start()
            device.life.live(30)
            device.drain()
        assert_same(device, hub)


def _registry(hub: HubThread, do: Callable[[Registry], object]) -> None:
    store = HubStore.open(hub.database)
    try:
        do(Registry(store))
    finally:
        store.close()
