"""The product under a real systemd: started, watched, restarted, explained, and kept in its sandbox."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from machine import HOME, ROOT
from product import SOURCE, UNIT, entries, heard, now, seconds, set_up, shown

from edge.core import notices

if TYPE_CHECKING:
    from machine import Machine

pytestmark = pytest.mark.rig

# A restart that systemd was about to make (its own message id, in its catalog).
RESTART_SCHEDULED = "MESSAGE_ID=5eb03494b6584870a536b337290809b3"
STARTED = "ACM_EVENT=started"
UNIT_FILE = f"{SOURCE}/systemd/acm.service"


@pytest.fixture(params=["acm", "library"])
def counting(request: pytest.FixtureRequest, machine: Machine) -> float:
    """A counter that was just started and when."""
    set_up(machine, request.param)
    since_s = now(machine)
    machine.run("systemctl", "start", UNIT)
    return since_s


def test_the_service_starts_and_says_how_it_is(machine: Machine, counting: float) -> None:
    unit = shown(machine, "ActiveState", "SubState", "StatusText", "NRestarts", "Result", "WatchdogUSec")
    assert unit.pop("StatusText")
    assert unit == {
        "ActiveState": "active", "SubState": "running", "NRestarts": "0", "Result": "success", "WatchdogUSec": "12s",
    }  # fmt: skip
    heard(machine, counting, STARTED)
    assert re.search(r"\n +Status: \"\d+\.\d (fps|pictures/s), .+\"\n", machine.run("systemctl", "status", UNIT))


def test_a_crossing_can_be_searched_by_its_fields(machine: Machine, counting: float) -> None:
    crossings = entries(machine, counting, "ACM_EVENT=crossing")
    # The first may be counted before the sound card is open.
    entry = next(entry for entry in crossings if "ACM_LATENCY_MS" in entry)
    assert entry["ACM_CAMERA"] == "door"
    assert entry["ACM_LINE"] == "entrance"
    assert entry["ACM_DIRECTION"] in ("in", "out")
    assert 0 < float(entry["ACM_LATENCY_MS"]) < 2000
    assert entry["MESSAGE_ID"] == notices.CROSSING.id
    assert entry["PRIORITY"] == "6"
    assert entry["_SYSTEMD_UNIT"] == UNIT
    assert entry["_TRANSPORT"] == "journal"
    told = machine.run("journalctl", "ACM_EVENT=crossing", "ACM_LINE=entrance", "--output=json", "--lines=1")
    assert json.loads(told)["MESSAGE"].startswith("Somebody went ")


def test_the_catalog_explains_what_is_said(machine: Machine, counting: float) -> None:
    heard(machine, counting, "ACM_EVENT=crossing")
    told = machine.run("journalctl", "--catalog", "--unit", UNIT, "--lines=30", "--no-pager")
    plain = " ".join(told.replace("░░", "").split())
    assert "Defined-By: acm (started)" in told
    assert " ".join(notices.STARTED.cause.split()) in plain
    assert "A person crossed the line entrance of the camera door and was counted." in plain
    known = machine.run("journalctl", "--list-catalog")
    assert all(notice.id in known for notice in notices.TABLE)


def test_it_is_not_ready_before_its_first_picture_was_looked_at(machine: Machine) -> None:
    set_up(machine, "library", stall_after_s=0.0001)
    since_s = now(machine)
    machine.run("systemctl", "start", "--no-block", UNIT)
    heard(machine, since_s, "ACM_EVENT=starting")
    assert machine.tried("timeout", "2", "systemctl", "start", UNIT).returncode == 124
    assert shown(machine, "ActiveState", "SubState") == {"ActiveState": "activating", "SubState": "start"}


def test_it_is_not_ready_while_it_waits_for_its_camera(machine: Machine) -> None:
    listen = "import socket, threading; s = socket.create_server(('127.0.0.1', 5540)); threading.Event().wait()"
    machine.run("systemd-run", "--unit=silent-camera", "/usr/bin/python3", "-c", listen)
    set_up(machine, "acm", source="rtsp://127.0.0.1:5540/silent")
    since_s = now(machine)
    machine.run("systemctl", "start", "--no-block", UNIT)
    heard(machine, since_s, "ACM_EVENT=starting")
    assert machine.tried("timeout", "2", "systemctl", "start", UNIT).returncode == 124
    unit = shown(machine, "ActiveState", "StatusText")
    assert unit["ActiveState"] == "activating"
    assert unit["StatusText"].startswith("starting: 0.0 pictures/s")
    lost = heard(machine, since_s, STARTED, limit_s=30)
    assert lost["ACM_LOST"] == "1"
    machine.run("systemctl", "stop", "silent-camera")


def test_the_doctor_is_content(machine: Machine) -> None:
    set_up(machine, "acm")
    machine.run("systemctl", "start", UNIT)
    told = machine.tried(f"{HOME}/venv/bin/acm", "doctor", "--json")
    found = {check["name"]: check for check in json.loads(told.stdout)["checks"]}
    for name in ("settings", "permissions", "records", "database", "service", "control", "journal", "camera door"):
        assert found[name]["level"] == "ok", found[name]
    assert told.returncode == 0
    bundle = f"{HOME}/venv/bin/acm", "doctor", "--bundle", "/root/bundle.tar.gz"
    assert machine.tried(*bundle).returncode == 0
    journal = machine.run("tar", "-xOf", "/root/bundle.tar.gz", "acm-bundle/journal.txt")
    assert "Counting has started" in journal


def test_the_control_socket_is_for_the_group(machine: Machine, counting: float) -> None:
    heard(machine, counting, STARTED)
    assert machine.run("stat", "--format=%A %U %G", "/run/acm/control.sock") == "srw-rw---- acm acm\n"
    ask = (
        f"import sys; sys.path.insert(0, {SOURCE!r}); from edge.host.control_client import ControlClient; "
        "print(ControlClient().ask('status')['ok'])"
    )
    python = f"{HOME}/venv/bin/python"
    member = machine.run("setpriv", "--reuid=nobody", "--regid=nogroup", "--groups=acm", python, "-c", ask)
    assert member == "True\n"
    stranger = machine.tried("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", python, "-c", ask)
    assert "Only the group acm may use /run/acm/control.sock" in stranger.stderr


def test_a_reload_keeps_the_process(machine: Machine, counting: float) -> None:
    pid = shown(machine, "MainPID")
    machine.run("systemctl", "reload", UNIT)
    assert heard(machine, counting, "ACM_EVENT=config-reloaded")
    assert shown(machine, "MainPID", "ActiveState") == {**pid, "ActiveState": "active"}


def test_it_stops_in_time_and_says_so(machine: Machine, counting: float) -> None:
    machine.run("systemctl", "stop", UNIT, limit_s=15)
    assert shown(machine, "ActiveState", "Result") == {"ActiveState": "inactive", "Result": "success"}
    said = [entry.get("ACM_EVENT") for entry in entries(machine, counting, "SYSLOG_IDENTIFIER=acm", limit_s=0.5)]
    assert said[0] == "starting"
    assert "started" in said
    assert said[-2:] == ["stopping", "stopped"]


def test_killed_it_is_back_within_seven_seconds(machine: Machine, counting: float) -> None:
    heard(machine, counting, STARTED)
    since_s = now(machine)
    machine.run("systemctl", "kill", "--signal=KILL", UNIT)
    killed = heard(machine, since_s, "MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15")
    again = heard(machine, since_s, STARTED)
    # Two of them are the pause systemd makes.
    assert seconds(again) - seconds(killed) <= 7
    assert shown(machine, "NRestarts")["NRestarts"] == "1"


def test_settings_that_cannot_be_used_are_told_and_not_tried_for_ever(machine: Machine) -> None:
    set_up(machine, "acm")
    machine.write("/etc/acm/acm.toml", "[[camera]\n")
    since_s = now(machine)
    assert machine.tried("systemctl", "start", UNIT).returncode != 0
    entry = heard(machine, since_s, "SYSLOG_IDENTIFIER=acm")
    assert entry["MESSAGE"].startswith("acm: /etc/acm/acm.toml")
    unit = shown(machine, "ActiveState", "ExecMainStatus", "NRestarts")
    assert unit == {"ActiveState": "failed", "ExecMainStatus": "2", "NRestarts": "0"}


def test_the_units_are_lawful(machine: Machine) -> None:
    told = machine.tried("systemd-analyze", "verify", "acm.service")
    # It ends with 0 whatever it has to say.
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    machine.write("/run/systemd/system/acm.service.d/rig.conf", "[Service]\nWatchDog=1\n")
    machine.run("systemctl", "daemon-reload")
    assert "Unknown key" in machine.tried("systemd-analyze", "verify", "acm.service").stderr
    machine.run("rm", "-r", "/run/systemd/system/acm.service.d")


@pytest.mark.parametrize("drop_in", sorted(path.name for path in (ROOT / "systemd" / "drop-ins").iterdir()))
def test_the_drop_ins_are_lawful(machine: Machine, drop_in: str) -> None:
    place = "/run/systemd/system/acm.service.d"
    machine.run("install", "-D", "-m", "644", f"{SOURCE}/systemd/drop-ins/{drop_in}", f"{place}/{drop_in}")
    told = machine.tried("systemd-analyze", "verify", "acm.service").stderr.splitlines()
    machine.run("rm", "-r", place)
    machine.run("systemctl", "daemon-reload")
    version = int(machine.run("systemctl", "--version").split()[1])
    if drop_in == "backoff.conf" and version < 254:
        assert len(told) == 2
        assert all("Unknown key" in row for row in told)
    else:
        assert told == []


def test_the_unit_has_few_privileges(machine: Machine) -> None:
    told = machine.run("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", UNIT_FILE)
    level = re.search(r"Overall exposure level for acm.service: ([\d.]+)", told)
    assert level is not None
    assert float(level[1]) <= 2.0


def test_the_process_has_what_the_unit_says(machine: Machine, counting: float) -> None:
    heard(machine, counting, STARTED)
    pid = shown(machine, "MainPID")["MainPID"]
    status = dict(re.findall(r"^(\w+):[ \t]*(.*)$", machine.run("cat", f"/proc/{pid}/status"), re.MULTILINE))
    assert status["CapEff"] == status["CapBnd"] == "0" * 16
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    groups = machine.run("getent", "group", "video", "audio", "gpio").splitlines()
    assert {row.split(":")[2] for row in groups} <= set(status["Groups"].split())
    environment = machine.run("cat", f"/proc/{pid}/environ").split("\0")
    assert {"LG_WD=/run/acm", "RUNTIME_DIRECTORY=/run/acm", "STATE_DIRECTORY=/var/lib/acm"} <= set(environment)
    assert machine.run("readlink", f"/proc/{pid}/cwd") == "/run/acm\n"


def test_the_sandbox_lets_the_product_work_and_nothing_else(machine: Machine) -> None:
    machine.run("systemctl", "stop", UNIT)
    unit = (ROOT / "systemd" / "acm.service").read_text(encoding="utf-8")
    trial = f"ExecStart={HOME}/venv/bin/python {SOURCE}/tests/rig/sandbox.py"
    unit = re.sub(r"^ExecStart=.*$", trial, unit, flags=re.MULTILINE)
    unit = re.sub(r"^(Type=notify|WatchdogSec=.*|Restart=.*)$", "", unit, flags=re.MULTILINE)
    machine.write("/run/systemd/system/acm-trial.service", unit + "\n[Service]\nType=oneshot\n")
    machine.run("systemctl", "daemon-reload")
    since_s = now(machine)
    machine.run("systemctl", "start", "acm-trial.service")
    entry = heard(machine, since_s, "_SYSTEMD_UNIT=acm-trial.service", "SYSLOG_IDENTIFIER=python")
    outcome = json.loads(entry["MESSAGE"])
    able = {name for name, told in outcome.items() if told == "done"}
    assert able == {
        "infer", "chime", "record", "read the clock", "look at the machine", "run a program", "write state",
        "write runtime", "write temporary",
    }, outcome  # fmt: skip


def test_the_journal_keeps_to_its_size_and_survives(machine: Machine) -> None:
    since_s = now(machine)
    machine.run("systemctl", "restart", "systemd-journald")
    entry = heard(machine, since_s, "_SYSTEMD_UNIT=systemd-journald.service", "JOURNAL_NAME=System Journal")
    # Newer releases of systemd leave the zero away.
    assert entry["MAX_USE_PRETTY"] in ("64M", "64.0M")
    assert entry["JOURNAL_PATH"].startswith("/var/log/journal/")


def test_users_and_folders_are_made(machine: Machine, counting: float) -> None:
    heard(machine, counting, STARTED)
    for path, expected in (
        ("/etc/acm", "2770 root acm"), ("/var/lib/acm", "750 acm acm"), ("/run/acm", "755 acm acm"),
    ):  # fmt: skip
        assert machine.run("stat", "--format=%a %U %G", path).strip() == expected
    machine.write("/etc/acm/secrets.toml", "", 0o644)
    machine.run("systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/acm.conf")
    assert machine.run("stat", "--format=%a %U %G", "/etc/acm/secrets.toml").strip() == "640 root acm"
    assert machine.run("getent", "passwd", "acm").endswith(":/var/lib/acm:/usr/sbin/nologin\n")


def test_a_missing_camera_is_a_state_and_no_crash(machine: Machine, blind: Machine) -> None:
    assert machine is not blind
    begin = heard(blind, 0, STARTED)
    assert begin["ACM_LOST"] == "1"
    lost = heard(blind, 0, "ACM_EVENT=camera-lost")
    assert lost["PRIORITY"] == "3"
    # Longer than the watchdog's time, and the time in which a stuck part is noticed.
    blind.run("sleep", f"{max(0.0, seconds(begin) + 25 - now(blind)):.1f}")
    unit = shown(blind, "ActiveState", "NRestarts", "StatusText")
    assert "lost" in unit.pop("StatusText")
    assert unit == {"ActiveState": "active", "NRestarts": "0"}
    lines = blind.run("journalctl", "ACM_EVENT=camera-lost", "--output=cat").splitlines()
    assert len(lines) == 1, "the same is said once"


def test_a_stuck_analysis_is_restarted_within_25_s(machine: Machine, stuck: Machine) -> None:
    assert machine is not stuck
    begin = heard(stuck, 0, STARTED)
    wedged = heard(stuck, 0, "ACM_EVENT=service-wedged", limit_s=30)
    assert wedged["ACM_SERVICE"].startswith("analysis")
    again = heard(stuck, seconds(wedged), STARTED, limit_s=30)
    # Stuck half a second after the start.
    assert seconds(again) - seconds(begin) - 0.5 <= 25
    assert int(shown(stuck, "NRestarts")["NRestarts"]) >= 1
    told = stuck.run("journalctl", "--unit", UNIT, "--output=cat")
    assert "Watchdog timeout" in told
    assert "Fatal Python error: Aborted" in told, "where it was stuck is to be told"

