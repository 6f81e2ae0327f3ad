"""The package under a real systemd: installed, upgraded, taken back, purged, on a machine that has nothing of ours.

It is one story: each fixture goes on where the one before it ended, and tells what it saw.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from machine import ROOT, Machine
from packages import NAME, NEWER, OLDER, built, copied
from product import heard, now, shown

from edge import __version__
from edge.config.rules import WEEKDAYS
from edge.host.sample_clip import sample_clip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.rig, pytest.mark.xdist_group("package")]

PACKAGES, CLIP = "/srv/packages", "/srv/clip.avi"
HOME, STATE = f"/usr/lib/{NAME}", f"/var/lib/{NAME}"
UNITS = sorted(path.name for path in (ROOT / "systemd").glob("*.service"))
# A slow or busy machine compiles for minutes.
INSTALLING_S = 900.0
BOOT = "/boot/firmware"
# The shop is closed whenever this runs.
OPEN = WEEKDAYS[(datetime.now(timezone.utc).weekday() + 3) % 7]
SETTINGS = f"""\
[site]
name = "Corner Shop"
clock_trusted = true
[schedule]
{OPEN} = ["09:00-10:00"]
[[camera]]
name = "door"
source = "{CLIP}"
[[camera.line]]
name = "path"
from = [0.5, 0.0]
to = [0.5, 1.0]
in = "left-to-right"
"""
OVERRIDES = '[site]\ntime_zone = "Europe/Paris"\n'
# A version that is installed without a fault and never looks at a picture.
BROKEN = "\n\ndef run(*_: object) -> int:\n    raise RuntimeError('nothing works any more')\n"
ROWS = """
import sqlite3
print(sqlite3.connect("file:{}?mode=ro", uri=True).execute("select count(*) from crossing").fetchone()[0])
"""
# What bash would offer after these words.
COMPLETE = """
source /usr/share/bash-completion/completions/acm
COMP_WORDS=({words}); COMP_CWORD=$(({count} - 1)); _acm; echo ${{COMPREPLY[@]}}
"""
ASK_PANEL = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8080/health').status)"


@dataclass
class Story:
    """The machine, and what was seen on the way."""

    machine: Machine
    seen: dict[str, Any] = field(default_factory=dict)

    def acm(self, *words: str) -> str:
        return self.machine.run("acm", *words)

    def rows(self, file: str = "/var/lib/acm/records.db") -> int:
        return int(self.machine.run("/usr/bin/python3", "-c", ROWS.format(file)))

    def wait_for(self, what: str, limit_s: float) -> None:
        """Until a shell's condition holds."""
        until = f"until {what}; do sleep 0.3; done"
        waited = self.machine.tried("timeout", f"{limit_s}", "sh", "-c", until, limit_s=limit_s + 10)
        assert waited.returncode == 0, self.machine.run("journalctl", "--no-pager", "--lines=60")

    def look(self) -> dict[str, Any]:
        """Rows, settings, files, users' rights."""
        return {
            "rows": self.rows(),
            "config": re.sub(r"\s+", " ", self.acm("config")),
            "version": self.acm("--version").split()[1],
            "rights": self.machine.run("stat", "--format=%n %a %U %G", "/etc/acm/acm.toml", "/var/lib/acm/records.db"),
        }


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three packages: an older one, this one, and a broken one; the last two are signed."""
    folder = tmp_path_factory.mktemp("packages")
    sign(folder, "--make-key", folder / "vendor")
    older, broken = copied(folder / "older", OLDER), copied(folder / "broken", NEWER)
    with (broken / "edge" / "app" / "run.py").open("a", encoding="utf-8") as file:
        file.write(BROKEN)
    for source in (older, ROOT, broken):
        package = built(folder, source, "--key", str(folder / "vendor.pub"))
        sign(folder, "--key", folder / "vendor.key", package)
    return folder


def sign(folder: Path, *words: object) -> None:
    command = [sys.executable, str(ROOT / "tools" / "sign_update.py"), *map(str, words)]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603 - ours


def of(version: str) -> str:
    """A package's file inside the machine."""
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)  # noqa: S607
    return f"{PACKAGES}/{NAME}_{version}_{architecture.stdout.strip()}.deb"


