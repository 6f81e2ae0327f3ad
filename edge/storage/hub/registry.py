"""Who may send and who may read: sites, codes, devices and their tokens, readers.

Codes and tokens come as their SHA-256, in hex; what they are is known to those they were given to, and to nobody here.
Times are UTC in ms since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from edge.storage.hub import about, figures, levels, spread
from edge.storage.hub.errors import TakenNameError, UnknownNameError

if TYPE_CHECKING:
    from edge.storage.hub.store import HubStore

# A code is good for a week: until the box is mounted.
CLAIM_MS = 7 * 86_400_000
# Tokens given out and never used, as their answer was lost; the latest of them are good.
MOST_UNUSED = 3
LATEST_PURSE = "SELECT allowance, seen_ms, epoch FROM stream WHERE device = %s ORDER BY seen_ms DESC LIMIT 1"


class Refusal(Enum):
    """Why a code does not let a device in."""

    UNKNOWN = "there is no such code, or its time is over; have another one made: acm hub device claim SITE"
    USED = "the code was used by another device; have another one made: acm hub device claim SITE"
    REVOKED = "the device was revoked; to let it in again, have another code made: acm hub device claim SITE"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A device that wants in: ``id`` is the fingerprint of its ``public_key`` (base64)."""

    id: str
    public_key: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Caller:
    """The device that showed a token. ``wait_s``: how long it has to wait until it may send again; 0 if it may now."""

    id: str
    revoked: bool
    wait_s: float


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as it is listed."""

    name: str
    zone: str
    day_starts_h: int
    devices: int


class Registry:
    """Looks after all of them in a store's database. Raises ``HubAwayError`` when nothing was done."""

    def __init__(self, store: HubStore) -> None:
        self._store = store
        self._database = store.database

    def secret(self) -> bytes:
        """The hub's own secret, the same for all its processes."""
        with self._database.using():
            return bytes.fromhex(about.fact(self._database, about.SECRET) or "")

    def add_site(self, name: str, zone: str, day_starts_h: int, now_ms: int) -> None:
        """Add a site. ``TakenNameError`` if there is one of this name."""
        with self._database.writing():
            made = self._database.run(
                "INSERT INTO site (name, zone, day_starts_h, made_ms) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                name, zone, day_starts_h, now_ms,
            )  # fmt: skip
            if made.rowcount != 1:
                raise TakenNameError(f"There is a site {name!r} already; acm hub site list shows it.")

    def change_site(self, name: str, zone: str, day_starts_h: int) -> None:
        """Have a site go by other days, and make its figures anew. ``UnknownNameError`` if there is none."""
        with self._database.writing():
            number = self._site(name)
            self._database.run(
                "UPDATE site SET zone = %s, day_starts_h = %s WHERE number = %s", zone, day_starts_h, number
            )
            for (device,) in self._database.run("SELECT number FROM device WHERE site = %s", number).fetchall():
                self._rebuild(device)

    def rebuild(self) -> int:
        """Make all figures anew from rows; return how many devices there are."""
        with self._database.using():
            devices = self._database.run("SELECT number FROM device ORDER BY number").fetchall()
        for (device,) in devices:
            with self._database.writing():
                self._rebuild(device)
        return len(devices)

    def sites(self) -> list[SiteRow]:
        """All sites by name."""
        with self._database.using():
            found = self._database.run(
                "SELECT s.name, s.zone, s.day_starts_h, count(d.number) FROM site s LEFT JOIN device d "
                "ON d.site = s.number AND d.revoked_ms IS NULL GROUP BY s.number, s.name, s.zone, s.day_starts_h "
                "ORDER BY s.name"
            )
            return [SiteRow(*row) for row in found.fetchall()]

    def claim(self, site: str, name: str, code_hash: str, now_ms: int) -> None:
        """Let the device in that comes with this code. ``UnknownNameError`` if there is no such site."""
        with self._database.writing():
            self._database.run(
                "INSERT INTO claim (code_hash, site, name, made_ms, expires_ms) VALUES (%s, %s, %s, %s, %s)",
                code_hash, self._site(site), name, now_ms, now_ms + CLAIM_MS,
            )  # fmt: skip

    def enrol(self, code_hash: str, newcomer: Newcomer, token_hash: str, now_ms: int) -> tuple[bool, str] | Refusal:
        """Let a device in, or in again with the code that it used before; (whether it is new, the site's name)."""
        with self._database.writing():
            # Whoever comes second with the same code waits here, and finds it used.
            locked = self._database.run(
                "UPDATE claim SET expires_ms = expires_ms "
                "WHERE code_hash = %s AND (expires_ms > %s OR device IS NOT NULL)",
                code_hash, now_ms,
            )  # fmt: skip
            if locked.rowcount != 1:
                return Refusal.UNKNOWN
            site, name, used_by = self._database.run(
                "SELECT site, name, device FROM claim WHERE code_hash = %s", code_hash
            ).fetchone()
            known = self._database.run("SELECT number, revoked_ms FROM device WHERE id = %s", newcomer.id).fetchone()
            if used_by is not None and (known is None or known[0] != used_by):
                return Refusal.USED
            if used_by is not None and known[1] is not None:
                return Refusal.REVOKED
            device = self._settled(newcomer, site, name, now_ms)
            self._database.run("UPDATE claim SET device = %s WHERE code_hash = %s", device, code_hash)
            self._add_token(device, token_hash, now_ms)
            (site_name,) = self._database.run("SELECT name FROM site WHERE number = %s", site).fetchone()
            return used_by is None, str(site_name)

    def public_key(self, device: str) -> tuple[str, bool] | None:
        """A device's public key and whether it was revoked; None if nobody knows it."""
        with self._database.using():
            row = self._database.run("SELECT public_key, revoked_ms FROM device WHERE id = %s", device).fetchone()
        return None if row is None else (str(row[0]), row[1] is not None)

    def add_token(self, device: str, token_hash: str, now_ms: int) -> None:
        """Give a device another token; the ones before stay good until it is used."""
        with self._database.writing():
            self._add_token(self._device(device), token_hash, now_ms)

    def caller(self, token_hash: str, now_ms: int) -> Caller | None:
        """Whose token this is, None if nobody's. The first time it is used, all tokens before it end."""
        with self._database.using():
            row = self._database.run(
                "SELECT d.id, d.number, d.revoked_ms, t.used_ms, t.made_ms FROM token t "
                "JOIN device d ON d.number = t.device WHERE t.hash = %s",
                token_hash,
            ).fetchone()
            if row is None:
                return None
            device, number, revoked_ms, used_ms, made_ms = row
            # By itself, since it is of one device: where tables are spread over servers, one of them is asked.
            purse = self._database.run(LATEST_PURSE, number).fetchone()
        if used_ms is None:
            self._begin(token_hash, number, made_ms, now_ms)
        wait_s = 0.0 if purse is None else self._store.allowance.wait_s(purse[0], purse[1], now_ms)
        return Caller(device, revoked_ms is not None, wait_s)

    def charge(self, device: str, now_ms: int) -> bool:
        """Have a device pay for a request that is no batch; False if it has no purse, as it never sent one."""
        with self._database.writing():
            number = self._device(device)
            found = self._database.run(LATEST_PURSE, number).fetchone()
            if found is not None:
                amount, seen_ms, epoch = found
                left = self._store.allowance.less_one(amount, seen_ms, now_ms)
                self._database.run(
                    "UPDATE stream SET allowance = %s, seen_ms = %s WHERE device = %s AND epoch = %s",
                    left, now_ms, number, epoch,
                )  # fmt: skip
            return found is not None

    def revoke(self, device: str, now_ms: int) -> None:
        """A device, by its fingerprint or name, may send no more; what it sent stays."""
        with self._database.writing():
            number = self._device(device)
            self._database.run(
                "UPDATE device SET revoked_ms = %s WHERE number = %s AND revoked_ms IS NULL", now_ms, number
            )

    def add_reader(self, name: str, token_hash: str, now_ms: int) -> None:
        """Let a program read. ``TakenNameError`` if there is one of this name."""
        with self._database.writing():
            made = self._database.run(
                "INSERT INTO reader (name, token_hash, made_ms) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                name, token_hash, now_ms,
            )  # fmt: skip
            if made.rowcount != 1:
                raise TakenNameError(f"There is a reader {name!r} already; give another name, or remove that one.")

    def remove_reader(self, name: str) -> None:
        """Let a program read no more. ``UnknownNameError`` if there is none of this name."""
        with self._database.writing():
            if self._database.run("DELETE FROM reader WHERE name = %s", name).rowcount != 1:
                raise UnknownNameError(f"There is no reader {name!r}; acm hub reader list shows all.")

    def readers(self) -> list[tuple[str, int]]:
        """All readers and when each was added."""
        with self._database.using():
            found = self._database.run("SELECT name, made_ms FROM reader ORDER BY name").fetchall()
        return [(str(name), int(made_ms)) for name, made_ms in found]

    def reader(self, token_hash: str) -> str | None:
        """Whose token this is, None if nobody's."""
        with self._database.using():
            row = self._database.run("SELECT name FROM reader WHERE token_hash = %s", token_hash).fetchone()
        return None if row is None else str(row[0])

    def _site(self, name: str) -> int:
        row = self._database.run("SELECT number FROM site WHERE name = %s", name).fetchone()
        if row is None:
            raise UnknownNameError(f"There is no site {name!r}; add it: acm hub site add NAME --zone ZONE.")
        return int(row[0])

    def _device(self, device: str) -> int:
        found = self._database.run(
            "SELECT number, id FROM device WHERE id = %s OR name = %s ORDER BY id", device, device
        ).fetchall()
        found = [row for row in found if row[1] == device] or found
        if not found:
            raise UnknownNameError(f"There is no device {device!r}; acm hub device list shows all.")
        if len(found) > 1:
            raise UnknownNameError(f"Several devices are called {device!r}; name one by its letters.")
        return int(found[0][0])

    def _settled(self, newcomer: Newcomer, site: int, name: str, now_ms: int) -> int:
        before = self._database.run("SELECT site FROM device WHERE id = %s", newcomer.id).fetchone()
        self._database.run(
            "INSERT INTO device (id, site, name, public_key, version, enrolled_ms) VALUES (%s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (id) DO UPDATE SET site = excluded.site, name = excluded.name, version = excluded.version, "
            "revoked_ms = NULL",
            newcomer.id, site, name or newcomer.name or newcomer.id, newcomer.public_key, newcomer.version, now_ms,
        )  # fmt: skip
        number = int(self._database.run("SELECT number FROM device WHERE id = %s", newcomer.id).fetchone()[0])
        if before is not None and before[0] != site:
            # Hours of another shop, maybe in another zone.
            self._rebuild(number)
        return number

    def _add_token(self, device: int, token_hash: str, now_ms: int) -> None:
        self._database.run(
            "DELETE FROM token WHERE device = %s AND used_ms IS NULL AND hash NOT IN (SELECT hash FROM token "
            "WHERE device = %s AND used_ms IS NULL ORDER BY made_ms DESC, hash LIMIT %s)",
            device, device, MOST_UNUSED - 1,
        )  # fmt: skip
        self._database.run(
            "INSERT INTO token (hash, device, made_ms) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            token_hash, device, now_ms,
        )

    def _begin(self, token_hash: str, device: int, made_ms: int, now_ms: int) -> None:
        with self._database.writing():
            self._database.run("UPDATE token SET used_ms = %s WHERE hash = %s AND used_ms IS NULL", now_ms, token_hash)
            self._database.run(
                "DELETE FROM token WHERE device = %s AND hash <> %s AND made_ms <= %s", device, token_hash, made_ms
            )

    def _rebuild(self, device: int) -> None:
        if self._database.on_postgres:
            self._database.run("SELECT 1 FROM stream WHERE device = %s ORDER BY epoch FOR UPDATE", device)
        from_ms = about.number(self._database, about.REBUILT_FROM_MS)
        hours = self._store.hours_of(device)
        for kind in (figures, spread, levels):
            kind.rebuild(self._database, device, hours, from_ms)
