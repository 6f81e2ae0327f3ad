"""``acm hub demo``: a hub, two shops that enrol and send by themselves, counts as its API tells them, and its panel."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

WITHIN_S = 60.0


def test_two_shops_are_counted_at_a_hub(tmp_path: Path) -> None:
    token = tmp_path / "token"
    words = [sys.executable, "-m", "edge", "hub", "demo", "--token-file", str(token)]
    demo = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)  # noqa: S603 - ourselves
    try:
        assert demo.stdout is not None
        said, end_s = "", time.monotonic() + WITHIN_S
        wanted = (r"Istanbul in \d+ out \d+ +Paris in \d+ out \d+", r"Look at it: http://\S+/enter/\S+\n")
        while not all(re.search(one, said) for one in wanted):
            assert time.monotonic() < end_s, said
            assert demo.poll() is None, said + demo.stderr.read().decode() if demo.stderr else said
            if select.select([demo.stdout], [], [], 0.5)[0]:
                said += os.read(demo.stdout.fileno(), 4096).decode()
        assert token.stat().st_mode & 0o777 == 0o600
        address = re.search(r'"(http://[^"]+/v1/counts[^"]*)"', said)
        assert address is not None
        asked = urllib.request.Request(address[1], headers={"Authorization": f"Bearer {token.read_text()}"})  # noqa: S310 - of this machine
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - as above
            counts = json.load(answer)["counts"]
        assert {count["site"] for count in counts} == {"Istanbul", "Paris"}
        assert sum(count["ins"] + count["outs"] for count in counts) > 0
        link = re.search(r"Look at it: (\S+)", said)
        assert link is not None
        window = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        assert b"Istanbul" in window.open(link[1], timeout=20).read()
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
        assert not token.exists()
    finally:
        demo.kill()
        demo.communicate()


def test_a_bench_without_postgresql_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    from edge.cli import main  # noqa: PLC0415 - the command itself

    assert main(["bench", "sync", "--database", "sqlite:////tmp/hub.db"]) == 2
    assert capfd.readouterr().err == (
        "acm: --database: bench sync compares with PostgreSQL; give an address postgresql://...\n"
    )
