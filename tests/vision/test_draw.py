"""Painting over a frame."""

from __future__ import annotations

import numpy as np
import pytest

from edge.core.frame import Frame
from edge.core.model import Anchor, Box, Sighting, Track, Tripwire
from edge.vision.draw import LineLook, Painter

WIRE = Tripwire("door", (0.5, 1.0), (0.5, 0.0))


def person(number: int = 1, x: float = 0.5, t_s: float = 0.0, *, observed: bool = True) -> Track:
    box = Box(x - 0.05, 0.4, x + 0.05, 0.8)
    return Track(number, box, 0.9, t_s, 0.0, observed, 0.4, box.foot, Anchor.FOOT)


def blank(grey: int, wide: int = 640, high: int = 480, t_s: float = 0.0) -> Frame:
    return Frame(np.full((high, wide, 3), grey, dtype=np.uint8), t_s)


def look(entered: int = 2, left: int = 1, band: float = 0.03) -> LineLook:
    return LineLook(WIRE, band, entered, left)


def contrast(image: np.ndarray, grey: int) -> int:
    return int(np.abs(image.astype(int) - grey).max(axis=2).max())


@pytest.mark.parametrize("grey", [0, 90, 128, 200, 255])
def test_legible_on_any_background_and_the_frame_stays(grey: int) -> None:
    frame = blank(grey)
    image = Painter().paint(frame, Sighting(0.0, (person(x=0.8),)), [look()], 1)
    assert (frame.image == grey).all()
    assert image.shape == frame.image.shape
    for part in (image[180:400, 470:560], image[:60, :200], image[300:360, 310:330]):
        assert contrast(part, grey) > 80


@pytest.mark.parametrize(("wide", "high"), [(160, 120), (320, 240), (768, 576), (1920, 1080), (480, 854)])
def test_strokes_grow_with_the_picture_and_the_counts_fit(wide: int, high: int) -> None:
    image = Painter().paint(blank(128, wide, high), Sighting(0.0, ()), [look(entered=123, left=456)], 12)
    row = image[round(high * 0.6)]
    inked = np.flatnonzero(np.abs(row.astype(int) - 128).max(axis=1) > 60)
    assert inked.size >= max(3, min(wide, high) // 150)
    assert abs(inked.mean() / wide - 0.5) < 0.03
    # The plate ends before the picture does.
    assert (image[: high // 4, -2:] == 128).all()


def test_the_band_is_as_wide_as_told() -> None:
    def tinted(band: float) -> int:
        image = Painter().paint(blank(128), Sighting(0.0, ()), [look(band=band)], 0)
        return int((np.abs(image[200].astype(int) - 128).max(axis=1) > 8).sum())

    assert tinted(0.05) == pytest.approx(2 * 0.05 * 480, abs=4)
    assert tinted(0.1) == pytest.approx(2 * 0.1 * 480, abs=4)


def test_the_arrow_points_in() -> None:
    """Facing the end from the start (upwards), people come in to the right."""
    image = Painter().paint(blank(128), Sighting(0.0, ()), [look(band=0.001)], 0)
    across = np.abs(image[390:450].astype(int) - 128).max(axis=2).max(axis=0) > 60
    assert across[330:350].all()
    assert not across[280:310].any()


def test_a_trail_grows_fades_and_dies_with_its_track() -> None:
    painter = Painter(trail_s=1.0)
    for n in range(11):
        t_s = n / 10
        image = painter.paint(blank(128, t_s=t_s), Sighting(t_s, (person(x=0.1 + n * 0.05, t_s=t_s),)), [], 0)
    foot = round(0.8 * 480)
    assert contrast(image[foot - 2 : foot + 3, 100:300], 128) > 60
    late = painter.paint(blank(128, t_s=9.0), Sighting(9.0, (person(x=0.6, t_s=9.0),)), [], 0)
    assert contrast(late[foot - 2 : foot + 3, 100:300], 128) == 0
    gone = painter.paint(blank(128, t_s=9.1), Sighting(9.1, (), ended=(1,)), [], 0)
    assert contrast(gone[foot - 2 : foot + 3], 128) == 0


def test_first_glimpses_are_not_drawn() -> None:
    glimpse = Track(1, Box(0.7, 0.4, 0.8, 0.8), 0.9, 0.0, 0.0, True, 0.4, (0.75, 0.8), Anchor.FOOT, confirmed=False)  # noqa: FBT003
    image = Painter().paint(blank(128), Sighting(0.0, (glimpse,)), [], 0)
    assert contrast(image[150:, 400:], 128) == 0


def test_people_and_lines_half_outside_do_no_harm() -> None:
    wire = Tripwire("edge", (0.0, 0.0), (1.0, 0.0))
    box = Box(-0.2, -0.1, 0.1, 1.2)
    track = Track(3, box, 0.9, 0.0, 0.0, True, 1.0, box.foot, Anchor.FOOT)  # noqa: FBT003
    Painter().paint(blank(128), Sighting(0.0, (track,)), [LineLook(wire, 0.05, 0, 0)], 0)