@pytest.fixture(scope="module")
def installed(packages: Path) -> Iterator[Story]:
    """The older version, installed and counting."""
    with Machine({packages: PACKAGES, sample_clip(print): CLIP}) as machine:
        story = Story(machine)
        machine.run("systemctl", "set-environment", "SDL_AUDIODRIVER=disk", "SDL_DISKAUDIOFILE=/run/acm/heard.raw")
        # Made in a container, this machine may have a rule that nothing is started by packages.
        machine.run("rm", "-f", "/usr/sbin/policy-rc.d")
        machine.run("dpkg", "--install", of(OLDER), limit_s=INSTALLING_S)
        states = {unit: shown(machine, "ActiveState", "UnitFileState", unit=unit) for unit in UNITS}
        story.seen["after install"] = states
        # Settings come as an installer brings them: on the card's boot partition, before the next start.
        machine.write(f"{BOOT}/cmdline.txt", "console=tty1\n")
        machine.write(f"{BOOT}/acm.toml", SETTINGS)
        machine.write("/var/lib/acm/settings/overrides.toml", OVERRIDES, 0o640)
        machine.run("chgrp", "acm", "/var/lib/acm/settings/overrides.toml")
        since_s = now(machine)
        machine.run("systemctl", "stop", "acm.service")
        machine.run("systemctl", "start", "acm-provision.service", "acm.service")
        story.seen["crossing"] = heard(machine, since_s, "ACM_EVENT=crossing", limit_s=40)
        machine.run("systemctl", "start", "acm-card.service")
        story.seen["card"] = machine.run("ls", BOOT)
        story.seen["status on the card"] = machine.run("cat", f"{BOOT}/acm-status.txt")
        story.seen["panel"] = machine.run("/usr/bin/python3", "-c", ASK_PANEL)
        story.seen["installed"] = story.look()
        yield story


@pytest.fixture(scope="module")
def upgraded(installed: Story) -> Story:
    """This version in its place, by dpkg."""
    machine = installed.machine
    before, pid = installed.look(), shown(machine, "MainPID")["MainPID"]
    machine.run("dpkg", "--install", of(__version__), limit_s=INSTALLING_S)
    installed.seen["note at once"] = machine.run("cat", f"{STATE}/upgrade.json")
    installed.wait_for(f"grep -q taken {STATE}/upgrade.json", 90)
    installed.seen |= {"before": before, "after": installed.look(), "standing": installed.acm("update")}
    installed.seen["pids"] = (pid, shown(machine, "MainPID")["MainPID"])
    installed.seen["copy"] = installed.rows(f"{STATE}/before/records.db")
    return installed


@pytest.fixture(scope="module")
def taken_back(upgraded: Story) -> Story:
    """A broken version, signed, waited until the shop was closed, was installed by the timer's unit, and went again."""
    machine, since_s = upgraded.machine, now(upgraded.machine)
    upgraded.seen["good"] = upgraded.look()
    machine.run("mkdir", "--mode=700", f"{STATE}/waiting")
    machine.run("cp", of(NEWER), f"{of(NEWER)}.minisig", f"{STATE}/waiting")
    # Its program has 60 s to look at a picture, and the package has to be unpacked and its environment made before.
    machine.run("systemctl", "start", "acm-update.service", limit_s=INSTALLING_S)
    upgraded.seen["applied"] = machine.run("journalctl", "--unit", "acm-update.service", "--output=cat", "--no-pager")
    upgraded.seen["told"] = heard(machine, since_s, "ACM_EVENT=upgrade-taken-back", limit_s=5)
    upgraded.seen["again"] = heard(machine, since_s, "ACM_EVENT=started", limit_s=30)
    upgraded.seen["back"] = upgraded.look()
    return upgraded


def test_the_same_source_makes_the_same_package(packages: Path, tmp_path: Path) -> None:
    (before,) = packages.glob(f"{NAME}_{OLDER}_*.deb")
    again = built(tmp_path, packages / "older", "--key", str(packages / "vendor.pub"))
    assert again.read_bytes() == before.read_bytes()


def test_installed_it_counts_the_clip_and_the_panel_answers(installed: Story) -> None:
    assert installed.seen["crossing"]["ACM_LINE"] == "path"
    assert installed.seen["panel"] == "200\n"
    assert installed.seen["installed"]["rows"] > 0
    assert installed.seen["installed"]["version"] == OLDER
    assert installed.seen["installed"]["rights"] == (
        "/etc/acm/acm.toml 660 root acm\n/var/lib/acm/records.db 640 acm acm\n"
    )


def test_settings_are_taken_from_the_card_and_how_it_does_is_told_on_it(installed: Story) -> None:
    assert installed.seen["card"].split() == ["acm-status.txt", "cmdline.txt"]
    assert installed.seen["status on the card"].startswith("COUNTING.")
    assert "Corner Shop" in installed.seen["installed"]["config"]


def test_counter_and_panel_run_from_the_start_and_the_hub_does_not(installed: Story) -> None:
    units = installed.seen["after install"]
    for unit in ("acm.service", "acm-panel.service"):
        assert units[unit]["UnitFileState"] == "enabled"
        assert units[unit]["ActiveState"] in ("active", "activating")
    assert units["acm-hub.service"]["ActiveState"] == "inactive"
    wanted = installed.machine.run("ls", "/etc/systemd/system/multi-user.target.wants").split()
    assert {"acm.service", "acm-panel.service", "acm-watch-upgrade.service"} <= set(wanted)
    assert "acm-hub.service" not in wanted


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_lawful_and_has_few_privileges(installed: Story, unit: str) -> None:
    told = installed.machine.tried("systemd-analyze", "verify", f"/usr/lib/systemd/system/{unit}")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    place = f"{HOME}/current/venv/share/{NAME}/systemd/{unit}"
    rated = installed.machine.run("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", place)
    level = re.search(rf"Overall exposure level for {unit}: ([\d.]+)", rated)
    assert level is not None
    assert float(level[1]) <= 2.0


