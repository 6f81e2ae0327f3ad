"""How long people stay: in the shop and in its zones, how that is spread, and how it changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from edge.analytics.periods import Unit
from edge.analytics.stays import bin_s
from edge.analytics.told import LONG_STAYS
from edge.panel import charts
from edge.panel.pages.statistics.figure import Figure, Tile
from edge.panel.pages.statistics.labels import days_of, slot_in_words
from edge.panel.pages.statistics.places import slot_cell, slot_said
from edge.panel.pages.statistics.sheet import Sheet
from edge.panel.pages.statistics.table import Lasting, Share, Table
from edge.panel.parts import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.analytics.periods import Period
    from edge.analytics.statistics import Statistics
    from edge.analytics.stays import Stays
    from edge.analytics.told import Place, Scope, StayPart
    from edge.core.calendar import SiteCalendar
    from edge.panel.pages.statistics.sheet import Ask
    from edge.panel.words import Words

MINUTE_S, HOUR_S = 60, 3600
# Stays from one of these lengths to the next are a bar.
EDGES_S = (0, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10_800, 14_400)
# Of all stays so few at either end need no bars of their own.
FEW = 0.01
# Below this a chart is by seconds.
BY_MINUTES_S = 300


@dataclass(frozen=True, slots=True)
class Stayed:
    """What is known of a period: all stays of what is looked at, its parts, and each place of the shop."""

    unit: Unit
    stays: Stays
    parts: tuple[StayPart, ...]
    places: tuple[Place, ...]
    calendar: SiteCalendar


async def figures(ask: Ask) -> list[Figure]:
    """The sheet's figures."""
    words, chosen = ask.words, ask.chosen
    found = await ask.ask(lambda records: stayed(records, chosen.period, chosen.unit, chosen.scope,
                                                 chosen.week_starts))  # fmt: skip
    return [summary(words, found), lengths(words, found.stays), by_part(words, found), places(words, found.places)]


def stayed(records: Statistics, period: Period, unit: Unit, scope: Scope, week_starts: int = 0) -> Stayed:
    """Ask the records."""
    parts = records.stay_parts(period, unit, scope, week_starts)
    return Stayed(unit, records.stays(period, scope), tuple(parts), tuple(records.places(period)), records.calendar())


def summary(words: Words, found: Stayed) -> Figure:
    """How many stays, and how long: the mean, the median, and what nine of ten do not exceed."""
    title, stays = words("statistics_stays.summary"), found.stays
    columns = (words("statistics_table.what"), words("statistics_table.value"))
    if not stays.count:
        return Figure("summary", title, "", None, Table(columns, ()))
    tiles = [Tile(words("statistics_stays.number"), words.number(stays.count))]
    rows: list[tuple[object, ...]] = [(tiles[0].label, stays.count)]
    lasted = {"mean": stays.mean_s, "median": stays.median_s, "ninety": stays.quantile_s(LONG_STAYS)}
    for key, seconds in lasted.items():
        value = UNKNOWN if seconds is None else words.lasting(seconds, fine=True)
        tiles.append(Tile(words(f"statistics_stays.{key}"), value))
        rows.append((tiles[-1].label, None if seconds is None else Lasting(seconds)))
    said = " ".join(f"{tile.label}: {tile.value}." for tile in tiles)
    return Figure("summary", title, said, None, Table(columns, tuple(rows)), words("statistics_stays.paired"),
                  tiles=tuple(tiles))  # fmt: skip


def lengths(words: Words, stays: Stays) -> Figure:
    """How stays are spread: how many were how long."""
    title = words("statistics_stays.lengths")
    columns = (words("statistics_stays.length"), words("statistics_stays.number"), words("statistics_stays.share"))
    edges = edges_of(stays)
    counts = spread(stays, edges)
    whole = sum(counts)
    if not whole:
        return Figure("lengths", title, "", None, Table(columns, ()), width="w6")
    labels = [class_said(words, edges, place) for place in range(len(edges))]
    options = charts.lying(labels, words("statistics_stays.number"), counts)
    rows = tuple((label, count, Share(count / whole)) for label, count in zip(labels, counts, strict=True))
    most = counts.index(max(counts))
    said = words("statistics_stays.lengths_said", length=labels[most], percent=words.percent(counts[most] / whole))
    return Figure("lengths", title, said, options, Table(columns, rows), tall=True, width="w6")


