"""What cloud-init reads from the card (Raspberry Pi OS from Trixie on): NoCloud's user-data, network-config, meta-data.

Written as JSON, which is YAML, too. Formats: https://docs.cloudinit.io, "User data formats" and "Networking config
Version 2".
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from edge.host.card.partition import (
    CMDLINE,
    FOLDER,
    INSTALLER,
    META_DATA,
    NETWORK,
    USER_DATA,
    with_words,
)

if TYPE_CHECKING:
    from edge.config.card import Card

BOOT = "/boot/firmware"
GROUPS = "adm,dialout,cdrom,sudo,audio,video,plugdev,users,input,render,netdev,gpio,i2c,spi"


def cloud_files(card: Card, time_zone: str, cmdline: str) -> dict[str, str]:
    """The files by name, the kernel's command line among them."""
    user_data, network = _user_data(card, time_zone), _network(card)
    # Another card is another first start to cloud-init; the same card written twice is not.
    digest = hashlib.sha256((user_data + network + card.settings + card.secrets).encode()).hexdigest()[:12]
    instance = f"{card.host}-{digest}"
    return {
        USER_DATA: user_data,
        NETWORK: network,
        META_DATA: _json({"instance-id": instance, "local-hostname": card.host}),
        CMDLINE: with_words(cmdline, {"ds": f"nocloud;i={instance}"}) + "\n",
    }


def _user_data(card: Card, time_zone: str) -> str:
    told: dict[str, Any] = {"hostname": card.host, "manage_etc_hosts": True, "timezone": time_zone}
    run: list[list[str]] = [["sh", f"{BOOT}/{FOLDER}/{INSTALLER}"]]
    if card.ssh_keys:
        told["ssh_pwauth"] = False
        told["users"] = [{
            "name": card.user, "gecos": "Installer", "groups": GROUPS, "shell": "/bin/bash", "lock_passwd": True,
            "sudo": "ALL=(ALL) NOPASSWD:ALL", "ssh_authorized_keys": list(card.ssh_keys),
        }]  # fmt: skip
        run.insert(0, ["systemctl", "enable", "--now", "ssh.service"])
    told["runcmd"] = run
    return "#cloud-config\n" + _json(told)


def _network(card: Card) -> str:
    told: dict[str, Any] = {"version": 2, "ethernets": {"eth0": {"dhcp4": True, "optional": True}}}
    if card.wifi is not None:
        access = {} if card.wifi.password is None else {"password": card.wifi.password}
        told["wifis"] = {"wlan0": {
            "dhcp4": True, "optional": True, "regulatory-domain": card.country,
            "access-points": {card.wifi.ssid: access},
        }}  # fmt: skip
    return _json(told)


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
