"""``acm panel`` as a process: what it says, what it refuses in a sentence, and that nothing is left of it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
from clips import write_clip
from daemon_kit import Daemon
from panel.kit import PanelProcess, shop_settings
from ports import free_port

from edge.storage.panel.store import PanelStore

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT_S = 40.0
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("box")
    (folder / "acm.toml").write_text(shop_settings(), encoding="utf-8")
    return folder


def acm(*words: object, **how: object) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    return subprocess.Popen([sys.executable, "-m", "edge", *map(str, words)], text=True, cwd=ROOT, **pipes)  # noqa: S603 - ourselves


def panel(folder: Path, *words: object) -> subprocess.Popen[str]:
    places = ("--config", folder / "acm.toml", "--state", folder, "--control", folder / "none.sock")
    return acm("panel", *places, "--host", "127.0.0.1", *words)


def refused(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode in (1, 2)
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_what_keeps_it_from_starting_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"cannot be served at 127.0.0.1, port {port} (Address already in use)" in refused(
            panel(folder, "--port", port)
        )
    assert "Guests are let in on this machine only" in refused(panel(folder, "--guest", "--host", "0.0.0.0"))  # noqa: S104 - refused
    assert "from 1 to 65535" in refused(panel(folder, "--port", "99999"))
    (tmp_path / "acm.toml").write_text("[panel]\nprot = 1\n", encoding="utf-8")
    assert "did you mean port?" in refused(panel(tmp_path))
    (tmp_path / "acm.toml").write_text('[panel]\ncertificate = "/x.pem"\n', encoding="utf-8")
    assert "a certificate needs its key" in refused(panel(tmp_path))
    assert "cannot be made" in refused(panel(folder, "--own", "/proc/nowhere"))


def test_a_new_claim_link_sets_an_owners_password_anew(folder: Path) -> None:
    (folder / "own").mkdir()
    with PanelStore(folder / "own" / "panel.db") as store:
        store.users.add("Ada", "an old hash", "owner", 0)
    with Daemon(folder, shop_settings()) as daemon, PanelProcess(daemon, ("--claim",)) as served:
        assert "Set a new owner's password by this link" in served.said
        assert urllib.request.urlopen(served.claim_link, timeout=10).status == 200  # noqa: S310 - our own server
        before = served.claim_link
        served.stop(signal.SIGINT)
        assert served.process is not None
        assert served.process.returncode == 0
        again = served.start()
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(before, timeout=10)  # noqa: S310 - as above
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(again.claim_link.replace("/claim/", "/claim/x"), timeout=10)  # noqa: S310 - as above


def test_a_claim_link_outlives_a_restart_until_it_is_used(tmp_path: Path) -> None:
    with Daemon(tmp_path, shop_settings()) as daemon, PanelProcess(daemon) as served:
        kept = served.claim_link
        served.stop(signal.SIGKILL)
        assert served.start().claim_link == kept
        (tmp_path / "own" / "claim-link").write_bytes(b"\xff no link")
        served.stop()
        assert served.start().claim_link != kept
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(kept, timeout=10)  # noqa: S310 - our own server


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    clip = write_clip(tmp_path / "walk.avi", 60)
    process = acm("demo", clip, "--no-sound", env={**os.environ, "TMPDIR": str(tmp_path)})
    assert process.stdout is not None
    link = ""
    while not link:
        row = process.stdout.readline()
        assert row, process.communicate()
        link = "".join(re.findall(r"http\S+/enter/\S+", row))
    yield process, link
    if process.poll() is None:
        process.kill()
        process.communicate()


def gone(link: str) -> bool:
    """Whether nobody serves there any more, soon."""
    port = int(re.findall(r":(\d+)/", link)[0])
    for _ in range(100):
        with closing(socket.socket()) as knock:
            knock.settimeout(0.1)
            if knock.connect_ex(("127.0.0.1", port)) != 0:
                return True
        Event().wait(0.05)
    return False


def test_a_demonstration_has_a_panel_that_ends_with_it(demonstration: tuple[subprocess.Popen[str], str]) -> None:
    process, link = demonstration
    with urllib.request.urlopen(link, timeout=10) as page:  # noqa: S310 - our own server
        assert page.status == 200
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[-1].startswith("Stopped ")
    assert gone(link)


def test_the_panel_of_a_demonstration_that_is_killed_ends_too(demonstration: tuple[subprocess.Popen[str], str]) -> None:
    process, link = demonstration
    process.kill()
    process.communicate(timeout=LIMIT_S)
    assert gone(link)


def test_a_port_that_is_taken_is_passed_over_where_that_is_allowed(folder: Path) -> None:
    port = free_port()
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        process = panel(folder, "--port", port, "--next-port")
        assert process.stdout is not None
        row = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=LIMIT_S)
    found = int(re.findall(r":(\d+)/", row)[0])
    assert port < found < port + 20
    assert err == ""
