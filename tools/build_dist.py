"""Makes the wheel and the source distribution, the same bytes from the same source.

    python tools/build_dist.py [--source FOLDER] [--out dist]

SOURCE_DATE_EPOCH is the moment they carry, by default that of the last commit.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = (
    "edge", "systemd", "config", "tools", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md",
    "requirements.lock", "requirements-test.lock",
)  # fmt: skip
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info", ".*")
# 2020-01-01, for a source that knows of no commit.
SOME_DAY = 1577836800
BUILD = "import sys, setuptools.build_meta as build; build.build_{0}(sys.argv[1])"


def moment(source: Path) -> int:
    """The moment everything carries, in seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdecimal():
        return int(given)
    asked = ["git", "-C", str(source), "log", "-1", "--format=%ct"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - fixed words
    return int(told) if told.isdecimal() else SOME_DAY


def copied(source: Path, into: Path, at: int) -> Path:
    """The source without what a build or a test left in it; files of equal rights and age."""
    for part in PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, into / part, ignore=LEFT_OUT)
        else:
            shutil.copyfile(source / part, into / part)
    for path in [into, *into.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (at, at))
    return into


def built(kind: str, tree: Path, out: Path, at: int) -> Path:
    """A "wheel" or "sdist" of a copied source, in the folder ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(at), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-W", "ignore", "-c", BUILD.format(kind), folder]
        old = os.umask(0o022)
        try:
            done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        finally:
            os.umask(old)
        if done.returncode != 0:
            raise SystemExit(f"build_dist: the {kind} cannot be made:\n{done.stderr[-2000:]}")
        (made,) = Path(folder).iterdir()
        if kind == "sdist":
            _packed_again(made, at)
        return Path(shutil.move(made, out / made.name))


def _packed_again(path: Path, at: int) -> None:
    """Archives say who packed them and when: pack it again, saying neither."""
    with tarfile.open(path) as archive:
        members = sorted(archive.getmembers(), key=lambda member: member.name)
        files = [(member, archive.extractfile(member) if member.isfile() else None) for member in members]
        with (
            path.with_suffix(".new").open("wb") as raw,
            gzip.GzipFile("", "wb", 9, raw, mtime=at) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as again,
        ):
            for member, file in files:
                member.uid = member.gid = 0
                member.uname = member.gname = ""
                member.mtime, member.pax_headers = at, {}
                again.addfile(member, file)
    path.with_suffix(".new").replace(path)


def main() -> None:
    """Build both."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--source", type=Path, default=ROOT, help="the source (this one)")
    asked.add_argument("--out", type=Path, default=ROOT / "dist", help="where to put them (dist)")
    ask = asked.parse_args()
    at = moment(ask.source)
    for kind in ("wheel", "sdist"):
        with tempfile.TemporaryDirectory() as folder:
            print(built(kind, copied(ask.source, Path(folder), at), ask.out, at))


if __name__ == "__main__":
    main()
