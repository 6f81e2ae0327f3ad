"""The doctor: what is said of each finding, and the host's own checks on made-up and real machines."""

from __future__ import annotations

import grp
import json
import os
import socket
import ssl
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from edge.core.errors import AcmError
from edge.host.checks import (
    Places,
    check_card,
    check_clock,
    check_disk,
    check_groups,
    check_heat,
    check_journal,
    check_power,
    check_records,
    check_running,
    check_settings,
    check_unit,
    host_checks,
)
from edge.host.control_client import ControlClient
from edge.host.doctor import Check, Finding, Level, examine, fail, found_by, ok, row_of, warn
from edge.host.health import HealthLimits
from edge.host.machine import Disk, Machine
from edge.host.network import check_network
from edge.host.programs import Told, told_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LIMITS = HealthLimits()
NOBODY = "nobody-of-this-name"


def board(root: Path, files: dict[str, str], throttled: str = "") -> Machine:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Machine(root, lambda: throttled)


def level_of(check: Check) -> str:
    return found_by(check).level.value


def test_a_report_reads_like_this() -> None:
    said: list[str] = []
    report = examine(
        [
            Check("camera door", lambda: ok("A picture of 640x480, 0.1 s old.")),
            Check("clock", lambda: warn("The clock is not set.", "Give it network.")),
            Check("a name that is much too long", lambda: fail("word " * 20 + "end.", "Mend it.")),
        ],
        said.append,
    )
    assert report.text() == (
        "ok    camera door         A picture of 640x480, 0.1 s old.\n"
        "warn  clock               The clock is not set.\n"
        "                       -> Give it network.\n"
        "fail  a name that is muc  word word word word word word word word word word word word word word word word "
        "word\n"
        "                          word word word end.\n"
        "                       -> Mend it.\n"
        "1 ok, 1 to be looked at, 1 failed.\n"
    )
    assert "\n".join(said) + "\n" == report.text().rpartition("1 ok")[0]
    assert report.exit_code == 1
    told = json.loads(report.json())
    assert told["worst"] == "fail"
    assert told["checks"][1] == {
        "name": "clock", "level": "warn", "what": "The clock is not set.", "remedy": "Give it network.",
    }  # fmt: skip


def test_warnings_do_not_fail_the_command() -> None:
    assert examine([Check("clock", lambda: warn("So.", "Do."))]).exit_code == 0
    assert examine([]).worst is Level.OK


def test_what_a_check_raises_is_a_finding() -> None:
    def refused() -> Finding:
        raise AcmError("rtsp://admin:secret@10.0.0.5 does not answer; look at its plug.")

    def broken() -> Finding:
        raise ZeroDivisionError("oh")

    report = examine([Check("camera", refused), Check("sound", broken), Check("disk", lambda: ok("Fine."))])
    assert [finding.level for _, finding in report.findings] == [Level.FAIL, Level.FAIL, Level.OK]
    assert "secret" not in report.text() + report.json()
    assert "The check itself failed (ZeroDivisionError: oh)." in report.text()


def test_a_long_word_is_not_broken() -> None:
    assert "x" * 200 in row_of("name", ok("x" * 200))


@pytest.mark.parametrize(("synced", "level"), [(True, "ok"), (False, "warn"), (None, "warn")])
def test_the_clock(synced: bool | None, level: str) -> None:  # noqa: FBT001 - a reading
    assert level_of(check_clock(lambda: synced)) == level


def test_the_disk(tmp_path: Path) -> None:
    machine = Machine()
    assert level_of(check_disk(tmp_path / "not" / "yet", LIMITS, machine)) == "ok"
    assert level_of(check_disk(tmp_path, HealthLimits(disk_low_mb=1e9), machine)) == "warn"
    elsewhere = board(tmp_path, {"proc/self/mounts": f"/dev/root / ext4 rw 0 0\nnas:/x {tmp_path} nfs4 rw 0 0\n"})
    finding = found_by(check_disk(tmp_path / "records", LIMITS, elsewhere))
    assert finding.level is Level.FAIL
    assert "on another machine (nfs4)" in finding.what


class ReadOnlyMachine(Machine):
    """A board whose card may only be read."""

    def disk(self, path: Path) -> Disk:
        assert path.exists()
        return Disk(5000.0, 8000.0, read_only=True)


def test_a_disk_that_may_only_be_read(tmp_path: Path) -> None:
    finding = found_by(check_disk(tmp_path / "acm", LIMITS, ReadOnlyMachine()))
    assert finding.level is Level.FAIL
    assert "a worn card has to be replaced" in finding.remedy


