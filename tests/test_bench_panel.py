"""What ``acm bench panel`` makes of its passes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from edge.services.bench_panel import ALONE, FLOODED, Called, PanelReport, Pass

TRUTH = {"gate": (7, 5), "back": (1, 0)}
CALLED = Called(680_000, {"200": 900, "429": 11_100}, 60.0, 4)
PASSES = (
    Pass(ALONE, TRUTH, 20.0, 30.0, 140),
    Pass(FLOODED, TRUTH, 21.0, 33.0, 140, 150.0, CALLED),
    Pass(FLOODED, TRUTH, 21.0, 31.0, 139, 155.5, CALLED),
    Pass(ALONE, TRUTH, 20.0, 32.0, 140),
)


def test_shares_are_those_of_one_run_and_all_passes_count() -> None:
    report = PanelReport(TRUTH, PASSES)
    assert report.share(FLOODED) == pytest.approx(32 / 31)
    assert report.lost == 0
    assert report.within
    told = json.loads(report.json())
    assert told["checks"]["panel's peak memory, MB"] == {"measured": 155.5, "most": 200.0}
    assert told["passes"][1]["calls_a_second"] == 200.0
    text = report.text()
    assert "The sample clip has in 8, out 5" in text
    assert "4 viewers, 200 calls a second (900 x 200, 11100 x 429), 150 MB" in text
    assert "680 kB on the wire" in text


@pytest.mark.parametrize(
    ("worse", "missed"),
    [
        ({"counts": {"gate": (7, 4), "back": (2, 0)}}, "counts off"),
        ({"counts": {"gate": (7, 5)}}, "counts off"),
        ({"bad_ms": 60.0}, "chime flooded / alone"),
        ({"panel_rss_mb": 201.0}, "panel's peak memory"),
    ],
)  # fmt: skip
def test_one_thing_that_is_too_much_is_told(worse: dict[str, object], missed: str) -> None:
    report = PanelReport(TRUTH, (PASSES[0], replace(PASSES[1], **worse), *PASSES[2:]))  # type: ignore[arg-type]
    assert not report.within
    (row,) = [row for row in report.text().splitlines() if row.endswith("missed")]
    assert missed in row


def test_a_pass_that_gained_one_does_not_make_up_for_one_that_lost_one() -> None:
    more, less = ({"gate": (7 + by, 5), "back": (1, 0)} for by in (1, -1))
    report = PanelReport(TRUTH, (replace(PASSES[0], counts=more), replace(PASSES[1], counts=less)))
    assert report.lost == 2
