#!/bin/sh
# Installs Advanced Customer Messenger from this card, with or without a network. The box runs it once, as root; to try
# again, run it by hand. What came of it stands in acm-status.txt beside this folder, and in /var/log/acm-install.log.
set -u
boot=$(cd "$(dirname "$0")/.." && pwd)
log=/var/log/acm-install.log
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

tell() {
    printf '%s\r\n' "$@" >"$boot/acm-status.new" && sync && mv -f "$boot/acm-status.new" "$boot/acm-status.txt"
    sync
}

tell "Advanced Customer Messenger is being installed. This takes a few minutes." \
    "If nothing else stands here after 15 minutes, give the box more power or another card, and start it again."
{
    date --utc
    # What the packages need beside each other is on the card, too; without a network nothing else can be had.
    # An image made for many boxes has the product already, and the card no package.
    if ls "$boot"/acm/*.deb >/dev/null 2>&1 || [ ! -x /usr/bin/acm ]; then
        dpkg --install "$boot"/acm/*.deb || apt-get --yes --no-install-recommends --fix-broken install
    fi
} >"$log" 2>&1
if ! dpkg --status customer-messenger 2>/dev/null | grep -q '^Status: install ok installed'; then
    tell "NOT INSTALLED. Advanced Customer Messenger could not be installed:" "$(tail -n 5 "$log" | tr '\n' ' ')" \
        "Prepare the card again with the package for this system, or connect the box to a network and start it again."
    exit 1
fi
acm provision --boot "$boot" >>"$log" 2>&1
systemctl restart acm.service acm-panel.service >>"$log" 2>&1
exit 0
