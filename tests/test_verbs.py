"""The verbs around the running program: check, config, relay, chime, doctor, db."""

from __future__ import annotations

import csv
import io
import json
import re
import tarfile
from typing import TYPE_CHECKING

import pytest
from daemon_kit import SILENT, Daemon, door

from edge.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Told = pytest.CaptureFixture[str]

RELAY = """
[[relay]]
name = "lamp"
pin = 17
"""
SETTINGS = SILENT + RELAY + door(speed=4)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings; nothing of the machine's own is looked at."""
    for name in ("STATE_DIRECTORY", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "state").mkdir()
    (tmp_path / "acm.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """The program, running, with some crossings on record."""
    with Daemon(tmp_path_factory.mktemp("box"), SETTINGS) as daemon:
        daemon.start()
        daemon.status_when(lambda status: status["records"]["written"] >= 4)
        yield daemon
        daemon.stop()


def where(box: Path) -> list[str]:
    return ["--config", str(box / "acm.toml"), "--state", str(box / "state"), "--control", str(box / "none.sock")]


def test_check_tells_what_is_right_and_what_to_know(box: Path, capsys: Told) -> None:
    assert main(["check", str(box / "acm.toml"), "--state", str(box / "state")]) == 0
    out = capsys.readouterr().out
    assert "acm.toml: all right." in out
    assert "Note: relay lamp: nothing keeps it off" in out


def test_check_tells_what_would_be_missed_at_the_door(box: Path, capsys: Told) -> None:
    """Nothing of it is wrong; but nobody would be counted, and nothing be heard."""
    (box / "acm.toml").write_text('[sound]\narrival = "tow-tone"\n[[camera]]\nname = "back"\n', encoding="utf-8")
    assert main(["check", str(box / "acm.toml"), "--state", str(box / "state")]) == 0
    out = capsys.readouterr().out
    assert "Note: the camera back has no line, so nobody is counted there; add a table headed [[camera.line]]." in out
    assert "Note: There is no sound tow-tone; there are bell, " in out
    (box / "acm.toml").write_text("", encoding="utf-8")
    assert main(["check", str(box / "acm.toml"), "--state", str(box / "state")]) == 0
    assert "Note: there is no camera, and acm run needs one; add a table headed [[camera]]." in capsys.readouterr().out


def test_check_tells_every_fault_of_every_file_with_its_line(box: Path, capsys: Told) -> None:
    (box / "acm.toml").write_text("[site]\nnam = 'x'\n[sound]\nvolume = 2\n", encoding="utf-8")
    (box / "state" / "overrides.toml").write_text("[detector]\nthreads = 'many'\n", encoding="utf-8")
    (box / "secrets.toml").write_text("[sond]\n", encoding="utf-8")
    assert main(["check", str(box / "acm.toml"), "--state", str(box / "state")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert [row.removeprefix(f"{box}/").split(": ")[:2] for row in told.err.splitlines()] == [
        ["acm.toml:2", "site.nam"], ["acm.toml:4", "sound.volume"], ["state/overrides.toml:2", "detector.threads"],
        ["secrets.toml:1", "sond"],
    ]  # fmt: skip
    assert "did you mean name?" in told.err


def test_config_shows_what_is_in_force_without_secrets(box: Path, capsys: Told) -> None:
    login = '[[camera]]\nname = "door"\nsource = "rtsp://owner:plum@cam/1"\n'
    (box / "secrets.toml").write_text(login, encoding="utf-8")
    assert main(["config", *where(box)[:4]]) == 0
    out = capsys.readouterr().out
    assert "plum" not in out
    assert f"# {box}/secrets.toml:3" in out
    assert 'device = "sim"' in out


def test_a_relay_and_a_chime_by_hand(counted: Daemon, capsys: Told) -> None:
    control = ["--control", str(counted.control)]
    assert main(["relay", "lamp", "pulse", "--for", "20", *control]) == 0
    assert counted.status_when(lambda status: status["relays"]["switches"][0]["on"])
    assert main(["relay", "lamp", "off", *control]) == 0
    assert counted.status_when(lambda status: not status["relays"]["switches"][0]["on"])
    assert main(["relay", "light", "on", *control]) == 1
    assert "There is no relay 'light'; there are lamp." in capsys.readouterr().err
    assert main(["relay", "lamp", "onn", *control]) == 2
    assert "did you mean on?" in capsys.readouterr().err
    assert main(["chime", "--test", *control]) == 0
    assert "The first sample was queued 0." in capsys.readouterr().out
    assert main(["chime", *control]) == 0
    assert capsys.readouterr().out == ""
    assert main(["chime", "nope", *control]) == 1
    assert "There is no sound nope; there are bell, " in capsys.readouterr().err


def test_the_records_are_checked_copied_rebuilt_and_exported(counted: Daemon, tmp_path: Path, capsys: Told) -> None:
    state = ["--state", str(counted.state)]
    assert main(["db", "check", *state]) == 0
    assert "sound" in capsys.readouterr().out
    copy = tmp_path / "copy.db"
    assert main(["db", "backup", str(copy), *state]) == 0
    assert main(["db", "backup", *state, str(copy)]) == 0, "words and options in any order"
    assert main(["db", "rebuild", *state]) == 1, "not while it is written"
    assert "another acm" in capsys.readouterr().err
    assert main(["db", "rebuild", "--file", str(copy)]) == 0
    capsys.readouterr()
    assert main(["db", "export", "--file", str(copy)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["line"] for row in rows} == {"entrance"}
    assert main(["db", "export", "days", "--form", "jsonl", "--file", str(copy)]) == 0
    days = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert sum(day["ins"] + day["outs"] for day in days) == len(rows)
    day = days[0]["day"]
    assert main(["db", "export", "--days", day, day, "--file", str(copy)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(rows) + 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "x.db"], "cannot use the word"),
        (["export", "people"], "there are no 'people' to export"),
        (["mend"], "it is one of check, backup, rebuild, export"),
        (["export", "--days", "today", "today"], "'today' is no day; write it like 2026-05-01"),
    ],
)
def test_wrong_words_for_the_records_are_told(box: Path, capsys: Told, words: list[str], said: str) -> None:
    assert main(["db", *words, "--state", str(box / "state")]) == 2
    assert said in capsys.readouterr().err


def test_the_doctor_tries_the_devices_while_nobody_has_them(box: Path, capsys: Told) -> None:
    code = main(["doctor", "--json", *where(box)])
    report = json.loads(capsys.readouterr().out)
    found = {check["name"]: check for check in report["checks"]}
    assert "640x480 pixels" in found["camera door"]["what"]
    assert found["relay lamp"]["what"] == "Pin 17 can be had by sim."
    assert re.fullmatch(r"It looked at a picture in \d+ ms\.", found["detector"]["what"])
    assert found["sound"]["level"] == "ok"
    assert found["settings"]["level"] == "warn", "a relay that nothing keeps off"
    assert code == int(report["worst"] == "fail")


def test_the_doctor_asks_the_running_program(counted: Daemon, capsys: Told) -> None:
    where_it_is = ["--config", str(counted.settings), "--state", str(counted.state), "--control", str(counted.control)]
    main(["doctor", *where_it_is])
    out = capsys.readouterr().out
    assert "pictures a second are looked at" in out
    assert "The running program answers." in out
    assert "is not running" not in out
    assert "It looked at a picture in" in out
    assert "all sound" in out


def test_the_doctor_tells_of_what_is_not_there(box: Path, capsys: Told) -> None:
    settings = '[[camera]]\nname = "front"\nsource = "/dev/video99"\n[gpio]\ndriver = "lgpio"\n' + RELAY
    (box / "acm.toml").write_text(settings, encoding="utf-8")
    assert main(["doctor", "--json", *where(box)]) == 1
    found = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert found["camera front"]["level"] == "fail"
    assert "There is no camera /dev/video99" in found["camera front"]["what"]
    assert found["relay lamp"]["level"] == "fail"
    (box / "acm.toml").write_text("[site]\nnam = 3\n[sond]\n", encoding="utf-8")
    assert main(["doctor", "--json", *where(box)]) == 1
    found = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert "Faults beside it: 1." in found["settings"]["what"]


def test_the_bundle_holds_no_secret(box: Path, capsys: Told) -> None:
    source = "rtsp://owner:plumpudding@127.0.0.1:9/1"
    (box / "secrets.toml").write_text(f'[[camera]]\nname = "back"\nsource = "{source}"\n', encoding="utf-8")
    bundle = box / "bundle.tar.gz"
    main(["doctor", "--bundle", str(bundle), *where(box)])
    assert "look into it before you send it" in capsys.readouterr().out
    with tarfile.open(bundle) as archive:
        texts = {member.name: archive.extractfile(member).read().decode() for member in archive}  # type: ignore[union-attr]
    assert "acm-bundle/doctor.txt" in texts
    assert "acm-bundle/settings.toml" in texts
    assert not any("plumpudding" in text for text in texts.values())
