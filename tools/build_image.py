"""Makes a card image with the product installed, from one of Raspberry Pi OS, for whoever sets up many boxes.

    sudo python tools/build_image.py raspios-lite.img customer-messenger_1.0.0_arm64.deb --out acm.img

The image is grown, its root mounted, the package installed in it, and what is one machine's own taken out; then it is
shrunk as far as it goes. Flash it and prepare each card with tools/sdcard.py as usual: that takes seconds then, since
nothing is left to install. Needs root, losetup, sfdisk, e2fsprogs; on another processor than the box's also qemu-user
(apt install qemu-user-static).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("losetup", "sfdisk", "resize2fs", "e2fsck", "mount", "umount", "chroot")
SECTOR = 512
# For libraries unpacked and a package beside them; what is not used goes again at the end.
GROWN_BYTES = 2 << 30
SPARE_BYTES = 64 << 20
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
# What no two boxes may have in common.
OWN = (
    "etc/machine-id", "var/lib/dbus/machine-id", "var/lib/systemd/random-seed", "etc/ssh/ssh_host_*",
    "root/.bash_history", "var/log/*.log", "var/log/journal/*", "var/cache/apt/archives/*.deb", "var/lib/apt/lists/*_*",
    "var/lib/acm/*", "var/lib/acm-panel/*",
)  # fmt: skip


class ImageError(Exception):
    """Something the user can mend, in a sentence."""


@dataclass(frozen=True)
class Part:
    """A partition: its number, and where it lies in the file, in bytes."""

    number: int
    start: int
    size: int


def run(*words: str | Path, text: str | None = None) -> str:
    """A command; what it printed. ``ImageError`` with its last words if it fails."""
    done = subprocess.run([str(word) for word in words], input=text, capture_output=True, text=True, check=False)  # noqa: S603 - no shell, each word is one
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise ImageError(f"{words[0]} failed: {' '.join(last) or done.returncode}")
    return done.stdout


def parts(image: Path) -> list[Part]:
    """The partitions of an image."""
    try:
        table = json.loads(run("sfdisk", "--json", image))["partitiontable"]
    except (ImageError, ValueError, KeyError):
        raise ImageError(f"{image} has no partitions; unpack it first (xz -d) and name the .img file.") from None
    sector = int(table.get("sectorsize", SECTOR))
    rows = enumerate(table["partitions"], 1)
    return [Part(number, one["start"] * sector, one["size"] * sector) for number, one in rows]


def root_of(image: Path) -> Part:
    """Its last partition, which has the system."""
    found = parts(image)
    if len(found) != 2:
        raise ImageError(f"{image} has {len(found)} partitions; Raspberry Pi OS has two, for booting and the root.")
    return found[-1]


@contextmanager
def looped(image: Path, part: Part) -> Iterator[Path]:
    """A partition as a device."""
    where = ("--offset", str(part.start), "--sizelimit", str(part.size))
    device = run("losetup", "--find", "--show", *where, image).strip()
    try:
        yield Path(device)
    finally:
        run("losetup", "--detach", device)


@contextmanager
def mounted(device: Path) -> Iterator[Path]:
    """A root in its place, with what programs in it expect of a running system."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        run("mount", device, root)
        try:
            for name in ("proc", "sys", "dev"):
                run("mount", "--rbind", f"/{name}", root / name)
                run("mount", "--make-rslave", root / name)
            yield root
        finally:
            run("umount", "--recursive", "--lazy", root)


def grow(image: Path) -> None:
    """Make room at the end, and give it to the root."""
    root = root_of(image)
    os.truncate(image, image.stat().st_size + GROWN_BYTES)
    run("sfdisk", "--no-reread", "--no-tell-kernel", "-N", str(root.number), image, text=", +\n")
    with looped(image, root_of(image)) as device:
        check(device)
        run("resize2fs", device)


def check(device: Path) -> None:
    """Repair what can be, so that the size may be changed."""
    done = subprocess.run(["e2fsck", "-f", "-p", device], capture_output=True, text=True, check=False)  # noqa: S603, S607 - fixed words
    if done.returncode > 1:
        raise ImageError(f"the root of the image is damaged ({done.stdout.strip()[-200:]}); take another image.")


