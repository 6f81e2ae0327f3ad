"""What can be set: one model for each table of the settings file. ``config/acm.toml`` shows it all, explained.

A field's description says what is allowed; it ends the sentence a person reads who wrote something else.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, model_validator

from edge.config.agreement import disagreements
from edge.config.camera_source import CameraKind, SourceText, camera_source
from edge.config.display import DisplayTable
from edge.config.host import HealthTable
from edge.config.lines import line_fault, tripwire
from edge.config.mail import MailTable
from edge.config.mqtt import MqttTable
from edge.config.names import misnamed
from edge.config.panel import PanelTable
from edge.config.records import RecordsTable
from edge.config.report_way import MOST_REPORTS, ReportTable
from edge.config.reports import ReportsTable
from edge.config.rules import RuleTable, ScheduleTable
from edge.config.sim import SimTable
from edge.config.sound import GreetingTable, SoundTable
from edge.config.switches import ButtonTable, GpioTable, InfraredTable, RelayTable
from edge.config.table import Line, Name, Place, Switch, Table, Whole, all_told, telling
from edge.config.upstream import UpstreamTable
from edge.core.geometry import distance
from edge.core.masking import masked
from edge.core.model import Mount, Zone

if TYPE_CHECKING:
    from typing_extensions import Self

    from edge.core.model import Tripwire

# As it is printed and scanned: no user, no spaces.
WEB_PAGE = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[!-~]*)?")
FEWEST_CORNERS = 3
# Less floor than a hundredth by a hundredth of the picture is a slip of the hand.
LEAST_AREA = 0.0001

Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]


def known_time_zone(name: str) -> str:
    """A time zone's name, the same. Raises a fault in our words if there is none of this name."""
    if name == "UTC":
        return name
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = available_timezones()
        if not known:
            raise telling("this machine has no list of time zones; install the package tzdata") from None
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]}?" if near else "give one such as Europe/Paris"
        raise telling(f"there is no time zone {name!r}; {hint}") from None
    return name


def web_page(text: str) -> str:
    """The address of a page anybody may open, the same; "" is none. Raises a fault in our words."""
    if text and not WEB_PAGE.fullmatch(text):
        raise telling("this is no web address; write it like https://example.org/privacy")
    return text


class LineTable(Table):
    """``[[camera.line]]``: a line at which people are counted."""

    name: Name = Field(description="what the line is called, up to 40 characters")
    start: Place = Field(alias="from", description="one end as two fractions of the picture from 0 to 1")
    end: Place = Field(alias="to", description="the other end as two fractions of the picture from 0 to 1")
    motion: Literal["left-to-right", "right-to-left", "top-to-bottom", "bottom-to-top"] = Field(
        alias="in", description='"left-to-right", "right-to-left", "top-to-bottom" or "bottom-to-top"'
    )
    door: Switch = Field(default=True, description="true or false")

    @model_validator(mode="after")
    def _countable(self) -> Self:
        fault = line_fault(self.start, self.end, self.motion)
        if fault:
            raise telling(fault)
        return self


class ZoneTable(Table):
    """``[[camera.zone]]``: an area of floor whose visitors are timed."""

    name: Name = Field(description="what the zone is called, up to 40 characters")
    corners: tuple[Place, ...] = Field(
        min_length=FEWEST_CORNERS,
        description="three corners or more, each as two fractions of the picture from 0 to 1",
    )

    @model_validator(mode="after")
    def _has_area(self) -> Self:
        before = (*self.corners[-1:], *self.corners[:-1])
        twice_area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(before, self.corners, strict=True))
        if abs(twice_area) / 2 < LEAST_AREA or any(
            distance(a, b) == 0 for a, b in zip(before, self.corners, strict=True)
        ):
            raise telling("the corners enclose no floor; give them in order around the zone, each once")
        return self


class CameraTable(Table):
    """``[[camera]]``: a camera, how it looks at people, its lines and zones."""

    name: Name = Field(default="door", description="what the camera is called, up to 40 characters")
    source: SourceText = Field(
        default="/dev/video0",
        description='a device, "picamera", "jetson", a video file or an rtsp:// or http:// address',
    )
    mount: Mount = Field(default=Mount.OBLIQUE, description='"oblique" or "overhead"')
    fps: Annotated[float, Field(strict=True, ge=1, le=60, allow_inf_nan=False)] = Field(
        default=10.0, description="pictures a second from 1 to 60"
    )
    turned: Literal[0, 180] = Field(default=0, description="0, or 180 for a camera that hangs upside down")
    tuning: Line = Field(default="", max_length=200, description='the name of a tuning file (picamera), or ""')
    repeat: Switch = Field(default=True, description="true or false")
    speed: Annotated[float, Field(strict=True, ge=0.1, le=20, allow_inf_nan=False)] = Field(
        default=1.0, description="a number from 0.1 to 20"
    )
    sim: SimTable = Field(default=SimTable(), description="a table headed [camera.sim]")
    line: tuple[LineTable, ...] = Field(default=(), description="tables headed [[camera.line]]")
    zone: tuple[ZoneTable, ...] = Field(default=(), description="tables headed [[camera.zone]]")

    @model_validator(mode="after")
    def _tunable(self) -> Self:
        if self.tuning and camera_source(self.source).kind is not CameraKind.PICAMERA:
            raise telling(f'tuning is for a source "picamera", not for {masked(self.source)}; leave it out')
        return self

    def tripwires(self) -> tuple[Tripwire, ...]:
        """The lines, turned so that their way in is in."""
        return tuple(tripwire(line.name, line.start, line.end, line.motion) for line in self.line)

    def doors(self) -> frozenset[str]:
        """The names of the lines that lead out of the shop."""
        return frozenset(line.name for line in self.line if line.door)

    def zones(self) -> tuple[Zone, ...]:
        """The zones."""
        return tuple(Zone(zone.name, zone.corners) for zone in self.zone)


