"""The whole program in a process of its own, on simulated devices: what a technician sees and relies on."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from daemon_kit import SILENT, Daemon, Subscriber, door

from edge.cli import main

if TYPE_CHECKING:
    from pathlib import Path

STOP_WITHIN_S, READY_WITHIN_S = 15.0, 5.0


def running(daemon: Daemon, **counts: int) -> dict[str, Any]:
    """Its status once at least so many have come in, gone out or whatever else."""
    return daemon.status_when(lambda status: all(status[name] >= least for name, least in counts.items()))


def test_it_counts_chimes_switches_records_and_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Everybody is chimed for, not only the first of a group, who here steps back over the line.
    settings = SILENT.replace("[sound]", "[sound]\ngroup_s = 0.0") + door(speed=4) + """
    [[relay]]
    name = "lamp"
    pin = 17
    [[rule]]
    name = "light"
    on = "arrival"
    relay = "lamp"
    turn = "hold"
    for_s = 60.0
    """
    with Daemon(tmp_path, settings) as daemon:
        assert daemon.start() <= READY_WITHIN_S
        status = running(daemon, **{"in": 3, "out": 3})
        assert status["cameras"][0]["state"] == "running"
        assert status["sound"]["latency_ms"]["count"] >= 1
        assert status["relays"]["switches"] == [
            {"name": "lamp", "on": True, "why": "on for a time", "lost": False}
        ]
        assert status["inside"] >= 0
        assert daemon.hear("STATUS=", 10.0)
        assert main(["status", "--control", str(daemon.control)]) == 0
        text = capsys.readouterr().out
        assert re.search(r"today +in \d+, out \d+, inside \d+", text)
        assert "camera      door: " in text
        assert main(["status", "--json", "--control", str(daemon.control)]) == 0
        assert json.loads(capsys.readouterr().out)["version"]
        assert daemon.stop() <= STOP_WITHIN_S
        assert daemon.said.count("Somebody went") >= 6
        assert "Traceback" not in daemon.said
    assert main(["status", "--control", str(daemon.control)]) == 1
    assert "not running" in capsys.readouterr().err
    assert main(["db", "check", "--state", str(daemon.state)]) == 0
    assert "sound" in capsys.readouterr().out


def test_a_restart_goes_on_with_the_days_books(tmp_path: Path) -> None:
    with Daemon(tmp_path, SILENT + door(speed=4)) as daemon:
        daemon.start()
        running(daemon, **{"in": 3, "out": 2})
        daemon.stop()
        link = sqlite3.connect(daemon.records)
        counts = dict(link.execute("SELECT direction, count(*) FROM crossing GROUP BY direction").fetchall())
        link.close()
        daemon.settings.write_text(SILENT + door(people=0), encoding="utf-8")
        daemon.start()
        status = daemon.status_when(lambda status: status["in"] > 0)
        assert (status["in"], status["out"]) == (counts[0], counts[1])
        assert daemon.stop(signal.SIGINT) <= STOP_WITHIN_S


MISSING = """
[[camera]]
name = "missing"
source = "/dev/video99"
"""


def test_a_missing_camera_is_a_state_and_no_crash(tmp_path: Path) -> None:
    with Daemon(tmp_path, SILENT + MISSING) as daemon:
        assert daemon.start() <= READY_WITHIN_S
        status = daemon.ask("status")
        assert status["cameras"][0]["state"] == "lost"
        assert "There is no camera /dev/video99" in status["cameras"][0]["why"]
        daemon.heard.clear()
        assert daemon.hear("WATCHDOG=1", 5.0), "nothing that a restart would mend"
        assert daemon.stop() <= STOP_WITHIN_S
        assert "camera missing is lost" in daemon.said


def test_a_camera_that_is_lost_comes_back_and_the_others_go_on(tmp_path: Path) -> None:
    faults = "lost_after_s = 4.0\nlost_for_s = 12.0"
    settings = SILENT + door(speed=4, faults=faults) + door(speed=4, seed=2).replace('"door"', '"back"') + MISSING
    with Daemon(tmp_path, settings) as daemon:
        daemon.start()
        lost = daemon.status_when(lambda status: status["cameras"][0]["state"] == "lost")
        assert lost["cameras"][1]["state"] == "running"
        frames = lost["cameras"][1]["frames"]
        back = daemon.status_when(lambda status: status["cameras"][0]["state"] == "running")
        assert back["cameras"][1]["frames"] > frames
        assert back["cameras"][0]["losses"] == 1
        assert daemon.stop() <= STOP_WITHIN_S
        assert re.search(r"The camera door is back after \d+ s", daemon.said)


def test_a_look_that_never_comes_back_stops_the_watchdog(tmp_path: Path) -> None:
    with Daemon(tmp_path, SILENT + door(speed=4, faults="stall_after_s = 2.0")) as daemon:
        daemon.start()
        assert daemon.hear("WATCHDOG=1", 5.0)
        daemon.status_when(lambda status: status["services"]["analysis door"]["step_s"] > 5.5)
        while daemon.hear("WATCHDOG=1", 0.5):
            pass
        assert not daemon.hear("WATCHDOG=1", 2.5)
        assert "analysis door has made no progress" in daemon.said
        assert daemon.stop() <= STOP_WITHIN_S, "a thread that hangs does not keep it from ending"
        assert "analysis door did not stop in time" in daemon.said


def test_settings_are_read_again_without_losing_a_count_and_wrong_ones_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = SILENT + door(speed=4)
    with Daemon(tmp_path, settings) as daemon:
        daemon.start()
        before = running(daemon, **{"in": 2})
        till = settings.replace('"entrance"', '"till"').replace("0.5, 0.0", "0.7, 0.0").replace("0.5, 1.0", "0.7, 1.0")
        daemon.settings.write_text(till, encoding="utf-8")
        assert daemon.process is not None
        daemon.process.send_signal(signal.SIGHUP)
        status = daemon.status_when(lambda status: any(line["line"] == "till" for line in status["lines"]))
        assert status["in"] >= before["in"]
        daemon.settings.write_text(till.replace("fps", "fsp") + "[soud]\n[site]\nname = 3\n", encoding="utf-8")
        assert main(["reload", "--control", str(daemon.control)]) == 1
        told = capsys.readouterr().err
        assert "acm.toml" in told
        assert daemon.said.count("The changed settings are not used") >= 1
        assert running(daemon, **{"in": status["in"] + 1})
        daemon.settings.write_text(till.replace("speed = 4.0", "speed = 3.0"), encoding="utf-8")
        assert main(["reload", "--control", str(daemon.control)]) == 0
        assert "Waits for a restart: speed of camera door" in capsys.readouterr().out
        daemon.stop()


@pytest.mark.parametrize("after_s", [0.0, 0.3, 0.6, 1.0, 1.5])
def test_a_stop_at_any_time_is_orderly(tmp_path: Path, after_s: float) -> None:
    with Daemon(tmp_path, SILENT + door()) as daemon:
        daemon.start(wait=False)
        daemon.hear("\0", after_s)
        assert daemon.process is not None
        daemon.process.send_signal(signal.SIGTERM)
        code = daemon.process.wait(STOP_WITHIN_S)
        # Before the program itself has begun, the interpreter ends at once.
        assert code == 0 or (code in (130, -signal.SIGTERM) and daemon.said == "")
        assert "Traceback" not in daemon.said


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ("[site]\n", 2, "there is no camera; add a table headed [[camera]]"),
        ("[[camera]]\nfps = 0\nsorce = 'x'\n", 2, "did you mean source?"),
        ("[[camera]]\nsource = 'sim'\n[detector]\nmodel = 'none.tflite'\n", 0, ""),
        ("[[camera]]\n[detector]\nmodel = 'none.tflite'\n", 2, "none.tflite"),
    ],
)
def test_what_cannot_start_says_why_in_a_sentence(tmp_path: Path, settings: str, code: int, said: str) -> None:
    with Daemon(tmp_path, SILENT.replace("[site]\nclock_trusted = true\n", "") + settings) as daemon:
        daemon.start(wait=code == 0)
        assert daemon.process is not None
        if code == 0:
            daemon.stop()
        else:
            assert daemon.process.wait(20) == code
        assert said in daemon.said
        assert "Traceback" not in daemon.said


def test_a_second_program_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Daemon(tmp_path, SILENT + door()) as daemon:
        daemon.start()
        assert main(["run", "--config", str(daemon.settings), "--state", str(daemon.state)]) == 1
        assert "another acm (process" in capsys.readouterr().err
        daemon.stop()


def test_records_of_a_newer_version_are_left_alone_and_counting_goes_on(tmp_path: Path) -> None:
    with Daemon(tmp_path, SILENT + door(speed=4)) as daemon:
        daemon.start()
        running(daemon, **{"in": 1})
        daemon.stop()
        known = _schema(daemon.records, 99)
        before = daemon.records.read_bytes()
        daemon.start()
        status = daemon.status_when(lambda status: status["in"] + status["out"] > 2)
        assert status["records"]["state"] == "database-newer"
        assert "were written by a newer version (schema 99" in daemon.said
        assert daemon.records.read_bytes() == before
        _schema(daemon.records, known)
        # The version that knows them is there again.
        daemon.status_when(lambda status: status["records"]["state"] == "written")
        daemon.stop()
        assert "Records are written again" in daemon.said
        assert "Traceback" not in daemon.said


def _schema(records: Path, number: int) -> int:
    link = sqlite3.connect(records)
    (known,) = link.execute("PRAGMA user_version").fetchone()
    link.execute(f"PRAGMA user_version = {number}")
    link.close()
    return int(known)


def test_sound_that_was_off_at_first_waits_for_a_restart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    silent = SILENT.replace("[sound]", "[sound]\nenabled = false")
    with Daemon(tmp_path, silent + door()) as daemon:
        daemon.start()
        daemon.settings.write_text(SILENT + door(), encoding="utf-8")
        assert main(["reload", "--control", str(daemon.control)]) == 0
        assert capsys.readouterr().out == "Changed: nothing.\nWaits for a restart: sound.enabled.\n"
        daemon.stop()


def test_another_program_that_holds_the_records_delays_and_loses_nothing(tmp_path: Path) -> None:
    with Daemon(tmp_path, SILENT + door(speed=4)) as daemon:
        daemon.start()
        running(daemon, **{"in": 1})
        link = sqlite3.connect(daemon.records, isolation_level=None)
        link.execute("BEGIN IMMEDIATE")
        held = daemon.status_when(lambda status: status["records"]["waiting"] >= 5)
        assert held["in"] + held["out"] > 0
        locked = daemon.status_when(lambda status: status["records"]["state"] == "database-locked")
        link.rollback()
        link.close()
        status = daemon.status_when(lambda status: status["records"]["waiting"] == 0)
        assert status["records"]["dropped"] == 0
        assert locked["in"] <= status["in"]
        daemon.stop()
        assert "Records are written again" in daemon.said
        link = sqlite3.connect(daemon.records)
        (count,) = link.execute("SELECT count(*) FROM crossing").fetchone()
        link.close()
        assert count == daemon.said.count("Somebody went")


def test_what_is_told_live_is_told_in_order_and_recorded_after(tmp_path: Path) -> None:
    with Daemon(tmp_path, SILENT + door(speed=4)) as daemon:
        daemon.start()
        subscriber = Subscriber(daemon.control)
        running(daemon, **{"in": 2, "out": 2})
        events = [event for event in subscriber.events(0.5) if "event" in event]
        subscriber.close()
        daemon.stop()
    crossed = [event for event in events if event["event"] == "line-crossed"]
    recorded = [event for event in events if event["event"] == "recorded"]
    assert len(crossed) >= 3
    assert [event["at_s"] for event in recorded] == pytest.approx([event["at_s"] for event in crossed][: len(recorded)])
    assert {"line-touched", "occupancy-changed"} <= {event["event"] for event in events}