def test_the_kind_of_a_file_system(tmp_path: Path) -> None:
    mounts = "a / ext4 rw 0 0\nb /var tmpfs rw 0 0\nc /var/my\\040lib xfs rw 0 0\nd /v nfs rw 0 0\n"
    machine = board(tmp_path, {"proc/self/mounts": mounts})
    expected = {"/": "ext4", "/variety": "ext4", "/var/x": "tmpfs", "/var/my lib/acm": "xfs", "/v": "nfs"}
    assert {path: machine.file_system(Path(path)) for path in expected} == expected
    assert Machine(tmp_path / "none", lambda: None).file_system(Path("/")) == ""


def test_heat_and_power(tmp_path: Path) -> None:
    zone = "sys/class/thermal/thermal_zone0"
    hot = board(tmp_path / "hot", {f"{zone}/type": "cpu-thermal", f"{zone}/temp": "82000"}, "throttled=0x1")
    cool = board(tmp_path / "cool", {f"{zone}/type": "cpu-thermal", f"{zone}/temp": "50000"}, "throttled=0x4")
    untold = board(tmp_path / "untold", {})
    assert [level_of(check_heat(LIMITS, machine)) for machine in (hot, cool, untold)] == ["warn", "ok", "ok"]
    assert [level_of(check_power(machine)) for machine in (hot, cool, untold)] == ["fail", "warn", "ok"]
    assert level_of(check_power(Machine(tmp_path, lambda: "throttled=0x0"))) == "ok"


class WornMachine(Machine):
    """A board whose card tells."""

    def __init__(self, worn: float | None) -> None:
        super().__init__(Path("/nowhere"), lambda: None)
        self._worn = worn

    def card_worn(self, device: str) -> float | None:
        assert isinstance(device, str)
        return self._worn

    def card_written_mb(self, device: str) -> float | None:
        return 100.0 if self._worn and isinstance(device, str) else None


@pytest.mark.parametrize(("worn", "level"), [(None, "ok"), (0.2, "ok"), (0.9, "warn")])
def test_the_card(tmp_path: Path, worn: float | None, level: str) -> None:
    assert level_of(check_card(tmp_path, WornMachine(worn))) == level


def test_records_have_to_be_writable(tmp_path: Path) -> None:
    database = tmp_path / "acm.db"
    user = "nobody" if os.geteuid() == 0 else NOBODY
    assert level_of(check_records(tmp_path / "no" / "acm.db")) == "warn"
    if os.geteuid() == 0:
        finding = found_by(check_records(database, user))
        assert finding.level is Level.FAIL
        assert finding.remedy == f"sudo chown -R nobody:nobody {tmp_path}"
        os.chown(tmp_path, 65534, -1)
    database.touch()
    assert level_of(check_records(database, NOBODY)) == "ok"
    database.with_name("acm.db-wal").mkdir()
    if os.geteuid() == 0:
        os.chown(database, 65534, -1)
        assert "acm.db-wal in" in found_by(check_records(database, user)).what


def test_secrets_are_for_few(tmp_path: Path) -> None:
    settings, secrets = tmp_path / "acm.toml", tmp_path / "secrets.toml"
    assert level_of(check_settings([settings], secrets)) == "ok"
    for path, mode in ((settings, 0o644), (secrets, 0o640)):
        path.touch()
        path.chmod(mode)
    assert level_of(check_settings([settings], secrets)) == "ok"
    secrets.chmod(0o644)
    assert found_by(check_settings([settings], secrets)).remedy == f"sudo chmod 640 {secrets}"
    secrets.chmod(0o600)
    settings.chmod(0o666)
    assert found_by(check_settings([settings], secrets)).remedy == f"sudo chmod o-w {settings}"


def test_devices_are_for_their_groups(tmp_path: Path) -> None:
    known = {group.gr_name for group in grp.getgrall()}
    machine = board(tmp_path, {"dev/video0": "", "dev/snd/pcmC0D0p": ""})
    (tmp_path / "dev/video0").chmod(0o600)
    finding = found_by(check_groups(machine))
    assert finding.level is Level.WARN
    assert f"{tmp_path}/dev/video0 is not for the group video" in finding.what
    assert ("there is no group gpio" in finding.what) == ("gpio" not in known)
    (tmp_path / "dev/video0").chmod(0o666)
    assert "video0" not in found_by(check_groups(machine)).what


def unit(**told: str) -> Callable[[Sequence[str]], Told]:
    text = "".join(f"{name}={value}\n" for name, value in told.items())
    return lambda _: Told(text)