def install(root: Path, packages: list[Path]) -> None:
    """Install the packages in the root, without starting anything."""
    told = run("dpkg-deb", "--field", packages[0], "Architecture").strip()
    here = run("chroot", root, "dpkg", "--print-architecture").strip() if _runs(root) else ""
    if not here:
        raise ImageError(f"the image's programs do not run on this {platform.machine()}; apt install qemu-user-static.")
    if told not in (here, "all"):
        raise ImageError(f"{packages[0].name} is for {told} and the image for {here}; name the package for {here}.")
    refuse = root / "usr/sbin/policy-rc.d"
    refuse.write_text("#!/bin/sh\nexit 101\n")
    refuse.chmod(0o755)
    place = root / "acm-packages"
    place.mkdir()
    try:
        for package in packages:
            shutil.copy(package, place)
        inside = [f"/acm-packages/{package.name}" for package in packages]
        run("chroot", root, "dpkg", "--install", *inside)
        if run("chroot", root, "acm", "--version").split()[0] != "acm":
            raise ImageError("the program does not start in the image.")
    finally:
        shutil.rmtree(place)
        refuse.unlink()


def _runs(root: Path) -> bool:
    tried = subprocess.run(["chroot", root, "true"], capture_output=True, check=False)  # noqa: S603, S607 - fixed words
    return tried.returncode == 0


def make_common(root: Path) -> None:
    """Take out what belongs to one machine."""
    for pattern in OWN:
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    (root / "etc/machine-id").write_text("uninitialized\n")
    # The keys of ssh are made at the first start.
    keys = root / "usr/lib/systemd/system/regenerate_ssh_host_keys.service"
    wanted = root / "etc/systemd/system/multi-user.target.wants/regenerate_ssh_host_keys.service"
    if keys.exists() and not wanted.is_symlink():
        wanted.symlink_to("/usr/lib/systemd/system/regenerate_ssh_host_keys.service")


def shrink(image: Path) -> None:
    """Give back what is not used; the card's system grows its root again when it starts for the first time."""
    root = root_of(image)
    with looped(image, root) as device:
        check(device)
        run("resize2fs", "-M", device)
        told = dict(row.split(":", 1) for row in run("dumpe2fs", "-h", device).splitlines() if ":" in row)
        used = int(told["Block count"]) * int(told["Block size"]) + SPARE_BYTES
        used = min(root.size, -(-used // (1 << 20)) * (1 << 20))
        run("resize2fs", device, f"{used // 1024}K")
    run("sfdisk", "--no-reread", "--no-tell-kernel", "-N", str(root.number), image, text=f", {used // SECTOR}\n")
    os.truncate(image, root.start + used)


def build(base: Path, packages: list[Path], out: Path) -> None:
    """The whole of it. ``out`` appears when it is done."""
    part = out.with_name(f"{out.name}.part")
    shutil.copyfile(base, part)
    try:
        grow(part)
        with looped(part, root_of(part)) as device, mounted(device) as root:
            install(root, packages)
            make_common(root)
        shrink(part)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def refuse_what_cannot_be(*files: Path) -> None:
    """``ImageError`` if this is not root, a program is missing, or a file."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        raise ImageError(f"install {', '.join(missing)} first.")
    if os.geteuid():
        raise ImageError(f"this is for root; say: sudo {sys.argv[0]}")
    for path in files:
        if not path.is_file():
            raise ImageError(f"there is no file {path}.")


def main(words: list[str]) -> int:
    """Do it; 2 for what the user can mend."""
    made = argparse.ArgumentParser("build_image.py", description="Makes a card image with the product installed.")
    made.add_argument("base", type=Path, help="an image of Raspberry Pi OS (.img)")
    made.add_argument("package", type=Path, nargs="+", help="the product's package, and others it needs (.deb)")
    made.add_argument("--out", type=Path, default=Path("acm.img"), help="the image to make (acm.img)")
    asked = made.parse_args(words)
    try:
        refuse_what_cannot_be(asked.base, *asked.package)
        build(asked.base, asked.package, asked.out)
    except (ImageError, OSError) as error:
        sys.stderr.write(f"build_image: {error}\n")
        return 2
    size_mb = asked.out.stat().st_size >> 20
    sys.stdout.write(f"{asked.out}: {size_mb} MB. Flash it, then prepare each card: sdcard.py --installed.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
