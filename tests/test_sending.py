"""The real program with a hub, without one, and with one that comes and goes: counting never notices."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from daemon_kit import SILENT, Daemon, door
from hub_rig import HubThread, claim
from ports import free_port
from sync_kit import device_rows, differing, hub_rows

from edge.cli import main
from edge.core.clock import SystemClock
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Told = pytest.CaptureFixture[str]

UPSTREAM = """
[upstream]
enabled = true
url = "{url}"
interval_s = 5.0
batch_rows = {rows}
"""


def settings(url: str, rows: int = 10) -> str:
    return SILENT + door(people=120.0) + UPSTREAM.format(url=url, rows=rows)


def where(daemon: Daemon) -> list[str]:
    return [
        "--config", str(daemon.settings), "--state", str(daemon.state), "--control", str(daemon.control),
    ]  # fmt: skip


def counted(status: dict[str, Any], least: int = 5) -> bool:
    return int(status["in"]) + int(status["out"]) >= least


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubThread]:
    with HubThread(f"sqlite:///{tmp_path / 'hub.db'}") as thread:
        yield thread


def test_without_a_hub_it_counts_as_ever_and_stops_in_time(tmp_path: Path, capsys: Told) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with Daemon(tmp_path, settings(url)) as daemon:
        assert daemon.start() < 15.0
        status = daemon.status_when(lambda told: counted(told) and told["upstream"]["state"] == "failing")
        assert status["upstream"]["waiting"] > 0
        assert f"The hub at {url} cannot be" in status["upstream"]["why"]
        assert status["cameras"][0]["latency_ms"]["p95"] < 200
        assert main(["status", "--control", str(daemon.control)]) == 0
        assert "not reached for" in capsys.readouterr().out
        assert main(["sync", "--now", "--control", str(daemon.control)]) == 0
        daemon.status_when(lambda told: counted(told, status["in"] + status["out"] + 2))
        assert daemon.stop() < 5.0
        with Outbox(daemon.records, "") as outbox:
            assert outbox.backlog(outbox.progress()).rows >= 7


def test_enrolled_by_a_code_it_sends_all_it_has_and_the_last_row_at_the_stop(
    tmp_path: Path, hub: HubThread, capsys: Told
) -> None:
    with Daemon(tmp_path, settings(hub.url)) as daemon:
        daemon.start()
        daemon.status_when(lambda told: counted(told) and told["upstream"]["state"] == "refused")
        code = claim(hub.database, "Paris", SystemClock().utc_now(), "door")
        assert main(["enrol", code, *where(daemon)]) == 0
        told = capsys.readouterr().out
        assert "of the site Paris.\nSending begins.\n" in told
        device = told.split(" as ")[1].split(",")[0]
        daemon.status_when(lambda told: told["upstream"]["state"] == "running" and told["upstream"]["rows"] >= 5)
        assert main(["sync", "--status", *where(daemon)]) == 0
        assert "the hub answered" in capsys.readouterr().out
        daemon.stop()
        for name in ("upstream.key", "upstream.token"):
            assert (daemon.state / name).stat().st_mode & 0o777 == 0o600
        ours = device_rows(daemon.records)
        with Outbox(daemon.records, "") as outbox:
            theirs = hub_rows(hub.database, device, outbox.epoch)
            assert outbox.backlog(outbox.progress()).rows == 0
        assert len(ours) >= 5
        assert differing(ours, theirs) == []
        assert "token" not in daemon.said


def test_a_code_in_the_secrets_is_enough_and_a_kill_costs_nothing(
    tmp_path: Path, hub: HubThread, capsys: Told
) -> None:
    code = claim(hub.database, "Paris", SystemClock().utc_now())
    (tmp_path / "secrets.toml").write_text(f'[upstream]\nclaim = "{code}"\n', encoding="utf-8")
    with Daemon(tmp_path, settings(hub.url)) as daemon:
        daemon.start()
        daemon.status_when(lambda told: told["upstream"]["rows"] > 0)
        assert code not in daemon.said
        daemon.kill()
        daemon.start()
        daemon.status_when(lambda told: counted(told, 8) and told["upstream"]["rows"] > 0)
        capsys.readouterr()
        assert main(["doctor", "--json", *where(daemon)]) in {0, 1}
        found = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
        assert "network" not in found
        assert f"The hub at {hub.url} can be had" in found["hub"]["what"]
        assert found["sending"]["level"] == "ok"
        daemon.stop()
        with Outbox(daemon.records, "") as outbox:
            epoch = outbox.epoch
        from edge.app.hub_way import keyring_in  # noqa: PLC0415 - it loads what only this test needs

        key = keyring_in(daemon.state).key()
        assert key is not None
        assert differing(device_rows(daemon.records), hub_rows(hub.database, key.device, epoch)) == []
