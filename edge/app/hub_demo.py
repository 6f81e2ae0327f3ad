"""``acm hub demo``: a hub and two simulated shops that send to it, on this machine."""

from __future__ import annotations

import json
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

from edge.app.child import HOST, Child, answers_at, free_port, hub_at
from edge.app.demo_panel import READY, GuestPanel
from edge.config.hub import PORT
from edge.core.clock import SystemClock
from edge.core.errors import AcmError
from edge.core.timekeeping import to_ms
from edge.host.whole_file import write_private
from edge.hub.secrecy import code_hash, fresh_code, fresh_token, hashed
from edge.services.signals import Signals
from edge.storage.hub.registry import Registry
from edge.storage.hub.store import HubStore

if TYPE_CHECKING:
    from typing import TextIO

# Two shops whose clocks show different hours.
SHOPS = (("Paris", "Europe/Paris"), ("Istanbul", "Europe/Istanbul"))
TELL_S, LOOK_S, ASK_S = 5.0, 0.25, 5.0
NO_LIMIT = 10_000
SHOP = """
[site]
name = "{name}"
time_zone = "{zone}"
clock_trusted = true
[sound]
device = "sim"
[gpio]
driver = "sim"
[[camera]]
name = "door"
source = "sim"
[camera.sim]
people_per_minute = 30.0
seed = {seed}
[[camera.line]]
name = "entrance"
from = [0.5, 0.0]
to = [0.5, 1.0]
in = "left-to-right"
[upstream]
enabled = true
url = "http://{host}:{port}"
interval_s = 5
"""


@dataclass(frozen=True, slots=True)
class HubDemoAsk:
    """What ``acm hub demo`` was asked for. ``token_file``: where the reader's token is written, while it runs."""

    token_file: Path | None = None


def hub_demo(ask: HubDemoAsk, out: TextIO) -> int:
    """Show counts of two shops as the hub's API tells them, and their pages, until interrupted."""
    with Signals() as signals, ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="acm-shops-")))
        port, token = free_port(PORT), fresh_token()
        database = f"sqlite:///{folder / 'hub.db'}"
        codes = _known(database, token)
        children = [stack.enter_context(hub_at(database, port, folder, NO_LIMIT))]
        answers_at(port, children[0])
        panel = stack.enter_context(GuestPanel("hub", "panel", "--database", database, "--own", folder / "panel"))
        for seed, (name, zone) in enumerate(SHOPS):
            children.append(stack.enter_context(_shop(folder, port, name, zone, codes[name], seed)))
        if ask.token_file is not None:
            write_private(ask.token_file.absolute(), token.encode())
            stack.callback(ask.token_file.unlink, missing_ok=True)
        out.write(_welcome(port, token, ask.token_file))
        out.flush()
        link = panel.link(lambda: signals.stop is not None)
        out.write(f"{READY}{link}\n" if link else "")
        out.flush()
        _tell_counts(children, signals, port, token, out)
    return 0


def _known(database: str, token: str) -> dict[str, str]:
    """Have the hub know the shops and a reader; a claim code for each shop."""
    store, now_ms = HubStore.open(database), to_ms(SystemClock().utc_now())
    codes = {name: fresh_code() for name, _ in SHOPS}
    try:
        registry = Registry(store)
        for name, zone in SHOPS:
            registry.add_site(name, zone, 0, now_ms)
            registry.claim(name, "door", code_hash(codes[name]), now_ms)
        registry.add_reader("demo", hashed(token), now_ms)
    finally:
        store.close()
    return codes


def _shop(folder: Path, port: int, name: str, zone: str, code: str, seed: int) -> Child:  # noqa: PLR0913, PLR0917 - a shop
    """A box as it hangs in a shop, but for its camera, sound and relays."""
    place = folder / name
    place.mkdir()
    settings = place / "acm.toml"
    settings.write_text(SHOP.format(name=name, zone=zone, seed=seed, host=HOST, port=port), encoding="utf-8")
    write_private(place / "secrets.toml", f'[upstream]\nclaim = "{code}"\n'.encode())
    words = ["run", "--config", str(settings), "--state", str(place / "state"), "--control", str(place / "c.sock")]
    return Child(words, place / "said.txt")


def _welcome(port: int, token: str, token_file: Path | None) -> str:
    secret = token if token_file is None else f"$(cat {token_file})"
    return (
        f"A hub at http://{HOST}:{port} and two simulated shops that send to it - Ctrl-C ends them.\n"
        "Ask it yourself:\n"
        f'  curl -H "Authorization: Bearer {secret}" "http://{HOST}:{port}/v1/counts?per=site"\n'
        f"What else it can be asked: http://{HOST}:{port}/docs\n"
    )


def _tell_counts(children: list[Child], signals: Signals, port: int, token: str, out: TextIO) -> None:
    clock, pause = SystemClock(), Flag()
    due_s, before = clock.monotonic_s() + TELL_S, ""
    while signals.stop is None:
        for child in children:
            child.check()
        pause.wait(LOOK_S)
        if clock.monotonic_s() < due_s:
            continue
        due_s += TELL_S
        told = _counts(port, token)
        if told != before:
            before = told
            out.write(f"{told}\n")
            out.flush()


def _counts(port: int, token: str) -> str:
    """What the hub's API says, in a line."""
    request = urllib.request.Request(
        f"http://{HOST}:{port}/v1/counts?per=site", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=ASK_S) as answer:  # noqa: S310 - of this machine
            counts: list[dict[str, Any]] = json.load(answer)["counts"]
    except OSError as error:
        raise AcmError(f"The hub of the demonstration does not answer: {error}") from None
    # By shops: one's day begins hours before another's, and days come first in the answer.
    ordered = sorted(counts, key=lambda count: str(count["site"]))
    shops = [f"{count['site']} in {count['ins']} out {count['outs']}" for count in ordered]
    return "   ".join(shops) or "Nobody has come yet."