def test_the_service() -> None:
    running = {"LoadState": "loaded", "ActiveState": "active", "NRestarts": "0", "StatusText": "9.8 fps"}
    assert found_by(check_unit(unit(**running))) == ok("acm.service runs: 9.8 fps.")
    assert level_of(check_unit(unit(**{**running, "NRestarts": "7"}))) == "warn"
    assert level_of(check_unit(unit(**{**running, "ActiveState": "failed", "Result": "exit-code"}))) == "fail"
    assert level_of(check_unit(unit(LoadState="not-found", ActiveState="inactive"))) == "warn"
    assert level_of(check_unit(lambda _: Told("", "there is no systemctl here"))) == "warn"


def test_the_journal_has_to_keep_to_a_size(tmp_path: Path) -> None:
    usual = {"etc/systemd/journald.conf": "[Journal]\n#SystemMaxUse=\n"}
    board(tmp_path, usual)
    assert level_of(check_journal(tmp_path)) == "warn"
    board(tmp_path, {"usr/lib/systemd/journald.conf.d/40-rpi-volatile-storage.conf": "[Journal]\nStorage=volatile\n"})
    assert "lost when the power is cut" in found_by(check_journal(tmp_path)).what
    ours = (Path(__file__).parents[2] / "systemd/journald.conf.d/acm.conf").read_text(encoding="utf-8")
    board(tmp_path, {"usr/lib/systemd/journald.conf.d/acm.conf": ours})
    assert found_by(check_journal(tmp_path)) == ok("The journal takes 64M of the disk at most.")
    board(tmp_path, {"etc/systemd/journald.conf.d/acm.conf": "[Journal]\nStorage=none\n"})
    assert level_of(check_journal(tmp_path)) == "warn"


def test_a_running_program_answers_or_not(tmp_path: Path) -> None:
    finding = found_by(check_running(lambda: ControlClient(tmp_path / "none.sock")))
    assert finding.level is Level.WARN
    assert "systemctl start acm" in finding.what


@pytest.mark.parametrize(
    ("address", "level", "word"),
    [
        ("", "ok", "No hub is set"),
        ("ftp://hub.example.org", "fail", "no address of a hub"),
        ("https://", "fail", "names no machine"),
        ("https://hub:port", "fail", "no address of a hub"),
        ("http://no-such-name.invalid", "warn", "The name no-such-name.invalid is not known"),
    ],
)
def test_a_hub_that_cannot_be_meant(address: str, level: str, word: str) -> None:
    finding = found_by(check_network(address))
    assert (finding.level.value, word in finding.what) == (level, True), finding


def test_a_hub_that_answers_or_not() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as hub:
        port = hub.getsockname()[1]
        assert found_by(check_network(f"http://127.0.0.1:{port}")) == ok("127.0.0.1 answers.")
    finding = found_by(check_network(f"http://127.0.0.1:{port}"))
    assert (finding.level, "Connection refused" in finding.what) == (Level.WARN, True)


def test_a_certificate_that_is_not_accepted_points_to_the_clock(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subject = ["-subj", "/CN=localhost", "-days", "1", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run([*made, *subject], check=True, capture_output=True)  # noqa: S603 - fixed words
    identity = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity.load_cert_chain(certificate, key)
    with closing(socket.create_server(("127.0.0.1", 0))) as hub:

        def serve() -> None:
            link, _ = hub.accept()
            try:
                identity.wrap_socket(link, server_side=True).close()
            except OSError:
                link.close()

        server = Thread(target=serve)
        server.start()
        finding = found_by(check_network(f"https://127.0.0.1:{hub.getsockname()[1]}"))
        server.join(5.0)
    assert finding.level is Level.FAIL
    assert "certificate of 127.0.0.1 is not accepted" in finding.what
    assert finding.remedy.startswith("Look at the clock")


def test_all_checks_look_at_this_machine(tmp_path: Path) -> None:
    places = Places(tmp_path / "acm.db", (tmp_path / "acm.toml",), tmp_path / "secrets.toml")
    report = examine(host_checks(places, LIMITS))
    assert len(report.findings) == 12
    assert not any("The check itself failed" in finding.what for _, finding in report.findings)


def test_programs_are_asked_for_a_bounded_time() -> None:
    assert told_by([sys.executable, "-c", "print('so')"]) == Told("so\n")
    assert told_by(["no-such-program-here"]).failed == "there is no no-such-program-here here"
    assert "took longer than 0 s" in told_by([sys.executable, "-c", "import time; time.sleep(60)"], 0.2).failed
    code = "import sys; print('half'); sys.exit('no such unit')"
    failed = told_by([sys.executable, "-c", code])
    assert (failed.text, failed.failed) == ("half\n", f"{sys.executable}: no such unit")
    assert told_by([str(Path(__file__))]).failed.endswith("does not run (Permission denied)")
