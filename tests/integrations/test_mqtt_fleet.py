"""The whole way: ``acm run`` sends over a real broker to ``acm hub``; each of the three is killed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from broker_kit import Mosquitto
from daemon_kit import SILENT, Daemon, door
from hub_rig import HubProcess, claim
from sync_kit import device_rows, differing, hub_rows

from edge.app.broker import broker_checks
from edge.config.load import config_of
from edge.core.clock import SystemClock
from edge.storage.about import EPOCH, fact
from edge.storage.database import connect_reader
from edge.upstream.keyring import Keyring

if TYPE_CHECKING:
    from pathlib import Path

CLOCK = SystemClock()
WITHIN_S = 30.0
SETTINGS = """
[upstream]
enabled = true
url = "{url}"
claim = "{claim}"
transport = "mqtt"
interval_s = 5.0
batch_rows = 2
[mqtt]
host = "{host}"
port = {port}
"""


def test_rows_come_over_the_broker_once_whoever_is_killed(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/hub.db"
    with Mosquitto(tmp_path / "broker") as broker:
        listens = f'[broker]\nurl = "mqtt://{broker.address.host}:{broker.port}/acm"'
        with HubProcess(tmp_path, database, listens) as hub:
            told = SETTINGS.format(
                url=hub.url, claim=claim(database, "shop", CLOCK.utc_now()), host=broker.address.host, port=broker.port
            )
            with Daemon(tmp_path, told + SILENT + door(speed=4.0, people=120.0)) as daemon:
                daemon.start()
                daemon.status_when(lambda told: told["upstream"]["rows"] >= 2, WITHIN_S)
                broker.kill()
                broker.start()
                hub.kill()
                daemon.status_when(lambda told: told["upstream"]["state"] == "failing", WITHIN_S)
                hub.start()
                daemon.kill()
                daemon.start()
                sent = daemon.status_when(lambda told: told["upstream"]["rows"] >= 2, WITHIN_S)
                daemon.stop()
                device = Keyring(daemon.state, lambda *_: None).made_key().device
                assert _differing(daemon.records, database, device, sent) == []
                assert "Traceback" not in daemon.said + hub.said


def _differing(records: Path, database: str, device: str, sent: dict[str, object]) -> list[str]:
    """What the hub has is what the device has; what is missing is what was written as the device stopped."""
    connection = connect_reader(records)
    try:
        epoch = str(fact(connection, EPOCH))
    finally:
        connection.close()
    ours, theirs = device_rows(records), hub_rows(database, device, epoch)
    assert len(theirs) > 4, sent
    return differing({seq: row for seq, row in ours.items() if seq <= max(theirs)}, theirs)


def test_the_doctor_looks_at_the_broker(tmp_path: Path) -> None:
    assert broker_checks(config_of({})) == []
    with Mosquitto(tmp_path / "broker", password=True) as broker:
        table = {"enabled": True, "host": broker.address.host, "port": broker.port}
        (stranger,) = broker_checks(config_of({"mqtt": table}))
        assert "does not let us in" in stranger.look().what
        known = {**table, "user": broker.address.user, "password": broker.address.password}
        (check,) = broker_checks(config_of({"mqtt": known}))
        assert "lets this box in" in check.look().what
