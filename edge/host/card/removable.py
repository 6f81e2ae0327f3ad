"""Whether a folder is on a card: nothing is ever written to a disk that belongs to the computer.

Linux: ``/proc/self/mountinfo`` and ``/sys/dev/block`` tell (Documentation/ABI/stable/sysfs-block). macOS: ``diskutil``.
Windows: ``GetDriveTypeW``. A folder that is no file system of its own is a plain folder, which may be written to: that
is how an image is prepared.
"""

from __future__ import annotations

import plistlib
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOUNTS, SYS = Path("/proc/self/mountinfo"), Path("/sys/dev/block")
LIMIT_S = 20.0
DRIVE_REMOVABLE, DRIVE_FIXED = 2, 3
ESCAPED = re.compile(r"\\([0-7]{3})")


def refuse_fixed(folder: Path, platform: str = sys.platform) -> None:
    """Raise ``InputError`` if ``folder`` is the file system of a disk that is no removable card."""
    if platform == "win32":
        _refuse_on_windows(folder)
    elif platform == "darwin":
        _refuse_on_a_mac(folder)
    else:
        refuse_on_linux(folder)


def refuse_on_linux(folder: Path, mounts: Path = MOUNTS, sys_block: Path = SYS) -> None:
    """The same on Linux, by what the kernel tells in these two places."""
    try:
        table = list(_mounts(mounts.read_text(encoding="utf-8", errors="surrogateescape")))
    except OSError as error:
        raise InputError(f"{mounts} cannot be read ({error.strerror}), so nobody knows what {folder} is.") from None
    device = next((number for number, place in reversed(table) if place == folder.resolve()), None)
    disk = None if device is None else _disk(sys_block / device)
    if disk is None or device is None:
        # No file system of its own, or one without a disk.
        return
    if any(place == Path("/") and _disk(sys_block / number) == disk for number, place in table):
        raise InputError(f"{folder} is on the disk this computer runs from; name the card's boot partition.")
    if disk.name.startswith("loop") or _says(disk / "removable") == "1" or _says(disk / "device" / "type") == "SD":
        return
    raise _fixed(folder, f"the disk {disk.name}")


def _mounts(table: str) -> Iterator[tuple[str, Path]]:
    """Major and minor number of each mounted file system, and where it is."""
    for row in table.splitlines():
        parts = row.split(" ")
        yield parts[2], Path(ESCAPED.sub(lambda code: chr(int(code[1], 8)), parts[4]))


def _disk(device: Path) -> Path | None:
    """The disk a partition is on, as a folder of /sys; None if it is on none."""
    if not device.exists():
        return None
    found = device.resolve()
    return found.parent if (found / "partition").exists() else found


def _says(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _refuse_on_a_mac(folder: Path) -> None:
    if not folder.is_mount():
        return
    asked = ["/usr/sbin/diskutil", "info", "-plist", str(folder)]
    try:
        answer = subprocess.run(asked, capture_output=True, timeout=LIMIT_S, check=True).stdout  # noqa: S603 - a fixed program; the folder is one word
        told = plistlib.loads(answer)
    except (OSError, subprocess.SubprocessError, plistlib.InvalidFileException) as error:
        raise InputError(f"diskutil did not tell what {folder} is ({type(error).__name__}); try again.") from None
    if not (told.get("RemovableMedia") or told.get("Ejectable")) or told.get("SystemImage"):
        raise _fixed(folder, f"the disk {told.get('ParentWholeDisk', '')}".strip())


def _refuse_on_windows(folder: Path) -> None:
    import ctypes  # noqa: PLC0415 - the library is there on Windows only

    if folder.resolve() != Path(folder.resolve().anchor):
        return
    kind = ctypes.windll.kernel32.GetDriveTypeW(folder.resolve().anchor)  # type: ignore[attr-defined,unused-ignore]
    if kind != DRIVE_REMOVABLE:
        raise _fixed(folder, f"the drive {folder.resolve().anchor}")


def _fixed(folder: Path, what: str) -> InputError:
    return InputError(f"{folder} is on {what}, which is no removable card; name the card's boot partition.")
