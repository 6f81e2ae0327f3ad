"""What Raspberry Pi OS up to Bookworm runs when it starts for the first time: a script on the card.

The kernel's command line names it to systemd (``systemd.run``, systemd-run-generator(8)); it takes itself out of that
line when it is done, and the box starts again.
"""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from edge.host.card.partition import CMDLINE, FIRST_RUN, FOLDER, INSTALLER, with_words, without_words

if TYPE_CHECKING:
    from edge.config.card import Card, Wifi

WORDS = {
    "systemd.run": f"/boot/{FIRST_RUN}", "systemd.run_success_action": "reboot",
    "systemd.unit": "kernel-command-line.target",
}  # fmt: skip
GROUPS = "adm,dialout,cdrom,sudo,audio,video,plugdev,users,input,render,netdev,gpio,i2c,spi"
CONNECTION = "/etc/NetworkManager/system-connections/acm-wifi.nmconnection"
HEAD = """#!/bin/sh
# Made for this box; it runs once and removes itself, since it may hold a password.
set -u
boot=$(cd "$(dirname "$0")" && pwd)
"""
UNIT = f"""
cat >/etc/systemd/system/acm-first-boot.service <<'END_OF_UNIT'
[Unit]
Description=Advanced Customer Messenger: installation from the card
After=local-fs.target
ConditionPathExists=!/usr/bin/acm

[Service]
Type=oneshot
ExecStart=/bin/sh BOOT/{FOLDER}/{INSTALLER}
TimeoutStartSec=30min

[Install]
WantedBy=multi-user.target
END_OF_UNIT
sed -i "s|BOOT|$boot|" /etc/systemd/system/acm-first-boot.service
ln -sf ../acm-first-boot.service /etc/systemd/system/multi-user.target.wants/acm-first-boot.service
"""


def first_run_files(card: Card, time_zone: str, cmdline: str) -> dict[str, str]:
    """The files by name, the kernel's command line among them."""
    parts = [HEAD, _naming(card.host, time_zone)]
    if card.ssh_keys:
        parts.append(_user(card))
    if card.country:
        parts.append(_country(card.country))
    if card.wifi is not None:
        parts.append(_wifi(card.wifi))
    parts += [UNIT, _end(without_words(cmdline, *WORDS))]
    return {FIRST_RUN: "".join(parts), CMDLINE: with_words(cmdline, WORDS) + "\n"}


def _naming(host: str, time_zone: str) -> str:
    return f"""
echo {quote(host)} >/etc/hostname
sed -i '/^127\\.0\\.1\\.1/d' /etc/hosts
printf '127.0.1.1\\t%s\\n' {quote(host)} >>/etc/hosts
ln -sf /usr/share/zoneinfo/{quote(time_zone)} /etc/localtime
echo {quote(time_zone)} >/etc/timezone
# Nobody is there to answer the questions of the first start.
systemctl disable userconfig.service 2>/dev/null
"""


def _user(card: Card) -> str:
    user, keys = quote(card.user), "\n".join(card.ssh_keys)
    return f"""
id {user} >/dev/null 2>&1 || useradd --create-home --shell /bin/bash {user}
for group in $(echo {GROUPS} | tr , ' '); do
    getent group "$group" >/dev/null && usermod --append --groups "$group" {user}
done
passwd --lock {user} >/dev/null
home=$(getent passwd {user} | cut -d: -f6)
install -d -m 700 -o {user} -g {user} "$home/.ssh"
cat >"$home/.ssh/authorized_keys" <<'END_OF_KEYS'
{keys}
END_OF_KEYS
chown {user}:{user} "$home/.ssh/authorized_keys"
chmod 600 "$home/.ssh/authorized_keys"
echo {quote(f"{card.user} ALL=(ALL) NOPASSWD:ALL")} >/etc/sudoers.d/010_{user}
chmod 440 /etc/sudoers.d/010_{user}
mkdir -p /etc/ssh/sshd_config.d
echo 'PasswordAuthentication no' >/etc/ssh/sshd_config.d/acm.conf
systemctl enable ssh.service
"""


def _country(country: str) -> str:
    return f"""
command -v raspi-config >/dev/null && raspi-config nonint do_wifi_country {quote(country)}
command -v rfkill >/dev/null && rfkill unblock wifi
"""


def _wifi(wifi: Wifi) -> str:
    """A connection of NetworkManager's (nm-settings-keyfile(5)); the name is told byte by byte, whatever is in it."""
    ssid = "".join(f"{byte};" for byte in wifi.ssid.encode())
    secured = ""
    if wifi.password is not None:
        secured = f"\n[wifi-security]\nkey-mgmt=wpa-psk\npsk={_keyfile(wifi.password)}\n"
    return f"""
cat >{CONNECTION} <<'END_OF_CONNECTION'
[connection]
id=acm-wifi
type=wifi
autoconnect=true

[wifi]
mode=infrastructure
ssid={ssid}
{secured}
[ipv4]
method=auto

[ipv6]
method=auto
END_OF_CONNECTION
chmod 600 {CONNECTION}
"""


def _keyfile(value: str) -> str:
    """As GLib's key files want it: backslashes doubled, and a space at the beginning written as an escape."""
    told = value.replace("\\", "\\\\")
    return "\\s" + told[1:] if told.startswith(" ") else told


def _end(cmdline: str) -> str:
    """Read as a whole before it runs: the shell must not read on in a script that is gone."""
    return f"""
{{
    printf '%s\\n' {quote(cmdline)} >"$boot/{CMDLINE}"
    dd if=/dev/zero of="$boot/{FIRST_RUN}" bs="$(stat -c %s "$boot/{FIRST_RUN}")" count=1 conv=notrunc 2>/dev/null
    sync
    rm -f "$boot/{FIRST_RUN}"
    sync
    exit 0
}}
"""
