"""The hub under a real systemd: it starts, answers, keeps to its sandbox, is back after a crash, stops in time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from machine import HOME
from product import PROGRAMS, SOURCE, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from machine import Machine

pytestmark = pytest.mark.rig

UNIT = "acm-hub.service"
PLACES = {
    UNIT: f"/usr/lib/systemd/system/{UNIT}",
    "sysusers.d/acm-hub.conf": "/usr/lib/sysusers.d/acm-hub.conf",
}
ACM = f"{HOME}/venv/bin/acm"
ASK = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8440/health').read().decode(), end='')"


@pytest.fixture
def hub(machine: Machine) -> Iterator[Machine]:
    for name, place in PLACES.items():
        machine.run("install", "-D", "-m", "644", f"{SOURCE}/systemd/{name}", place)
    machine.write(ACM, PROGRAMS["acm"], 0o755)
    machine.run("systemd-sysusers")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", UNIT)
    yield machine
    machine.run("systemctl", "stop", UNIT)


def test_the_unit_is_lawful_and_has_few_privileges(hub: Machine) -> None:
    told = hub.tried("systemd-analyze", "verify", UNIT)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    file = f"{SOURCE}/systemd/{UNIT}"
    rated = hub.run("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", file)
    level = re.search(r"Overall exposure level for acm-hub.service: ([\d.]+)", rated)
    assert level is not None
    assert float(level[1]) <= 2.0


def test_it_answers_from_within_its_sandbox(hub: Machine) -> None:
    assert hub.run(f"{HOME}/venv/bin/python", "-c", ASK) == "ok\n"
    as_hub = ("setpriv", "--reuid=acm-hub", "--regid=acm-hub", "--clear-groups", ACM, "hub")
    hub.run(*as_hub, "site", "add", "corner", "--zone", "Europe/Paris")
    assert re.fullmatch(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}\n", hub.run(*as_hub, "device", "claim", "corner"))
    assert "listening" in shown(hub, "StatusText", unit=UNIT)["StatusText"]
    pid = shown(hub, "MainPID", unit=UNIT)["MainPID"]
    status = dict(re.findall(r"^(\w+):[ \t]*(.*)$", hub.run("cat", f"/proc/{pid}/status"), re.MULTILINE))
    assert (status["CapEff"], status["NoNewPrivs"], status["Seccomp"]) == ("0" * 16, "1", "2")
    assert hub.run("stat", "--format=%a %U %G", "/var/lib/acm-hub").strip() == "750 acm-hub acm-hub"


def test_killed_it_is_back_and_stops_in_time(hub: Machine) -> None:
    hub.run("systemctl", "kill", "--signal=KILL", UNIT)
    back = f'[ "$(systemctl show {UNIT} --property NRestarts --value)" = 1 ] && systemctl --quiet is-active {UNIT}'
    waited = hub.tried("timeout", "40", "sh", "-c", f"until {back}; do sleep 0.2; done")
    assert waited.returncode == 0, hub.run("journalctl", "--unit", UNIT, "--no-pager")
    hub.run("systemctl", "stop", UNIT, limit_s=10)
    assert shown(hub, "Result", unit=UNIT) == {"Result": "success"}