class DetectorTable(Table):
    """``[detector]``: what finds people in a picture (oblique mounts)."""

    model: Line = Field(default="", description='the path of a .tflite detector, or "" for the one that ships')
    threads: Whole = Field(default=1, ge=1, le=16, description="a whole number of processor threads from 1 to 16")
    delegate: Line = Field(default="", description='an accelerator library, or "" for none')


class SiteTable(Table):
    """``[site]``: where the box hangs."""

    name: Line = Field(default="", max_length=80, description="what the shop is called, up to 80 characters")
    time_zone: Annotated[str, AfterValidator(known_time_zone)] = Field(
        default="UTC", description="the name of a time zone, such as Europe/Paris"
    )
    coordinates: tuple[()] | tuple[Latitude, Longitude] = Field(
        default=(), description="latitude and longitude in degrees, such as [48.86, 2.35], or []"
    )
    clock_trusted: Switch = Field(default=False, description="true or false")
    day_starts_h: Whole = Field(default=0, ge=0, le=23, description="a whole hour from 0 to 23")
    empty_at_day_start: Switch = Field(default=True, description="true or false")
    week_starts: Literal["monday", "sunday"] = Field(default="monday", description='"monday" or "sunday"')
    operator: Line = Field(default="", max_length=120, description="who runs the shop, up to 120 characters")
    contact: Line = Field(default="", max_length=120, description="how to reach them, up to 120 characters")
    privacy_url: Annotated[str, AfterValidator(web_page)] = Field(
        default="", max_length=300, description='a page such as "https://example.org/privacy", or ""'
    )

    @property
    def first_weekday(self) -> int:
        """The weekday on which weeks begin, 0 being Monday."""
        return 6 if self.week_starts == "sunday" else 0


class Config(Table):
    """The whole file."""

    site: SiteTable = Field(default=SiteTable(), description="a table headed [site]")
    camera: tuple[CameraTable, ...] = Field(default=(), description="tables headed [[camera]], with two brackets")
    detector: DetectorTable = Field(default=DetectorTable(), description="a table headed [detector]")
    sound: SoundTable = Field(default=SoundTable(), description="a table headed [sound]")
    greeting: GreetingTable = Field(default=GreetingTable(), description="a table headed [greeting]")
    display: DisplayTable = Field(default=DisplayTable(), description="a table headed [display]")
    gpio: GpioTable = Field(default=GpioTable(), description="a table headed [gpio]")
    relay: tuple[RelayTable, ...] = Field(default=(), description="tables headed [[relay]], with two brackets")
    button: tuple[ButtonTable, ...] = Field(default=(), description="tables headed [[button]], with two brackets")
    infrared: InfraredTable = Field(default=InfraredTable(), description="a table headed [infrared]")
    schedule: ScheduleTable = Field(default=ScheduleTable(), description="a table headed [schedule]")
    rule: tuple[RuleTable, ...] = Field(default=(), description="tables headed [[rule]], with two brackets")
    records: RecordsTable = Field(default=RecordsTable(), description="a table headed [records]")
    health: HealthTable = Field(default=HealthTable(), description="a table headed [health]")
    upstream: UpstreamTable = Field(default=UpstreamTable(), description="a table headed [upstream]")
    mqtt: MqttTable = Field(default=MqttTable(), description="a table headed [mqtt]")
    mail: MailTable = Field(default=MailTable(), description="a table headed [mail]")
    report: tuple[ReportTable, ...] = Field(
        default=(), max_length=MOST_REPORTS, description="tables headed [[report]], with two brackets"
    )
    panel: PanelTable = Field(default=PanelTable(), description="a table headed [panel]")
    reports: ReportsTable = Field(default=ReportsTable(), description="a table headed [reports]")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        faults = [*misnamed(dict(self)), *disagreements(self)]
        if faults:
            raise all_told(faults)
        return self

    def tripwires(self, camera: str) -> tuple[Tripwire, ...]:
        """The lines of the camera of this name (``KeyError`` if there is none)."""
        return self._camera(camera).tripwires()

    def zones(self, camera: str) -> tuple[Zone, ...]:
        """The zones of the camera of this name (``KeyError`` if there is none)."""
        return self._camera(camera).zones()

    def _camera(self, name: str) -> CameraTable:
        return {camera.name: camera for camera in self.camera}[name]
