r"""Prepare the card of a new box on a laptop, so that it installs itself without a network.

    python tools/sdcard.py /media/me/bootfs --settings acm.toml --deb customer-messenger_1.0.0_arm64.deb \
        --host corner-shop --site "Corner Shop" --time-zone Europe/Berlin \
        --country DE --wifi "Corner Shop" --wifi-password-file wifi.txt --ssh-key ~/.ssh/id_ed25519.pub

Flash Raspberry Pi OS (64-bit, Lite) first, without any customisation, and name the card's small partition (bootfs;
on Windows a drive such as E:\). Needs the product on this laptop: pip install . in its folder.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

MOST_PASSWORD = 200


def options() -> argparse.ArgumentParser:
    """What it can be told."""
    made = argparse.ArgumentParser(
        "sdcard.py", description="Prepares the card of a new box.", epilog="Nothing is written before all was checked."
    )
    made.add_argument("boot", type=Path, help="where the card's boot partition is (bootfs)")
    made.add_argument("--settings", type=Path, default=Path("acm.toml"), metavar="FILE", help="settings (acm.toml)")
    made.add_argument("--secrets", type=Path, metavar="FILE", help="settings nobody may read, such as the hub's code")
    made.add_argument("--deb", type=Path, action="append", default=[], metavar="FILE",
                      help="the product's package, and others it needs; may be given several times")  # fmt: skip
    made.add_argument("--host", required=True, metavar="NAME", help="what the box is called in the network")
    made.add_argument("--site", default="", metavar="NAME", help="what the shop is called (as in the settings)")
    made.add_argument("--time-zone", default="", metavar="ZONE", help="such as Europe/Berlin (as in the settings)")
    made.add_argument("--country", default="", metavar="CODE", help="two letters, for Wi-Fi: DE")
    made.add_argument("--wifi", default="", metavar="NAME", help="the Wi-Fi network to join; left out: cable only")
    made.add_argument("--wifi-password-file", metavar="FILE", help="its password; - asks for it")
    made.add_argument("--user", default="installer", metavar="NAME", help="who signs in with the key (installer)")
    made.add_argument("--ssh-key", type=Path, action="append", default=[], metavar="FILE",
                      help="a public key (.pub); without one nobody signs in by ssh")  # fmt: skip
    made.add_argument("--installed", action="store_true", help="the image has the product already (build_image.py)")
    made.add_argument("--dry-run", action="store_true", help="check everything and write nothing")
    return made


def main(words: list[str]) -> int:
    """Do it; 2 for what the user can mend."""
    try:
        from edge.app.card import CardAsk, prepare_card
        from edge.core.errors import AcmError
    except ModuleNotFoundError as error:
        sys.stderr.write(f"sdcard: {error.name} is missing; install the product first: pip install . in its folder.\n")
        return 2
    ask = options().parse_args(words)
    try:
        asked = CardAsk(
            ask.boot, ask.settings, tuple(ask.deb), ask.host, ask.secrets, ask.site, ask.time_zone, ask.country,
            ask.wifi, password(ask.wifi_password_file), ask.user, tuple(ask.ssh_key), ask.dry_run, ask.installed,
        )  # fmt: skip
        return prepare_card(asked, sys.stdout)
    except AcmError as error:
        for row in str(error).split("\n"):
            sys.stderr.write(f"sdcard: {row}\n")
        return error.exit_code


def password(named: str | None) -> str | None:
    """The Wi-Fi's password: from a file, or asked for. ``InputError`` if there is no such file."""
    from edge.core.errors import InputError

    if named is None:
        return None
    if named == "-":
        return getpass.getpass("Wi-Fi password: ")
    try:
        with Path(named).open(encoding="utf-8") as stream:
            return stream.read(MOST_PASSWORD).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise InputError(f"--wifi-password-file: {named} cannot be read ({why}); name another file.") from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
