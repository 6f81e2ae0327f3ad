"""Devices: how each box does, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from edge.core.timekeeping import from_ms, to_ms
from edge.panel.health import Level
from edge.panel.pages.page import Page
from edge.panel.pages.sites.grid import Grid, ago, download, set_light
from edge.panel.parts import UNKNOWN, card, cards, text
from edge.panel.sites.judging import WORST
from edge.panel.sites.tables import clock, light, why

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.panel.sites.judging import DeviceRow
    from edge.panel.view import View

COLUMNS = ("device", "health", "seen", "waiting", "clock", "refused", "version", "enrolled")


async def build(view: View) -> None:
    """The page."""
    words = view.words
    with cards(), card("", "sites w12"):
        with ui.element("div").classes("row sites-tools"):
            download(words("sites.download"), "/devices.csv")
        titles = [(name, words(f"devices.column_{name}")) for name in COLUMNS]
        grid = Grid(titles, words("devices.title"), words("sites.sort"), _maker(view), _filler(view), _sorted)
        none = text(words("devices.none"), "p", "empty")

    def told() -> None:
        rows = () if view.panel.sites is None else view.panel.sites.devices
        none.set_visibility(not rows)
        grid.show({row.device.id: row for row in rows})

    view.watch(told)
    told()


def _maker(view: View) -> Callable[[str], dict[str, Any]]:
    def make(key: str) -> dict[str, Any]:
        with ui.element("th").props("role=rowheader scope=row").classes("name"):
            name, site = text("", "span"), text("", "span", "muted small")
            name.props["title"] = f"{view.words('devices.column_id')}: {key}"
        return {"device": name, "site": site}

    return make


def _filler(view: View) -> Callable[[dict[str, Any], DeviceRow], None]:
    words = view.words

    def fill(cells: dict[str, Any], row: DeviceRow) -> None:
        device = row.device
        sent = device.seen_ms is not None
        cells["device"].text, cells["site"].text = device.name, device.site
        cells["seen"].text = ago(view, device.seen_ms, to_ms(view.panel.clock.utc_now()))
        cells["waiting"].text = words.number(device.waiting) if sent else UNKNOWN
        cells["clock"].text = clock(words, device.clock) or UNKNOWN
        cells["refused"].text = words.number(row.refused)
        cells["version"].text = device.version or UNKNOWN
        cells["enrolled"].text = words.date(from_ms(device.enrolled_ms).astimezone(view.calendar.zone).date())
        set_light(cells["health"], Level.WARN if device.revoked else row.level, words(light(row)))
        cells["why"].text = words("devices.revoked_why") if device.revoked else why(words, row.faults) or words(
            "devices.fine")  # fmt: skip

    return fill


def _sorted(rows: dict[str, DeviceRow], column: str, *, turned: bool) -> list[str]:
    """Names from A on; trouble, what waits and who is silent first."""
    names = sorted(rows, key=lambda key: (rows[key].device.name.casefold(), key))
    return sorted(names, key=lambda key: _value(rows[key], column), reverse=turned)


def _value(row: DeviceRow, column: str) -> Any:  # noqa: ANN401 - what can be compared with others of its column
    device = row.device
    values: dict[str, Any] = {
        "device": (device.site.casefold(), device.name.casefold()), "health": WORST.index(row.level),
        "seen": device.seen_ms or 0, "waiting": -device.waiting, "clock": device.clock, "refused": -row.refused,
        "version": device.version, "enrolled": -device.enrolled_ms,
    }  # fmt: skip
    return values[column]


PAGE = Page("/devices", "devices.title", "box", build)
