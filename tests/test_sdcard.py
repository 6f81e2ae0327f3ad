"""The tool that prepares a card, as it is called on a laptop; what it makes is judged by cloud-init's own tools."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from card_kit import CAMERA, KEY, boot_partition

TOOL = Path(__file__).parent.parent / "tools" / "sdcard.py"
# The system's own Python has what cloud-init needs (Makefile).
SYSTEM_PYTHON = "/usr/bin/python3"
LIMIT_S = 120
LINES = '[[camera.line]]\nname = "entrance"\nfrom = [0.5, 0.0]\nto = [0.5, 1.0]\nin = "left-to-right"\n'


@pytest.fixture
def laptop(tmp_path: Path) -> Path:
    (tmp_path / "customer-messenger_1.0.0_arm64.deb").write_bytes(b"!<arch>\ndebian-binary   and so on")
    (tmp_path / "acm.toml").write_text(CAMERA + LINES)
    (tmp_path / "id.pub").write_text(KEY + "\n")
    (tmp_path / "wifi.txt").write_text("Blue Umbrella 7\n")
    return tmp_path


def sdcard(laptop: Path, boot: Path, *words: str) -> subprocess.CompletedProcess[str]:
    usual = ["--settings", "acm.toml", "--deb", "customer-messenger_1.0.0_arm64.deb", "--host", "corner-shop"]
    return subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, TOOL, str(boot), *usual, *words], cwd=laptop, capture_output=True, text=True, check=False,
        timeout=LIMIT_S, env={**os.environ, "PYTHONPATH": str(TOOL.parent.parent)},
    )  # fmt: skip


WIFI = ("--country", "DE", "--wifi", "Über Café", "--wifi-password-file", "wifi.txt", "--ssh-key", "id.pub",
        "--site", "Corner Shop", "--time-zone", "Europe/Berlin")  # fmt: skip


@pytest.mark.parametrize("system", ["trixie", "bookworm"])
def test_a_card_is_prepared_and_a_dry_run_writes_nothing(laptop: Path, system: str) -> None:
    boot = boot_partition(laptop / "boot", system)
    before = {path.name: path.read_bytes() for path in boot.iterdir()}
    tried = sdcard(laptop, boot, *WIFI, "--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert "Nothing was written" in tried.stdout
    assert {path.name: path.read_bytes() for path in boot.iterdir()} == before
    made = sdcard(laptop, boot, *WIFI)
    assert (made.returncode, made.stderr) == (0, "")
    assert "Umbrella" not in tried.stdout + made.stdout
    assert (boot / "acm" / "customer-messenger_1.0.0_arm64.deb").stat().st_size > 0
    assert (boot / "acm" / "install.sh").read_text().startswith("#!/bin/sh")
    subprocess.run(["sh", "-n", boot / "acm" / "install.sh"], check=True)  # noqa: S603, S607 - only parsed


def test_an_image_that_has_the_product_needs_no_package(laptop: Path) -> None:
    boot = boot_partition(laptop / "boot", "trixie")
    words = ["--settings", "acm.toml", "--host", "shop"]
    told = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, TOOL, str(boot), *words], cwd=laptop, capture_output=True, text=True, check=False,
        timeout=LIMIT_S, env={**os.environ, "PYTHONPATH": str(TOOL.parent.parent)},
    )  # fmt: skip
    assert (told.returncode, told.stderr.count("\n")) == (2, 1)
    assert "is missing; name it" in told.stderr
    assert sdcard(laptop, boot, "--installed").returncode == 0


def test_every_mistake_is_told_before_anything_is_written(laptop: Path) -> None:
    boot = boot_partition(laptop / "boot", "trixie")
    (laptop / "acm.toml").write_text("[site]\n")
    (laptop / "wifi.txt").write_text("short\n")
    told = sdcard(laptop, boot, *WIFI, "--country", "UK", "--time-zone", "Europe/Berln", "--deb", "none.deb",
                  "--ssh-key", "acm.toml")  # fmt: skip
    assert told.returncode == 2
    rows = told.stderr.splitlines()
    assert all(row.startswith("sdcard: ") for row in rows)
    for word in ("'UK'", "this one has 5", "Europe/Berlin", "no camera", "none.deb", "no public key"):
        assert sum(word in row for row in rows) == 1, (word, rows)
    assert sorted(path.name for path in boot.iterdir()) == [
        "cmdline.txt", "config.txt", "meta-data", "network-config", "user-data"
    ]  # fmt: skip


@pytest.fixture(scope="module")
def cloud_init(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Debian's cloud-init and netplan, unpacked and not installed: a computer must not set itself up anew."""
    folder = tmp_path_factory.mktemp("cloud")
    packages = ["cloud-init", "netplan.io", "libnetplan0"]
    subprocess.run(["apt-get", "download", *packages], cwd=folder, capture_output=True, check=True, timeout=LIMIT_S)  # noqa: S603, S607 - fixed words
    for archive in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", archive, folder / "root"], check=True, timeout=LIMIT_S)  # noqa: S603, S607 - as above
    return folder / "root"


@pytest.mark.parametrize("words", [WIFI, ()], ids=["wifi", "cable"])
def test_cloud_init_and_netplan_take_what_was_written(laptop: Path, cloud_init: Path, words: tuple[str, ...]) -> None:
    boot = boot_partition(laptop / "boot", "trixie")
    assert sdcard(laptop, boot, *words).returncode == 0
    modules = cloud_init / "usr/lib/python3/dist-packages"
    judged = subprocess.run(  # noqa: S603 - fixed words
        [SYSTEM_PYTHON, "-m", "cloudinit.cmd.main", "schema", "--config-file", boot / "user-data"],
        env={"PYTHONPATH": str(modules), "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
        timeout=LIMIT_S,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "Valid" in judged.stdout
    root = laptop / "root"
    (root / "etc/netplan").mkdir(parents=True)
    plan = root / "etc/netplan/50-cloud-init.yaml"
    plan.write_text('{"network": ' + (boot / "network-config").read_text(encoding="utf-8") + "}", encoding="utf-8")
    plan.chmod(0o600)
    generate = next(path for path in cloud_init.glob("*/**/netplan/generate") if path.is_file())
    library = next(cloud_init.glob("**/libnetplan.so*")).parent
    subprocess.run(  # noqa: S603 - as above
        [generate, "--root-dir", root], check=True, timeout=LIMIT_S, env={"LD_LIBRARY_PATH": str(library)}
    )
    made = "".join(path.read_text(errors="replace") for path in root.glob("run/**/*") if path.is_file())
    assert ("Blue Umbrella 7" in made) == bool(words)