def test_whoever_looks_finds_a_manual_completions_and_guides(installed: Story) -> None:
    machine = installed.machine
    assert machine.run("bash", "-c", COMPLETE.format(words="acm up", count=2)) == "update\n"
    assert machine.run("bash", "-c", COMPLETE.format(words="acm update --ap", count=3)) == "--apply\n"
    manual = machine.run("sh", "-c", "zcat /usr/share/man/man1/acm.1.gz")
    assert '.SS "acm update"' in manual
    assert "SUPPRESS" not in manual
    assert "upgrade.md" in machine.run("ls", f"/usr/share/doc/{NAME}/guides")


def test_an_upgrade_keeps_every_row_and_setting(upgraded: Story) -> None:
    before, after = upgraded.seen["before"], upgraded.seen["after"]
    assert after["rows"] >= before["rows"] > 0
    assert upgraded.seen["copy"] >= before["rows"]
    assert after["config"] == before["config"]
    assert "Europe/Paris" in after["config"]
    assert after["rights"] == before["rights"]
    assert (before["version"], after["version"]) == (OLDER, __version__)
    assert upgraded.seen["pids"][0] != upgraded.seen["pids"][1] != "0"
    assert upgraded.seen["standing"] == f"Version {__version__} is in use.\nVersion {OLDER} is kept beside it.\n"


def test_an_upgrade_leaves_the_libraries_alone_if_none_changed(upgraded: Story) -> None:
    names = upgraded.machine.run("ls", HOME).split()
    assert len([name for name in names if name.startswith("libraries-")]) == 1
    assert {OLDER, __version__, "current", "previous", "wheels"} <= set(names)


def test_a_broken_version_is_taken_back_by_itself(taken_back: Story) -> None:
    said = taken_back.seen["applied"]
    assert f"Version {NEWER} is installed and watched" in said
    assert f"It was taken back: its service ended 3 times. Version {__version__} is in use." in said
    assert taken_back.machine.run("ls", STATE).split() == ["before", "upgrade.json"]
    assert taken_back.seen["told"]["ACM_VERSION"] == NEWER
    assert taken_back.seen["back"]["version"] == __version__
    assert taken_back.seen["back"]["rows"] >= taken_back.seen["good"]["rows"]
    assert taken_back.seen["back"]["config"] == taken_back.seen["good"]["config"]
    doctor = json.loads(taken_back.machine.tried("acm", "doctor", "--json").stdout)
    found = {check["name"]: check for check in doctor["checks"]}["upgrade"]
    assert found["level"] == "warn"
    assert f"The upgrade to version {NEWER}" in found["what"]


def test_an_older_or_unsigned_version_is_refused(taken_back: Story) -> None:
    machine = taken_back.machine
    older = machine.tried("acm", "update", "--check", of(OLDER))
    assert older.returncode == 2
    assert f"older than {__version__}" in older.stderr
    machine.run("cp", of(NEWER), "/root/unsigned.deb")
    unsigned = machine.tried("acm", "update", "--apply", "/root/unsigned.deb")
    assert unsigned.returncode == 2
    assert "with its signature beside it" in unsigned.stderr or "beside its signature" in unsigned.stderr


def test_removed_and_purged_it_leaves_the_records_and_nothing_else(taken_back: Story) -> None:
    machine, rows = taken_back.machine, taken_back.rows()
    machine.run("dpkg", "--remove", NAME)
    assert machine.tried("test", "-e", "/etc/acm/acm.toml").returncode == 0
    assert machine.tried("test", "-e", HOME).returncode != 0
    assert taken_back.rows() >= rows
    machine.run("dpkg", "--purge", NAME)
    assert all(name.startswith("records.db") for name in machine.run("ls", "/var/lib/acm").split())
    for gone in ("/etc/acm", "/etc/acm-hub", "/var/lib/acm-panel", STATE, "/var/lib/acm/settings", "/usr/bin/acm"):
        assert machine.tried("test", "-e", gone).returncode != 0, gone
    assert taken_back.rows() >= rows
    assert machine.run("sh", "-c", "ls /etc/systemd/system/*.wants | grep -c acm || true") == "0\n"


@pytest.mark.parametrize("asked", ["env ACM_PURGE_RECORDS=1", "touch /etc/acm/purge-records;"])
def test_purged_with_the_records_nothing_is_left(taken_back: Story, asked: str) -> None:
    machine = taken_back.machine
    machine.run("mkdir", "-p", "/var/lib/acm", "/etc/acm")
    machine.write("/var/lib/acm/records.db", "")
    # What dpkg does with a package whose settings are still there; to install it once more would take a minute.
    machine.run("dpkg-deb", "--control", of(__version__), "/root/control")
    machine.run("sh", "-c", f"{asked} /root/control/postrm purge")
    for gone in ("/etc/acm", "/var/lib/acm", "/var/lib/acm-panel", STATE):
        assert machine.tried("test", "-e", gone).returncode != 0, gone
