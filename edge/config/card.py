"""What a card for a new box is prepared with beside the settings: its name, its network, who may sign in on it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from edge.config.load import Text, in_force, key_lines
from edge.config.show import toml_value
from edge.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.config.schema import Config

# RFC 1123: letters, digits and hyphens, no hyphen at the ends, 63 at most.
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
# What useradd takes.
USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
TAKEN_USERS = frozenset({"root", "acm", "acm-panel", "acm-hub", "daemon", "nobody", "sync", "www-data"})
# IEEE 802.11: an SSID is up to 32 bytes; WPA2 takes 8 to 63 printable ASCII letters, or the key as 64 hex digits.
SSID_BYTES = 32
PHRASE = re.compile(r"[\x20-\x7e]{8,63}|[0-9A-Fa-f]{64}")
KEY_KINDS = (
    "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
)  # fmt: skip
MOST_KEYS = 20


@dataclass(frozen=True, slots=True)
class Wifi:
    """A network to join. ``password`` is None for one that is open."""

    ssid: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Card:
    """What a card is to hold. ``settings`` and ``secrets`` are texts in TOML; ``user`` signs in with ``ssh_keys`` only.

    ``country`` is two letters (ISO 3166): which Wi-Fi channels may be used.
    """

    host: str
    settings: str
    secrets: str = field(default="", repr=False)
    site: str = ""
    time_zone: str = ""
    country: str = ""
    wifi: Wifi | None = None
    user: str = "installer"
    ssh_keys: tuple[str, ...] = ()

    def checked(self, settings_name: str = "acm.toml", secrets_name: str = "secrets.toml") -> tuple[str, Config]:
        """The settings' text with the site laid in, and what it says.

        ``ConfigError`` with a line for each fault of the card and the settings together; the names are the files'.
        """
        told, text, config = list(_faults(self)), self.settings, None
        try:
            text = with_site(text, self.site, self.time_zone)
            secrets = (Text(secrets_name, self.secrets, secret=True),) if self.secrets else ()
            config = in_force((Text(settings_name, text), *secrets)).config
        except ConfigError as error:
            told += str(error).split("\n")
        if not any(place[0] == "camera" for place in key_lines(text)):
            told.append(f"{settings_name}: there is no camera; add a table headed [[camera]].")
        if told or config is None:
            raise ConfigError("\n".join(told))
        return text, config


def with_site(settings: str, name: str, time_zone: str) -> str:
    """Settings with the site's name and time zone written into them; the rest of the text stays as it is."""
    for key, value in (("time_zone", time_zone), ("name", name)):
        if value:
            settings = _with_line(settings, key, f"{key} = {toml_value(value)}")
    return settings


def _with_line(settings: str, key: str, row: str) -> str:
    rows = settings.split("\n")
    known = key_lines(settings)
    at = known.get(("site", key))
    head = known.get(("site",))
    if at is not None:
        rows[at - 1] = row
    elif head is not None:
        rows.insert(head, row)
    else:
        # A table of its own comes first: a key after another table's head would be that one's.
        first = next((place for place, text in enumerate(rows) if text.lstrip().startswith("[")), len(rows))
        rows[first:first] = ["[site]", row, ""]
    return "\n".join(rows)


def _faults(card: Card) -> Iterator[str]:
    if not HOST.fullmatch(card.host):
        yield f"--host: {card.host!r} cannot name a box; give up to 63 letters (a to z), digits and hyphens."
    if card.country and card.country not in countries():
        near = get_close_matches(card.country.upper(), countries(), n=1, cutoff=0.5)
        like = f", such as {near[0]}" if near else ", such as DE"
        yield f"--country: {card.country!r} is no country's code; give two capital letters{like} (ISO 3166)."
    yield from _wifi_faults(card)
    if not USER.fullmatch(card.user) or card.user in TAKEN_USERS:
        yield f"--user: {card.user!r} cannot be a user's name; give another, in small letters."
    if len(card.ssh_keys) > MOST_KEYS:
        yield f"--ssh-key: these are more than {MOST_KEYS} keys; give fewer."
    for key in card.ssh_keys:
        if not _is_public_key(key):
            yield f"--ssh-key: {_short(key)!r} is no public key; give the file that ends in .pub."


def _wifi_faults(card: Card) -> Iterator[str]:
    if card.wifi is None:
        return
    size = len(card.wifi.ssid.encode())
    if not 1 <= size <= SSID_BYTES or not card.wifi.ssid.isprintable():
        yield f"--wifi: a network's name has 1 to {SSID_BYTES} bytes; this one has {size}."
    if card.wifi.password is not None and not PHRASE.fullmatch(card.wifi.password):
        yield (
            f"--wifi-password-file: a Wi-Fi password has 8 to 63 letters without accents (or 64 hex digits); "
            f"this one has {len(card.wifi.password)}."
        )
    if not card.country:
        yield "--country: Wi-Fi needs to know the country; give its two letters, such as DE."


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166, as the time zone database has them."""
    rows = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text(encoding="utf-8").splitlines()
    return frozenset(row.split("\t")[0] for row in rows if row and not row.startswith("#"))


def _is_public_key(key: str) -> bool:
    """Whether it is one line as OpenSSH writes it: kind, key, and perhaps a comment (RFC 4253, 6.6)."""
    kind, _, rest = key.strip().partition(" ")
    body = rest.split(" ")[0]
    if kind not in KEY_KINDS or not key.isprintable():
        return False
    try:
        blob = base64.b64decode(body, validate=True)
    except binascii.Error:
        return False
    size = int.from_bytes(blob[:4], "big")
    return blob[4 : 4 + size] == kind.encode()


def _short(key: str) -> str:
    # Whoever gave a private key must not find it on the screen.
    return key.split("\n", 1)[0][:24]
