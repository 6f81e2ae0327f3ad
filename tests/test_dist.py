"""Wheel and source distribution: the same bytes each time, everything in them, and they count by themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import pytest
from packages import copied

from edge import __version__
from edge.host.sample_clip import sample_clip

EPOCH = "1700000000"
# Of the first seconds of the sample clip: some people go one way or the other.
SECONDS = 12


def build(source: Path, out: Path) -> tuple[Path, Path]:
    """The wheel and the source distribution of a source."""
    command = [sys.executable, str(source / "tools" / "build_dist.py"), "--source", str(source), "--out", str(out)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr
    wheel, source_archive = map(Path, done.stdout.split())
    return wheel, source_archive


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This source as it stands now, so that nobody changes it meanwhile."""
    return copied(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def made(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(source, tmp_path_factory.mktemp("dist"))


def test_everything_is_in_the_wheel(source: Path, made: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(made[0]).namelist())
    share = f"customer_messenger-{__version__}.data/data/share/customer-messenger/"
    for folder, before in (("edge", ""), ("systemd", share), ("config", share)):
        wanted = {before + str(path.relative_to(source)) for path in (source / folder).rglob("*") if path.is_file()}
        assert wanted - names == set()
    assert not [name for name in names if name.startswith(("tests", "tools"))]


def test_a_wheel_of_the_source_distribution_is_the_same_wheel(made: tuple[Path, Path], tmp_path: Path) -> None:
    wheel, archive = made
    subprocess.run(["tar", "-xf", str(archive), "-C", str(tmp_path)], check=True)  # noqa: S603, S607 - fixed words
    (source,) = tmp_path.iterdir()
    code = "import sys, setuptools.build_meta as build; build.build_wheel(sys.argv[1])"
    command = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=source, check=True, capture_output=True, env=environment)  # noqa: S603 - ours
    again = zipfile.ZipFile(tmp_path / wheel.name)
    assert sorted(again.namelist()) == sorted(zipfile.ZipFile(wheel).namelist())
    for name in again.namelist():
        assert again.read(name) == zipfile.ZipFile(wheel).read(name), name


def test_the_same_source_makes_the_same_bytes(source: Path, made: tuple[Path, Path], tmp_path: Path) -> None:
    for before, after in zip(made, build(source, tmp_path), strict=True):
        assert after.read_bytes() == before.read_bytes(), before.name


def test_the_wheel_counts_in_an_environment_that_has_nothing_else_of_ours(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    place = tmp_path / "empty"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)  # noqa: S603 - ours
    python = place / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(made[0])], check=True)  # noqa: S603 - ours
    # The libraries are those of the tests; of this source only the wheel is there.
    (site,) = place.glob("lib/*/site-packages")
    (site / "libraries.pth").write_text(f"{Path(cv2.__file__).parents[1]}\n")
    clip = shortened(sample_clip(print), tmp_path / "clip.avi")
    words = [str(place / "bin" / "acm"), "replay", str(clip), "--line", "0.5,0,0.5,1", "--in", "left-to-right"]
    done = subprocess.run([*words, "--json"], cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr
    (counted,) = json.loads(done.stdout)["lines"]
    assert counted["in"] + counted["out"] > 0
    where = [str(python), "-c", "import edge; print(edge.__file__)"]
    told = subprocess.run(where, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert told.stdout.startswith(str(place))
    assert (place / "share/customer-messenger/systemd/acm.service").is_file()


def shortened(clip: Path, place: Path) -> Path:
    """The first seconds of a clip."""
    reader = cv2.VideoCapture(str(clip))
    rate = reader.get(cv2.CAP_PROP_FPS)
    writer = None
    for _ in range(int(SECONDS * rate)):
        _, picture = reader.read()
        if writer is None:
            size = (picture.shape[1], picture.shape[0])
            writer = cv2.VideoWriter(str(place), cv2.VideoWriter.fourcc(*"MJPG"), rate, size)
        writer.write(picture)
    assert writer is not None
    writer.release()
    return place
