"""Tables of the settings as the words other rooms use."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from edge.app.sending import waiting_settings
from edge.config.hours import hours
from edge.core.calendar import SiteCalendar
from edge.host.health import HealthLimits
from edge.services.days import DayHabits
from edge.services.housekeeping import Habits
from edge.storage.retention import Keeping

if TYPE_CHECKING:
    from edge.config.schema import Config

# What can change while people are counted.
CHANGING = (
    "camera", "site", "sound", "greeting", "display", "records", "schedule", "rule", "upstream", "mail", "reports",
    "report", "panel",
)  # fmt: skip
# What changes of these only takes effect after a restart.
WAITING = ("sound.device", "display.enabled", "records.folder", "records.walks", "site.clock_trusted")
SERVED = ("panel.host", "panel.port", "panel.certificate", "panel.key", "panel.trusted_proxy")


def waiting(config: Config) -> tuple[str, ...]:
    """The settings that wait for a restart. Sound that was off at the start has no speaker yet."""
    silent = () if config.sound.enabled else ("sound.enabled",)
    return (*WAITING, *SERVED, *waiting_settings(config), *silent)


def calendar(config: Config) -> SiteCalendar:
    """The site's days."""
    return SiteCalendar(ZoneInfo(config.site.time_zone), config.site.day_starts_h)


def day_habits(config: Config) -> DayHabits:
    """What is done when a day begins."""
    site = config.site
    return DayHabits(calendar(config), trusted=site.clock_trusted, empty_at_day_start=site.empty_at_day_start)


def habits(config: Config) -> Habits:
    """How long what is kept, and when it is copied."""
    table = config.records
    keeping = Keeping(
        table.keep_days, table.keep_walks_h, table.keep_heat_days, table.keep_notices_days,
        until_sent=config.upstream.enabled,
    )  # fmt: skip
    return Habits(keeping, hours(f"{table.copy_at}-24:00")[0], ZoneInfo(config.site.time_zone))


def health_limits(config: Config) -> HealthLimits:
    """From where on the machine's state is news."""
    table = config.health
    return HealthLimits(table.hot_c, table.disk_low_mb, table.written_mb_a_day)
