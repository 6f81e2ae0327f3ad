"""The hub's panel under a real systemd: claimed from within its sandbox, it only reads, and ingest does without it."""

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

HUB, UNIT = "acm-hub.service", "acm-hub-panel.service"
PLACES = {
    HUB: f"/usr/lib/systemd/system/{HUB}",
    UNIT: f"/usr/lib/systemd/system/{UNIT}",
    "sysusers.d/acm-hub.conf": "/usr/lib/sysusers.d/acm-hub.conf",
    "sysusers.d/acm-hub-panel.conf": "/usr/lib/sysusers.d/acm-hub-panel.conf",
}
PYTHON, ACM = f"{HOME}/venv/bin/python", f"{HOME}/venv/bin/acm"
AS_PANEL = ("setpriv", "--reuid=acm-hub-panel", "--regid=acm-hub-panel", "--init-groups")
AS_HUB = ("setpriv", "--reuid=acm-hub", "--regid=acm-hub", "--clear-groups")
HEALTH = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8440/health').read().decode(), end='')"
# Fills in the form of the claim link, and asks for the sites.
CLAIM = """
import http.cookiejar, json, re, sys, urllib.parse, urllib.request
web = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
key = re.search('name="csrf" value="([^"]+)"', web.open(sys.argv[1]).read().decode())[1]
form = {"csrf": key, "name": "Ada", "password": "seven green umbrellas", "again": "seven green umbrellas"}
web.open(sys.argv[1], urllib.parse.urlencode(form).encode()).read()
print(json.dumps([site["name"] for site in json.load(web.open("http://127.0.0.1:8441/api/v1/sites"))]))
"""
LOOK = (
    f"import sys; sys.path.insert(0, {SOURCE!r}); from edge.storage.hub.reader import HubReader; "
    "print([site.name for site in HubReader('sqlite:////var/lib/acm-hub/hub.db').sites()])"
)


@pytest.fixture
def panel(machine: Machine) -> Iterator[Machine]:
    for name, place in PLACES.items():
        machine.run("install", "-D", "-m", "644", f"{SOURCE}/systemd/{name}", place)
    machine.write(ACM, PROGRAMS["acm"], 0o755)
    machine.run("systemd-sysusers")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", HUB)
    machine.tried(*AS_HUB, ACM, "hub", "site", "add", "shop", "--zone", "Europe/Paris")
    machine.run("systemctl", "start", UNIT)
    yield machine
    machine.run("systemctl", "stop", UNIT, HUB)
    machine.run("rm", "-rf", "/var/lib/acm-hub-panel")


def test_the_unit_is_lawful_and_has_few_privileges(panel: Machine) -> None:
    told = panel.tried("systemd-analyze", "verify", UNIT)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    file = f"{SOURCE}/systemd/{UNIT}"
    rated = panel.run("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", file)
    level = re.search(r"Overall exposure level for acm-hub-panel.service: ([\d.]+)", rated)
    assert level is not None
    assert float(level[1]) <= 2.0


def test_it_is_claimed_from_within_the_sandbox_and_may_only_read(panel: Machine) -> None:
    said = panel.run("journalctl", "--unit", UNIT, "--output=cat", "--no-pager")
    link = re.findall(r"http\S+/claim/\S+", said)[-1]
    assert '"shop"' in panel.run(PYTHON, "-c", CLAIM, link)
    pid = shown(panel, "MainPID", unit=UNIT)["MainPID"]
    status = dict(re.findall(r"^(\w+):[ \t]*(.*)$", panel.run("cat", f"/proc/{pid}/status"), re.MULTILINE))
    assert (status["CapEff"], status["NoNewPrivs"], status["Seccomp"]) == ("0" * 16, "1", "2")
    assert panel.run("stat", "--format=%a %U", "/var/lib/acm-hub-panel/panel.db").strip() == "600 acm-hub-panel"
    assert panel.tried(*AS_PANEL, "touch", "/var/lib/acm-hub/mine").returncode != 0
    assert panel.tried(*AS_PANEL, "sh", "-c", "echo >> /var/lib/acm-hub/hub.db").returncode != 0
    # With the hub, and after its stop, when the log is gone.
    assert panel.run(*AS_PANEL, PYTHON, "-c", LOOK) == "['shop']\n"
    panel.run("systemctl", "stop", HUB)
    assert panel.run(*AS_PANEL, PYTHON, "-c", LOOK) == "['shop']\n"


def test_ingest_goes_on_when_it_is_killed_and_it_is_back(panel: Machine) -> None:
    before = shown(panel, "MainPID", "NRestarts", unit=HUB)
    panel.run("systemctl", "kill", "--signal=KILL", UNIT)
    assert panel.run(PYTHON, "-c", HEALTH) == "ok\n"
    assert shown(panel, "MainPID", "NRestarts", unit=HUB) == before
    panel.run("systemctl", "restart", UNIT)
    assert "at http://" in shown(panel, "StatusText", unit=UNIT)["StatusText"]
