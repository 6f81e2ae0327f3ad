"""The hub's tables for who only looks: statistics of each site, how devices stand, which reports they sent."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge.core.calendar import SiteCalendar
from edge.core.notices import ROWS_SET_ASIDE
from edge.storage.hub import reports
from edge.storage.hub.database import HubDatabase
from edge.storage.hub.errors import HubStorageError, UnknownNameError
from edge.storage.hub.migrations import UPGRADES, refuse_newer, schema_of
from edge.storage.hub.queries import Page
from edge.storage.hub.statistics import SiteStatistics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.storage.hub.reports import KeptFile

SITES = "SELECT number, name, zone, day_starts_h FROM site ORDER BY name"
DEVICES = "SELECT number FROM device WHERE site = %s ORDER BY number"
STANDING = (
    "SELECT d.id, d.name, s.name, d.version, d.enrolled_ms, d.revoked_ms, t.seen_ms, t.version, t.waiting, "
    "t.oldest_waiting_ms, t.clock, t.uptime_s, t.zone, d.number FROM device d JOIN site s ON s.number = d.site "
    "LEFT JOIN stream t ON t.device = d.number AND t.epoch = (SELECT max(epoch) FROM stream WHERE device = d.number) "
    "ORDER BY s.name, d.name, d.id"
)
SET_ASIDE = "SELECT told FROM notice WHERE device = %s AND event = %s ORDER BY at_ms DESC LIMIT 1000"
EVERYWHERE = SiteCalendar()


@dataclass(frozen=True, slots=True)
class HubSite:
    """A site: what it is called and which days it goes by."""

    number: int
    name: str
    calendar: SiteCalendar


@dataclass(frozen=True, slots=True)
class DeviceStanding:
    """A device as the hub knows it; times are UTC in ms since 1970.

    ``seen_ms`` is when it last sent, None for never; then ``waiting`` rows were still to be sent, the oldest of them of
    ``oldest_ms`` (0 for none). ``clock`` is how it came by the time, ``told`` each what it said of rows not taken.
    """

    id: str
    name: str
    site: str
    version: str
    enrolled_ms: int
    revoked: bool
    seen_ms: int | None
    waiting: int
    oldest_ms: int
    clock: str
    uptime_s: int
    zone: str
    told: tuple[str, ...]


class HubReader:
    """Looks into a hub's database and changes nothing. May be used by several threads.

    Raises ``HubAddressError``; every question raises ``HubAwayError`` when the database does not answer, and another
    ``HubStorageError`` if its tables are of another version.
    """

    def __init__(self, url: str) -> None:
        self.database = HubDatabase(url, reading=True)

    @contextmanager
    def site(self, name: str) -> Iterator[SiteStatistics]:
        """Statistics of a site, in one state of the tables. ``UnknownNameError`` if there is none of this name."""
        with self._looking():
            found = next((site for site in self._sites() if site.name == name), None)
            if found is None:
                raise UnknownNameError(f"There is no site {name!r}; the page Sites shows all.")
            devices = [int(number) for (number,) in self.database.run(DEVICES, found.number).fetchall()]
            yield SiteStatistics(self.database, devices, found.calendar)

    @contextmanager
    def every_site(self) -> Iterator[SiteStatistics]:
        """Statistics of all sites together. Each one's days and hours are its own; they are put together by name."""
        with self._looking():
            devices = [int(number) for (number,) in self.database.run("SELECT number FROM device").fetchall()]
            yield SiteStatistics(self.database, devices, EVERYWHERE, by_the_clock=True)

    def sites(self) -> list[HubSite]:
        """All sites by name."""
        with self._looking():
            return self._sites()

    def devices(self) -> list[DeviceStanding]:
        """How all devices stand, by site and name."""
        with self._looking():
            rows = self.database.run(STANDING).fetchall()
            return [self._standing(*row) for row in rows]

    def reports(self, site: str, most: int) -> list[KeptFile]:
        """Files of reports that devices sent, the latest first, of all sites (empty) or of one; ``most`` of them."""
        with self._looking():
            return reports.listed(self.database, site, Page(most))

    def report(self, device: str, number: int) -> tuple[str, bytes] | None:
        """What such a file is called and what is in it; None if it is gone."""
        with self._looking():
            return reports.fetched(self.database, device, number)

    def close(self) -> None:
        """Let go of this thread's connection."""
        self.database.close()

    @contextmanager
    def _looking(self) -> Iterator[None]:
        with self.database.one_state():
            schema = schema_of(self.database)
            refuse_newer(self.database, schema, 1 + len(UPGRADES))
            if schema <= len(UPGRADES):
                raise HubStorageError(
                    f"{self.database.place}: has no tables of this version yet; start acm hub, which makes them."
                )
            yield

    def _sites(self) -> list[HubSite]:
        rows = self.database.run(SITES).fetchall()
        return [HubSite(number, name, _calendar(zone, starts_h)) for number, name, zone, starts_h in rows]

    def _standing(self, *row: object) -> DeviceStanding:
        name, shown, site, enrolled_as, enrolled_ms, revoked_ms, seen_ms, version, waiting, oldest_ms, *rest = row
        clock, uptime_s, zone, number = rest
        told = self.database.run(SET_ASIDE, number, ROWS_SET_ASIDE.event).fetchall() if seen_ms is not None else []
        return DeviceStanding(
            str(name), str(shown), str(site), str(version or enrolled_as), _whole(enrolled_ms), revoked_ms is not None,
            None if seen_ms is None else _whole(seen_ms), _whole(waiting), _whole(oldest_ms), str(clock or ""),
            _whole(uptime_s), str(zone or ""), tuple(str(text) for (text,) in told),
        )  # fmt: skip


def _calendar(zone: str, day_starts_h: int) -> SiteCalendar:
    try:
        return SiteCalendar(ZoneInfo(zone), day_starts_h)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise HubStorageError(
            f"A site goes by {zone!r}, a time zone this machine does not know; install the package tzdata."
        ) from None


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
