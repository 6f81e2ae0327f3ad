"""The thread that takes batches from a broker, beside the web server."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from edge.hub.mqtt import BrokerIntake, broker_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.hub.desk import Desk

# A batch under way is taken to its end.
STOP_S = 4.0


@contextmanager
def listening(desk: Desk) -> Iterator[None]:
    """Take batches from the broker in the settings, if one is named. ``InputError`` if its address is none."""
    settings = desk.settings.broker
    if not settings.url:
        yield
        return
    broker, topic = broker_of(settings.url, settings.password.get_secret_value(), settings.ca_file)
    name = f"acm-hub-{secrets.token_hex(4)}"
    intake = BrokerIntake(broker, topic, desk.store, desk.registry, desk.clock, name)
    stop = Event()

    def take() -> None:
        try:
            intake.run(stop)
        finally:
            desk.store.close()

    # Its name is not that of the desk's threads: it ends by itself, and the process does not wait for it.
    thread = Thread(target=take, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_S)
