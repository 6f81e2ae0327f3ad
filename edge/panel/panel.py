"""Everything the panel is made of, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge.config.mail import ADDRESS
from edge.host.addresses import host_name
from edge.integrations.web_push import PUBLIC
from edge.panel.actions import Actions
from edge.panel.actions_restore import Offers
from edge.panel.auth.doorman import Doorman
from edge.panel.certificates import Certificates
from edge.panel.daemon import Daemon
from edge.panel.health import health
from edge.panel.reading import Reading
from edge.panel.settings import Settings
from edge.panel.shop import Shop, ShopCamera
from edge.panel.sites.daemon import NOWHERE, Outlook
from edge.panel.sites.looking import Sites
from edge.panel.sites.settings import HubSettings
from edge.panel.telling.pushing import Pushing
from edge.panel.words import Languages

if TYPE_CHECKING:
    from pathlib import Path

    from edge.config.files import SettingsFiles
    from edge.config.hub_panel import HubPanelTable
    from edge.core.clock import Clock
    from edge.integrations.web_push import Reach
    from edge.panel.auth.passwords import Passwords
    from edge.panel.auth.visitor import Visitor
    from edge.panel.health import Health
    from edge.panel.words import Words
    from edge.storage.hub.reader import HubReader
    from edge.storage.panel.store import PanelStore


@dataclass(frozen=True, slots=True)
class Panel:
    """What pages and the API use. Made by ``Panel.of``."""

    settings: Settings
    store: PanelStore
    daemon: Daemon
    reading: Reading
    doorman: Doorman
    actions: Actions
    clock: Clock
    certificates: Certificates
    pushing: Pushing
    languages: Languages = field(default_factory=Languages)
    sites: Sites | None = None
    offers: Offers = field(default_factory=Offers)

    @classmethod
    def of(  # noqa: PLR0913 - what a panel is made of
        cls, files: SettingsFiles, records: Path, store: PanelStore, *, control: Path | None, clock: Clock,
        passwords: Passwords | None = None, reach: Reach = PUBLIC,
    ) -> Panel:  # fmt: skip
        """The panel of a box. ``ConfigError`` if its settings are wrong. ``reach``: which push services it may use."""
        daemon, reading = Daemon(control, clock), Reading(records, clock)
        return cls._made(Settings(files), daemon, reading, store, clock, passwords, reach)

    @classmethod
    def of_hub(
        cls, table: HubPanelTable, reader: HubReader, store: PanelStore, *, clock: Clock,
        passwords: Passwords | None = None,
    ) -> Panel:  # fmt: skip
        """The panel of a hub, whose tables ``reader`` looks into. ``sites`` has the shops; there is no counter."""
        settings = HubSettings(table)
        sites = Sites(reader, clock, settings.config.site.first_weekday)
        outlook, none = Outlook(sites, clock), Reading(NOWHERE, clock)
        return cls._made(settings, outlook, none, store, clock, passwords, PUBLIC, sites)

    @classmethod
    def _made(  # noqa: PLR0913, PLR0917 - as above
        cls, settings: Settings, daemon: Daemon, reading: Reading, store: PanelStore, clock: Clock,
        passwords: Passwords | None, reach: Reach, sites: Sites | None = None,
    ) -> Panel:  # fmt: skip
        doorman = Doorman(store, clock, lambda: settings.config.panel.session_days, passwords)
        actions = Actions(daemon, settings, store, doorman, clock)
        certificates, languages = Certificates(store.file.path.parent / "tls"), Languages()
        pushing = Pushing(
            store, languages, clock, site=lambda: site_name(settings), contact=lambda: contact(settings), reach=reach
        )
        return cls(settings, store, daemon, reading, doorman, actions, clock, certificates, pushing, languages, sites)

    @property
    def site(self) -> str:
        """What the shop is called, or the product."""
        return site_name(self.settings)

    def make_authority(self) -> None:
        """Have a file by which others trust the box's own certificates."""
        self.certificates.make_authority(host_name(), self.clock.utc_now())

    def shop(self, site: str = "") -> Shop:
        """The box's own shop; of a hub, the one of that name, or all together if there is none."""
        if self.sites is not None:
            return self.sites.shop(site)
        config, settings = self.settings.config, self.settings
        cameras = tuple(
            ShopCamera(camera.name, tuple(line.name for line in camera.line), tuple(zone.name for zone in camera.zone))
            for camera in config.camera
        )
        return Shop("", settings.calendar, config.site.first_weekday, settings.opening, cameras, self.reading.ask)

    @property
    def health(self) -> Health:
        """The traffic light of the box, or the worst of all shops'."""
        if self.sites is not None:
            return self.sites.health
        return health(self.daemon.status, self.daemon.gone, self.settings.config)

    def words_for(self, visitor: Visitor | None, browser: str) -> Words:
        """The language of somebody: the one they chose, their browser's, or the box's."""
        chosen = "" if visitor is None or visitor.user is None else visitor.user.language
        return self.languages.get(chosen, browser, self.settings.config.panel.language)


def site_name(settings: Settings) -> str:
    """What the shop is called, or the product."""
    return settings.config.site.name or "Customer Messenger"


def contact(settings: Settings) -> str:
    """The mail address of who runs the shop; empty if there is none."""
    said = settings.config.site.contact
    return said if ADDRESS.match(said) else ""
