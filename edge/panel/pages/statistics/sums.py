"""A period in a few numbers, and how they compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.panel.pages.statistics.figure import Figure, Tile
from edge.panel.pages.statistics.table import Lasting, Share, Table
from edge.panel.parts import UNKNOWN

if TYPE_CHECKING:
    from typing import Any

    from edge.analytics.told import BusyHour
    from edge.panel.pages.statistics.chosen import Chosen
    from edge.panel.pages.statistics.counted import Compared, Counted
    from edge.panel.words import Words

DAY_HOURS = 24


def sums(words: Words, chosen: Chosen, found: Counted) -> Figure:
    """The tiles."""
    summary, compared = found.summary, found.compared
    # Of a period that is not over only a part is compared: beside the sum of all of it that would mislead.
    whole = compared if compared is not None and round(compared.ins) == summary.ins else None
    tiles = [
        Tile(words("statistics.came_in"), words.number(summary.ins), *_change(words, whole)),
        Tile(words("statistics.went_out"), words.number(summary.outs), _out_note(words, whole)),
    ]
    if summary.days_with_people > 1:
        mean = words.number(round(summary.ins / summary.days_with_people))
        tiles.append(Tile(words("statistics.a_day"), mean, words("statistics.days", summary.days_with_people)))
    if summary.peak is not None:
        tiles.append(Tile(words("statistics.peak"), words.number(summary.peak), words("statistics.peak_note")))
    tiles += [_stay(words, found), _busiest(words, chosen, summary.busiest)]
    compare = compared_said(words, compared)
    said = compare or words(
        "statistics.flow_said", ins=words.number(summary.ins), outs=words.number(summary.outs)
    )
    missed = words("statistics.missed", len(found.missed)) if found.missed else ""
    note = " ".join(part for part in (compare, missed) if part)
    rows = _rows(words, chosen, found) if summary.ins or summary.outs or compared is not None else ()
    table = Table((words("statistics.what"), words("statistics.value")), rows)
    return Figure("summary", chosen.said(words), said, None, table, note, tiles=tuple(tiles))


def compared_said(words: Words, compared: Compared | None) -> str:
    """The comparison in a sentence with both numbers; nothing if there is none."""
    if compared is None or compared.change is None:
        return ""
    key = "more" if compared.change > 0 else "fewer" if compared.change < 0 else "same"
    values: dict[str, Any] = {
        "period": words.period(compared.period.first, compared.period.last),
        "percent": words.percent(abs(compared.change)),
        "ins": words.number(round(compared.ins)), "other": words.number(round(compared.other_ins)),
    }  # fmt: skip
    if compared.other is None:
        return words(f"statistics.usual_{key}", **values)
    before = words.period(compared.other.first, compared.other.last)
    if compared.hours is not None:
        return words(f"statistics.so_far_{key}", before=before, **values)
    return words(f"statistics.compared_{key}", before=before, **values)


def _change(words: Words, compared: Compared | None) -> tuple[str, str]:
    """The change of those who came in, and its tone."""
    if compared is None or compared.change is None:
        return "", ""
    said = words("statistics.change", percent=words.change(compared.change),
                 other=words.number(round(compared.other_ins)))  # fmt: skip
    return said, "" if round(abs(compared.change) * 100) == 0 else "good" if compared.change > 0 else "bad"


def _out_note(words: Words, compared: Compared | None) -> str:
    if compared is None or compared.change_out is None or compared.other_outs is None:
        return ""
    return words("statistics.change", percent=words.change(compared.change_out),
                 other=words.number(round(compared.other_outs)))  # fmt: skip


def _stay(words: Words, found: Counted) -> Tile:
    stays = found.summary.stays
    if stays.mean_s is None:
        return Tile(words("statistics.stay"), UNKNOWN, words("statistics.stay_none"))
    note = ""
    if stays.median_s is not None:
        note = words("statistics.stay_median", lasting=words.lasting(stays.median_s))
    return Tile(words("statistics.stay"), words.lasting(stays.mean_s), note)


def _busiest(words: Words, chosen: Chosen, busiest: BusyHour | None) -> Tile:
    if busiest is None:
        return Tile(words("statistics.busiest_hour"), UNKNOWN, words("today.busiest_none"))
    clock = f"{busiest.clock_hour:02d}:00"
    many = len(chosen.period) > 1
    weekday = words.short_weekday(busiest.day.weekday())
    note = words("statistics.busiest_on", weekday=weekday, day=words.date(busiest.day), ins=words.number(busiest.ins))
    return Tile(
        words("statistics.busiest_hour"), clock,
        note if many else words("statistics.busiest_ins", busiest.ins),
    )  # fmt: skip


def clock_said(words: Words, clock_hour: int) -> str:
    """An hour of the clock from when to when."""
    return words("statistics.clock", start=f"{clock_hour:02d}:00", end=f"{(clock_hour + 1) % DAY_HOURS:02d}:00")


def _rows(words: Words, chosen: Chosen, found: Counted) -> tuple[tuple[object, ...], ...]:
    summary, compared = found.summary, found.compared
    rows: list[tuple[object, ...]] = [
        (words("statistics.first_day"), chosen.period.first), (words("statistics.last_day"), chosen.period.last),
        (words("statistics.came_in"), summary.ins), (words("statistics.went_out"), summary.outs),
        (words("statistics.days_with_people"), summary.days_with_people), (words("statistics.peak"), summary.peak),
        (words("statistics.stay"), None if summary.stays.mean_s is None else Lasting(summary.stays.mean_s)),
        (words("statistics.median"), None if summary.stays.median_s is None else Lasting(summary.stays.median_s)),
        (words("statistics.visits"), summary.stays.count),
    ]  # fmt: skip
    if summary.busiest is not None:
        rows.append((words("statistics.busiest_hour"), f"{summary.busiest.day} {summary.busiest.clock_hour:02d}:00"))
    if compared is not None:
        rows += [
            (words("statistics.compared_ins"), round(compared.ins)),
            (words("statistics.compared_other"), round(compared.other_ins)),
            (words("statistics.compared_change"), None if compared.change is None else Share(compared.change)),
        ]
    return tuple(rows)
