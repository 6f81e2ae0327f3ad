"""Packages of the product for the rig: this source's, an older one's, and one that was broken on purpose."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from machine import ROOT

NAME = "customer-messenger"
OLDER, NEWER = "0.0.1", "99.0.0"
PARTS = (
    "edge", "systemd", "config", "tools", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "requirements.lock",
    "requirements-test.lock",
)  # fmt: skip
# Libraries are kept where the next run finds them.
WHEELS = ROOT / ".venv" / ".wheels"
EPOCH = "1700000000"


def system_python() -> str:
    """The version of Python that packages of this machine are for."""
    asked = ["/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - fixed words


def copied(into: Path, version: str = "") -> Path:
    """A copy of this source, with another version if one is given."""
    left_out = shutil.ignore_patterns("__pycache__")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, into / part, ignore=left_out)
        else:
            shutil.copyfile(ROOT / part, into / part)
    if version:
        head = into / "edge" / "__init__.py"
        head.write_text(re.sub(r'__version__ = ".*"', f'__version__ = "{version}"', head.read_text("utf-8")), "utf-8")
    return into


def built(out: Path, source: Path = ROOT, *words: str) -> Path:
    """The package of a source, for this machine's Python, unpacked quickly."""
    command = [sys.executable, str(source / "tools" / "build_deb.py"), "--source", str(source), "--out", str(out)]
    command += ["--python", system_python(), "--wheels", str(WHEELS), "--compression", "none", *words]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - as above
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.split()[-1])
