"""The panel under a real systemd: claimed from within its sandbox, reading what it may not write, and no danger."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from machine import HOME
from product import PLACES as COUNTER
from product import SOURCE, heard, now, set_up, shown
from product import UNIT as COUNTING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from machine import Machine

pytestmark = pytest.mark.rig

UNIT = "acm-panel.service"
PLACES = {
    UNIT: f"/usr/lib/systemd/system/{UNIT}",
    "sysusers.d/acm-panel.conf": "/usr/lib/sysusers.d/acm-panel.conf",
    "tmpfiles.d/acm-panel.conf": "/usr/lib/tmpfiles.d/acm-panel.conf",
}
PYTHON = f"{HOME}/venv/bin/python"
AS_PANEL = ("setpriv", "--reuid=acm-panel", "--regid=acm-panel", "--init-groups")
# Fills in the form of the claim link, and asks for the day's counts.
CLAIM = """
import http.cookiejar, json, re, sys, urllib.parse, urllib.request
web = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
link = re.sub("//[^/]+/", "//127.0.0.1:8080/", sys.argv[1])
key = re.search('name="csrf" value="([^"]+)"', web.open(link).read().decode())[1]
form = {"csrf": key, "name": "Ada", "password": "seven green umbrellas", "again": "seven green umbrellas",
        "site": "Corner Shop", "zone": "Europe/Paris", "mon": "09:00-18:30"}
web.open(link, urllib.parse.urlencode(form).encode()).read()
status = json.load(web.open("http://127.0.0.1:8080/api/v1/status"))
counts = json.load(web.open("http://127.0.0.1:8080/api/v1/counts"))
print(json.dumps([status["counter"] is not None, status["site"], list(counts)]))
"""
READ = (
    f"import sys; sys.path.insert(0, {SOURCE!r}); from pathlib import Path; from edge.storage.queries import Records; "
    "print(len(Records(Path('/var/lib/acm/records.db')).after(0, 5)))"
)


@pytest.fixture
def panel(machine: Machine) -> Iterator[Machine]:
    for name, place in PLACES.items():
        machine.run("install", "-D", "-m", "644", f"{SOURCE}/systemd/{name}", place)
    machine.run("systemd-sysusers")
    machine.run("systemd-tmpfiles", "--create", "acm.conf", "acm-panel.conf")
    machine.run("systemctl", "daemon-reload")
    set_up(machine, "acm")
    machine.run("systemctl", "start", COUNTING)
    machine.run("systemctl", "start", UNIT)
    yield machine
    machine.run("systemctl", "stop", UNIT, COUNTING)
    machine.run("rm", "-rf", "/var/lib/acm-panel", "/var/lib/acm/settings/overrides.toml")


def test_the_unit_is_lawful_and_has_few_privileges(panel: Machine) -> None:
    assert COUNTING in COUNTER
    told = panel.tried("systemd-analyze", "verify", UNIT)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    file = f"{SOURCE}/systemd/{UNIT}"
    rated = panel.run("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", file)
    level = re.search(r"Overall exposure level for acm-panel.service: ([\d.]+)", rated)
    assert level is not None
    assert float(level[1]) <= 2.0


def test_a_box_is_claimed_from_within_the_sandbox_and_its_settings_taken(panel: Machine) -> None:
    since_s = now(panel)
    heard(panel, since_s, "ACM_EVENT=crossing")
    said = panel.run("journalctl", "--unit", UNIT, "--output=cat", "--no-pager")
    link = re.findall(r"http\S+/claim/\S+", said)[-1]
    assert panel.run(PYTHON, "-c", CLAIM, link) == '[true, "Corner Shop", ["items", "next"]]\n'
    heard(panel, since_s, "ACM_EVENT=config-reloaded")
    stat = ("stat", "--dereference", "--format=%a %U %G", "/var/lib/acm/overrides.toml")
    assert panel.run(*stat).strip() == "640 acm-panel acm"
    assert "Europe/Paris" in panel.run("runuser", "-u", "acm", "--", f"{HOME}/venv/bin/acm", "config")
    pid = shown(panel, "MainPID", unit=UNIT)["MainPID"]
    status = dict(re.findall(r"^(\w+):[ \t]*(.*)$", panel.run("cat", f"/proc/{pid}/status"), re.MULTILINE))
    assert (status["CapEff"], status["NoNewPrivs"], status["Seccomp"]) == ("0" * 16, "1", "2")
    assert panel.run("stat", "--format=%a %U", "/var/lib/acm-panel/panel.db").strip() == "600 acm-panel"


def test_the_records_are_read_by_who_may_not_write_them_with_the_counter_and_without(panel: Machine) -> None:
    heard(panel, now(panel), "ACM_EVENT=crossing")
    assert int(panel.run(*AS_PANEL, PYTHON, "-c", READ)) > 0
    assert panel.tried(*AS_PANEL, "touch", "/var/lib/acm/mine").returncode != 0
    assert panel.tried(*AS_PANEL, "sh", "-c", "echo >> /var/lib/acm/records.db").returncode != 0
    panel.run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", COUNTING)
    panel.run("systemctl", "stop", COUNTING)
    assert int(panel.run(*AS_PANEL, PYTHON, "-c", READ)) > 0
    panel.run("systemctl", "start", COUNTING)
    panel.run("systemctl", "stop", COUNTING)
    assert panel.tried("test", "-e", "/var/lib/acm/records.db-shm").returncode != 0, "the stop was clean"
    assert int(panel.run(*AS_PANEL, PYTHON, "-c", READ)) > 0


def test_a_panel_that_is_killed_hurts_nobody_and_is_back(panel: Machine) -> None:
    before = shown(panel, "MainPID", "NRestarts")
    panel.run("systemctl", "kill", "--signal=KILL", UNIT)
    heard(panel, now(panel), "ACM_EVENT=crossing")
    assert shown(panel, "MainPID", "NRestarts") == before
    panel.run("systemctl", "restart", UNIT)
    assert "at http://" in shown(panel, "StatusText", unit=UNIT)["StatusText"]
    panel.run("systemctl", "stop", UNIT)
    assert shown(panel, "ActiveState", "Result", unit=UNIT) == {"ActiveState": "inactive", "Result": "success"}
