#!/bin/sh
# Installs Advanced Customer Messenger on a Jetson with JetPack 6 (Ubuntu 22.04, Python 3.10, OpenCV of JetPack).
#
#   sudo tools/install_jetson.sh [WHEEL]      WHEEL: customer_messenger-VERSION-py3-none-any.whl (default: this folder)
#
# What is different from a Raspberry Pi, and why, is told in edge/guides/jetson.md. Run it again to upgrade: records and
# settings stay.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
what=${1:-$here}
home=/opt/acm
say() { printf 'install_jetson: %s\n' "$*"; }
stop() { printf 'install_jetson: %s\n' "$*" >&2; exit 2; }

[ "$(id -u)" = 0 ] || stop "this is for root; say: sudo $0"
[ -e "$what" ] || stop "there is no $what; name the wheel."
[ "$(uname -m)" = aarch64 ] || stop "this is no Jetson (its processor is $(uname -m)); use the Debian package."
[ -e /etc/nv_tegra_release ] || stop "/etc/nv_tegra_release is missing, so this is no JetPack; use the Debian package."
release=$(sed -n 's/^# R\([0-9]*\).*/\1/p' /etc/nv_tegra_release)
[ "${release:-0}" -ge 36 ] || stop "this is JetPack with L4T R${release:-?}; JetPack 6 (R36) or newer is needed."
python=$(command -v python3.10 || command -v python3) || stop "there is no Python; apt install python3.10-venv"
"$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || stop "Python 3.10 to 3.13 is needed."

say "installing what comes from the system"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends python3-venv python3-systemd python3-gi gstreamer1.0-plugins-base \
    gstreamer1.0-plugins-good alsa-utils espeak-ng >/dev/null

say "installing the program into $home/venv"
mkdir -p "$home"
# JetPack's OpenCV can read the camera through GStreamer, which none from pip can; the environment sees it.
"$python" -m venv --system-site-packages "$home/venv.new"
# JetPack's OpenCV was compiled for Ubuntu's numpy 1.21; such a module cannot be loaded beside numpy 2.
if "$python" -c 'import cv2, sys; sys.exit("GStreamer:                   YES" not in cv2.getBuildInformation())' 2>/dev/null
then
    "$home/venv.new/bin/pip" install --quiet --disable-pip-version-check "$what[sound,pi,panel,reports]" "numpy<2"
    # pip brought an OpenCV of its own, which would go before JetPack's.
    "$home/venv.new/bin/pip" uninstall --quiet --yes opencv-python-headless
else
    "$home/venv.new/bin/pip" install --quiet --disable-pip-version-check "$what[sound,pi,panel,reports]"
    say "OpenCV of JetPack has no GStreamer or is missing: USB and network cameras work, the CSI camera does not"
    say "(apt install nvidia-jetpack brings it)"
fi
"$home/venv.new/bin/acm" --version >/dev/null || stop "the program does not start; $home/venv.new is left to look at."
"$home/venv.new/bin/python" -c 'import cv2' || stop "OpenCV cannot be loaded; $home/venv.new is left to look at."

say "putting it in place"
rm -rf "$home/venv.old"
[ ! -e "$home/venv" ] || mv "$home/venv" "$home/venv.old"
mv "$home/venv.new" "$home/venv"
# Scripts name the folder they were made for.
grep -rlF "$home/venv.new" "$home/venv/bin" | xargs -r sed -i "s|$home/venv.new|$home/venv|g"
ln -sfn "$home/venv/bin/acm" /usr/bin/acm
shared=$("$home/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("data"))')/share/customer-messenger
units=$shared/systemd
[ -d "$units" ] || units=$here/systemd
defaults=$shared/config
[ -d "$defaults" ] || defaults=$here/config
cp "$units"/acm.service "$units"/acm-panel.service /etc/systemd/system/
cp "$units"/sysusers.d/acm.conf "$units"/sysusers.d/acm-panel.conf /usr/lib/sysusers.d/
cp "$units"/tmpfiles.d/acm.conf "$units"/tmpfiles.d/acm-panel.conf /usr/lib/tmpfiles.d/
mkdir -p /usr/lib/udev/rules.d
cp "$units"/udev/60-acm.rules /usr/lib/udev/rules.d/
cp "$units"/acm.catalog /usr/lib/systemd/catalog/acm.catalog
mkdir -p /usr/lib/systemd/journald.conf.d /etc/systemd/system/acm.service.d
cp "$units"/journald.conf.d/acm.conf /usr/lib/systemd/journald.conf.d/
cp "$units"/drop-ins/jetson.conf /etc/systemd/system/acm.service.d/
systemd-sysusers
systemd-tmpfiles --create acm.conf acm-panel.conf
udevadm control --reload
udevadm trigger --subsystem-match=gpio
journalctl --update-catalog >/dev/null
if [ ! -e /etc/acm/acm.toml ]; then
    cp "$defaults/acm.toml" /etc/acm/acm.toml
    chown root:acm /etc/acm/acm.toml
    chmod 0660 /etc/acm/acm.toml
fi
systemctl daemon-reload
systemctl enable --now acm.service acm-panel.service
say "done. Settings: /etc/acm/acm.toml (source = \"jetson\" is the CSI camera); then: acm doctor"
say "the link that makes the owner: journalctl -u acm-panel"
