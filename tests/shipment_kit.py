"""Shipments for tests: any at all (hypothesis), and those of a usual shop."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import strategies as st

from edge.core import shipment as s
from edge.core.shipment import Corrections, Crossings, Notices, Shipment, Standing, Subject, Visits, ZoneStays

DEVICE = "abcdefghij234567"
EPOCH = "00c0ffee00c0ffee"
SUBJECTS = (
    Subject("line", "door", "entrance", door=True),
    Subject("line", "door", "side", door=True),
    Subject("camera", "door"),
    Subject("zone", "door", "till"),
)
STANDING = Standing("0.1.0", 71_500, 1_780_000_000_000, "synced", 86_400)
DAY_MS = 86_400_000
CROSSINGS_A_DAY = 2_400

# What UTF-8 and PostgreSQL can hold.
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
names = st.text(letters, max_size=s.MOST_NAME)


def shipment(after_seq: int = 0, last_seq: int = 0, **parts: Any) -> Shipment:  # noqa: ANN401 - any part of it
    """A batch of the shop's device; without ``parts`` it has no rows."""
    whole: dict[str, Any] = {
        "device": DEVICE, "epoch": EPOCH, "kept_from_seq": 0, "revised": False, "zone": "Europe/Paris",
        "day_starts_h": 0, "standing": STANDING, "subjects": SUBJECTS, "crossings": Crossings.empty(),
        "visits": Visits.empty(), "zone_stays": ZoneStays.empty(), "corrections": Corrections.empty(),
        "notices": Notices.empty(),
    }  # fmt: skip
    return Shipment(after_seq=after_seq, last_seq=last_seq, **(whole | parts))


def crossings(rows: int, seed: int = 0, after_seq: int = 0, from_ms: int = 1_780_000_000_000) -> Shipment:
    """Crossings only, at random moments, over two lines; visits and walks took the numbers between them."""
    chance = np.random.default_rng(seed)
    apart_ms = chance.exponential(DAY_MS / CROSSINGS_A_DAY, rows)
    seq = after_seq + np.cumsum(chance.integers(1, 4, rows), dtype=np.int64)
    taken = Crossings(
        seq,
        np.ones(rows, np.int64),
        from_ms + np.cumsum(apart_ms).astype(np.int64),
        chance.integers(0, 2, rows, dtype=np.int64),
        chance.integers(0, 2, rows, dtype=np.int64),
    )
    return shipment(after_seq, int(seq[-1]) if rows else after_seq, crossings=taken)


@st.composite
def shipments(draw: st.DrawFn, most_rows: int = 12) -> Shipment:
    """Any batch that may be sent."""
    subjects = draw(st.lists(st.builds(Subject, st.sampled_from(s.KINDS), names, names, st.booleans()), max_size=6))
    after_seq = draw(st.integers(0, s.MOST_SEQ))
    last_seq = draw(st.integers(after_seq, s.MOST_SEQ))
    places = {kind: [at for at, one in enumerate(subjects) if one.kind == kind] for kind in s.KINDS}
    seqs = draw(st.sets(st.integers(after_seq + 1, last_seq), max_size=most_rows)) if last_seq > after_seq else set()
    kinds: list[list[int]] = [[] for _ in range(5)]
    able = [*(at for at, kind in enumerate((s.LINE, s.CAMERA, s.ZONE)) if places[kind]), 3, 4]
    for seq in sorted(seqs):
        kinds[draw(st.sampled_from(able))].append(seq)
    stays = st.integers(0, s.MOST_STAY_DS)
    texts = (draw(_of(names, kinds[4])), draw(_of(objects, kinds[4])))
    return Shipment(
        draw(st.from_regex(r"[a-z2-7]{16}", fullmatch=True)), draw(st.from_regex(r"[0-9a-f]{1,64}", fullmatch=True)),
        after_seq, last_seq, draw(st.integers(0, s.MOST_SEQ)), draw(st.booleans()),
        draw(st.sampled_from(["UTC", "Europe/Paris", "America/Port-au-Prince", "Etc/GMT+5"])), draw(st.integers(0, 23)),
        draw(standings), tuple(subjects),
        Crossings(*_rows(draw, kinds[0], st.sampled_from(places[s.LINE] or [0]), st.integers(0, 1))),
        Visits(*_rows(draw, kinds[1], st.sampled_from(places[s.CAMERA] or [0]), stays)),
        ZoneStays(*_rows(draw, kinds[2], st.sampled_from(places[s.ZONE] or [0]), stays)),
        Corrections(
            *_rows(draw, kinds[3], st.integers(-s.MOST_CHANGE, s.MOST_CHANGE), st.integers(0, s.MOST_REASON))
        ),
        Notices(*_rows(draw, kinds[4]), tuple(texts[0]), tuple(texts[1])),
    )  # fmt: skip


objects = (
    st.dictionaries(names, st.none() | st.booleans() | st.integers() | names, max_size=3)
    .map(lambda told: json.dumps(told, ensure_ascii=False))
    .filter(lambda text: len(text.encode()) <= s.MOST_TOLD_BYTES)
)
standings = st.builds(
    Standing,
    names,
    st.integers(0, s.MOST_SEQ),
    st.none() | st.integers(-s.MOST_SEQ, s.MOST_SEQ),
    st.sampled_from(["unset", "estimated", "holdover", "synced"]),
    st.integers(0, s.MOST_SEQ),
)


def _of(values: st.SearchStrategy[Any], rows: list[int]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=len(rows), max_size=len(rows))


def _rows(draw: st.DrawFn, seqs: list[int], *columns: st.SearchStrategy[int]) -> list[s.Column]:
    versions, times = st.integers(1, s.MOST_VERSION), st.integers(s.FIRST_MS, s.END_MS - 1)
    return [s.column(*seqs), *(s.column(*draw(_of(values, seqs))) for values in (versions, times, *columns))]