def by_part(words: Words, found: Stayed) -> Figure:
    """How long people stayed over the parts of the period."""
    title, unit = words(f"statistics_stays.by_{found.unit.value}"), found.unit
    lasting = ("mean",) if unit is Unit.HOUR else ("mean", "median", "ninety")
    columns = (words("statistics.when"), words("statistics_stays.number"),
               *(words(f"statistics_stays.{key}") for key in lasting))  # fmt: skip
    parts = _busy(found.parts) if unit is Unit.HOUR else list(found.parts)
    if not found.stays.count:
        return Figure("parts", title, "", None, Table(columns, ()), width="w6")
    means = [part.stays.mean_s for part in parts]
    longest = max(seconds or 0.0 for seconds in means)
    by_s, key = _by(longest)
    slots = [part.slot for part in parts]
    options = charts.frame([slot_said(words, slot, unit, days_of(slots)) for slot in slots])
    options["xAxis"]["axisLabel"]["interval"] = "auto"
    series = [charts.bars(words(f"statistics_stays.mean_{key}"), _told(means, by_s))]
    if unit is not Unit.HOUR:
        name = words(f"statistics_stays.median_{key}")
        series.append(charts.curve(name, _told([part.stays.median_s for part in parts], by_s), "second", dashed=True))
    rows = tuple(
        (slot_cell(words, part.slot, unit), part.stays.count, *_three(part.stays)[: len(lasting)])
        for part in parts
    )  # fmt: skip
    best = max(parts, key=lambda part: part.stays.mean_s or 0.0)
    said = words("statistics_stays.parts_said", when=slot_in_words(words, best.slot, unit),
                 lasting=words.lasting(longest, fine=True))  # fmt: skip
    return Figure("parts", title, said, charts.with_series(options, *series), Table(columns, rows), tall=True,
                  width="w6")  # fmt: skip


def places(words: Words, found: Sequence[Place]) -> Figure:
    """Each zone, and each camera that saw visits end, to compare."""
    keys, title = ("place", "number", "mean", "median", "ninety"), words("statistics_stays.places")
    names = [_place_said(words, place) for place in found]
    rows = tuple((name, place.stays.count, *_three(place.stays)) for name, place in zip(names, found, strict=True))
    table = Table(tuple(words(f"statistics_stays.{key}") for key in keys), rows)
    if not found:
        return Figure("places", title, "", None, table)
    lasted = [place.stays.mean_s or 0.0 for place in found]
    by_s, key = _by(max(lasted))
    options = charts.lying(names, words(f"statistics_stays.mean_{key}"), _told(lasted, by_s))
    longest = lasted.index(max(lasted))
    lasting = words.lasting(lasted[longest], fine=True)
    said = words("statistics_stays.places_said", place=names[longest], lasting=lasting)
    return Figure("places", title, said, options, table, words("statistics_stays.places_note"), opened=True)


def edges_of(stays: Stays) -> tuple[int, ...]:
    """Where the bars begin: the few shortest stays share one, and so do the few longest."""
    whole, first, last = sum(stays.bins.values()), 0, len(EDGES_S) - 1
    while first < last and _below(stays, EDGES_S[first + 1]) < FEW * whole:
        first += 1
    while last > first + 1 and _below(stays, EDGES_S[last]) > (1 - FEW) * whole:
        last -= 1
    return (0, *EDGES_S[first + 1 : last + 1])


def spread(stays: Stays, edges_s: Sequence[float]) -> list[int]:
    """How many stays reach from each edge up to the next, and beyond the last one; together all that are known.

    Within a bin the stays are taken to be spread evenly.
    """
    below = [round(_below(stays, edge_s)) for edge_s in edges_s] + [sum(stays.bins.values())]
    return [after - before for before, after in pairwise(below)]


def _below(stays: Stays, edge_s: float) -> float:
    """How many stays are shorter."""
    found = 0.0
    for number, count in stays.bins.items():
        least_s, most_s = bin_s(number)
        found += count * min(1.0, max(0.0, (edge_s - least_s) / (most_s - least_s)))
    return found


def class_said(words: Words, edges_s: Sequence[int], place: int) -> str:
    """The stays from one edge to the next."""
    least_s = edges_s[place]
    if place == len(edges_s) - 1:
        return words("statistics_stays.over", least=_edge_said(words, least_s))
    most_s = edges_s[place + 1]
    if not least_s:
        return words("statistics_stays.under", most=_edge_said(words, most_s))
    return words("statistics_stays.from_to", least=_edge_said(words, least_s), most=_edge_said(words, most_s))


def _edge_said(words: Words, edge_s: int) -> str:
    """A length without parts that are nothing: 30 s, 5 min, 2 h."""
    if edge_s < MINUTE_S:
        return words("lasting.s", s=edge_s)
    if edge_s % HOUR_S:
        return words("lasting.min", min=edge_s // MINUTE_S)
    return words("statistics_stays.hours", h=edge_s // HOUR_S)


def _place_said(words: Words, place: Place) -> str:
    if place.zone:
        return f"{place.zone} ({place.camera})"
    return words("statistics_stays.visits_of", camera=place.camera)


def _three(stays: Stays) -> tuple[object, ...]:
    lasted = (stays.mean_s, stays.median_s, stays.quantile_s(LONG_STAYS))
    return tuple(None if seconds is None else Lasting(seconds) for seconds in lasted)


def _busy(parts: Sequence[StayPart]) -> list[StayPart]:
    """The hours from the first to the last in which a stay ended."""
    busy = [place for place, part in enumerate(parts) if part.stays.count]
    return list(parts[busy[0] : busy[-1] + 1]) if busy else []


def _by(longest_s: float) -> tuple[int, str]:
    """By seconds or by minutes, and how that is called."""
    return (1, "in_s") if longest_s < BY_MINUTES_S else (MINUTE_S, "in_min")


def _told(seconds: Sequence[float | None], by_s: int) -> list[float | None]:
    return [None if one is None else round(one / by_s, 1) for one in seconds]


SHEET = Sheet("/statistics/stays", "statistics_stays.title", figures, scopes="zones")
