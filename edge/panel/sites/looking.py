"""Every site of a hub, looked at again and again: how its day goes and how its devices do. Being away is a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from edge.analytics.periods import Period
from edge.core.calendar import SiteCalendar
from edge.core.timekeeping import to_ms
from edge.panel.health import Health, Level, Reason
from edge.panel.reading import Answers
from edge.panel.shop import Shop, ShopCamera
from edge.panel.sites.compared import SiteRow, compared
from edge.panel.sites.judging import WORST, Fault, judged
from edge.storage.hub.errors import HubStorageError, UnknownNameError
from edge.storage.subjects import CAMERA, LINE, ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from datetime import date

    from edge.core.clock import Clock
    from edge.panel.sites.judging import DeviceRow
    from edge.storage.hub.reader import HubReader, HubSite
    from edge.storage.hub.reports import KeptFile
    from edge.storage.hub.statistics import SiteStatistics

    Fit = Callable[[date], bool]

T = TypeVar("T")
# Which days are fit to compare with changes from day to day only.
FIT_S = 1800.0
MINUTE_MS = 60_000


class Sites:
    """All sites. ``look`` is for one other thread at a time, ``ask`` for the event loop, the rest for either."""

    def __init__(self, reader: HubReader, clock: Clock, week_starts: int = 0) -> None:
        self._reader, self._clock, self._week_starts = reader, clock, week_starts
        self._answers = Answers(clock)
        self._sites: tuple[HubSite, ...] = ()
        self._cameras: dict[str, tuple[ShopCamera, ...]] = {}
        self._fit: dict[str, tuple[float, date, Fit]] = {}
        self.rows: tuple[SiteRow, ...] = ()
        self.devices: tuple[DeviceRow, ...] = ()
        self.away = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What the sites are called, in order."""
        return tuple(site.name for site in self._sites)

    @property
    def health(self) -> Health:
        """The light over all: the worst there is, with the sites that have it."""
        if self.away:
            return Health(Level.BAD, "sites.away_word", (Reason(Level.BAD, "sites.away", {}),))
        level = min((row.level for row in self.rows), key=WORST.index, default=Level.GOOD)
        reasons = tuple(Reason(row.level, "sites.at", {"site": row.name}) for row in self.rows if row.level is level)
        return Health(level, f"sites.all_{level.value}", () if level is Level.GOOD else reasons)

    def shop(self, name: str) -> Shop:
        """A site to be asked, or all together without a name or with one that nobody knows."""
        found = next((site for site in self._sites if site.name == name), None)
        if found is None:
            return Shop("", self._usual_calendar(), self._week_starts, None, (), self._asked_of(""), together=True)
        cameras = self._cameras.get(name, ())
        return Shop(name, found.calendar, self._week_starts, None, cameras, self._asked_of(name))

    def look(self) -> bool:
        """Look at everything again; whether anything is news. On a thread of its own."""
        before = (self.rows, self.devices, self.away)
        # By the minute: what is told changes no oftener for the time alone.
        now_ms = to_ms(self._clock.utc_now()) // MINUTE_MS * MINUTE_MS
        try:
            sites, devices = self._reader.sites(), self._reader.devices()
            zones = {site.name: site.calendar.zone_name for site in sites}
            told = tuple(judged(devices, zones, now_ms))
            rows = tuple(self._row(site, told, now_ms) for site in sites)
            self._sites, self.rows, self.devices, self.away = tuple(sites), rows, told, ""
        except (HubStorageError, UnknownNameError) as error:
            # A site may also have gone between two questions.
            self.away = str(error)
        return before != (self.rows, self.devices, self.away)

    async def looked(self) -> bool:
        """The same, on a thread that also answers questions."""
        return await self._answers.get(self.look)

    async def reports(self, site: str, most: int) -> list[KeptFile]:
        """Files of reports, the latest first, of one site or of all (empty). Raises ``HubStorageError``."""
        return await self._answers.get(lambda: self._reader.reports(site, most))

    async def report(self, device: str, number: int) -> tuple[str, bytes] | None:
        """What such a file is called and what is in it. Raises ``HubStorageError``."""
        return await self._answers.get(lambda: self._reader.report(device, number))

    def close(self) -> None:
        """Let the threads end."""
        self._answers.close()

    def _row(self, site: HubSite, devices: Sequence[DeviceRow], now_ms: int) -> SiteRow:
        there = [row for row in devices if row.device.site == site.name and not row.device.revoked]
        with self._reader.site(site.name) as told:
            self._cameras[site.name] = _cameras(told)
            figures = compared(told, self._fit_days(told, site, now_ms), now_ms, self._week_starts)
        seen = [row.device.seen_ms for row in there if row.device.seen_ms is not None]
        faults = [fault for row in there for fault in row.faults]
        if not there:
            faults = [Fault(Level.WARN, "sites.bare")]
        ordered = tuple(sorted(faults, key=lambda fault: WORST.index(fault.level)))
        return SiteRow(site.name, len(there), max(seen, default=None), figures, ordered)

    def _fit_days(self, told: SiteStatistics, site: HubSite, now_ms: int) -> Fit:
        now_s, day = self._clock.monotonic_s(), site.calendar.day_of(now_ms)
        known = self._fit.get(site.name)
        if known is None or now_s >= known[0] or known[1] != day:
            known = self._fit[site.name] = (now_s + FIT_S, day, told.fit_days(Period(day, day)))
        return known[2]

    def _usual_calendar(self) -> SiteCalendar:
        """The days most sites go by."""
        found = [(site.calendar.zone_name, site.calendar.day_starts_h) for site in self._sites]
        most = max(set(found), key=lambda one: (found.count(one), one), default=None)
        calendars = (site.calendar for site in self._sites)
        return next((one for one in calendars if (one.zone_name, one.day_starts_h) == most), SiteCalendar())

    def _asked_of(self, name: str) -> Any:  # noqa: ANN401 - a function for any answer
        async def asked(question: Callable[[SiteStatistics], T], *, key: Hashable = None, keep_s: float = 0.0) -> T:
            def answer() -> T:
                with self._reader.site(name) if name else self._reader.every_site() as told:
                    return question(told)

            return await self._answers.get(answer, key=key, keep_s=keep_s)

        return asked


def _cameras(told: SiteStatistics) -> tuple[ShopCamera, ...]:
    """The cameras of a site with their lines and zones, by what its devices have sent of them."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for named in told.subjects():
        lines, zones = found.setdefault(named.camera, (set(), set()))
        if named.kind != CAMERA:
            {LINE: lines, ZONE: zones}[named.kind].add(named.name)
    return tuple(
        ShopCamera(name, tuple(sorted(lines)), tuple(sorted(zones))) for name, (lines, zones) in sorted(found.items())
    )
