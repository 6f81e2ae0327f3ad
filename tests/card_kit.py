"""The boot partition of a card just flashed, of the systems there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CAMERA = '[[camera]]\nname = "door"\nsource = "sim"\n'
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAkoUeP1/I49QZToki80wqaYrRw/ILnWR+QCvv+Jp2f2 me@laptop"
ROOT = "console=tty1 root=PARTUUID=1234-02 rootwait quiet"
FRESH = {
    "trixie": {"cmdline.txt": f"{ROOT} ds=nocloud;i=rpi-image\n", "user-data": "", "network-config": "",
               "meta-data": ""},
    "bookworm": {"cmdline.txt": f"{ROOT} init=/usr/lib/raspberrypi-sys-mods/firstboot\n"},
}


def boot_partition(folder: Path, system: str) -> Path:
    folder.mkdir()
    for name, text in {**FRESH[system], "config.txt": "camera_auto_detect=1\n"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
