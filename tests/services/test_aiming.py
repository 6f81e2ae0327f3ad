"""The aim of each line as the panel asks for it while people pass."""

from __future__ import annotations

import json

import numpy as np
import pytest

from edge.analytics.scene import Scene
from edge.core.errors import InputError
from edge.core.frame import Frame
from edge.core.model import Anchor, Box, Mount, Sighting, Track, Tripwire
from edge.services.aiming import AimWatch

ASPECT = 4 / 3
DOOR = Tripwire("door", (0.05, 0.6), (0.95, 0.6))
MOVED = Tripwire("door", (0.05, 0.5), (0.95, 0.5))


def people(watch: AimWatch, scene: Scene, number: int, from_s: float = 0.0, luma: int = 110) -> float:
    """Each walks through the picture in two seconds."""
    t_s, image = from_s, np.full((30, 40, 3), luma, dtype=np.uint8)
    for person in range(1, number + 1):
        for step in range(25):
            t_s += 0.1
            y, size = 0.4 + step / 50, 0.35
            box = Box(0.45, y - size, 0.55, y)
            track = Track(person, box, 0.9, t_s, t_s - step / 10, True, size, (0.5, y), Anchor.FOOT)  # noqa: FBT003
            sighting = Sighting(t_s, (track,) if step < 20 else (), (person,) if step == 24 else ())
            watch.saw(Frame(image, t_s), sighting, scene, scene.update(sighting))
    return t_s


def line(watch: AimWatch) -> dict[str, object]:
    # As it goes over the control socket.
    told = json.loads(json.dumps(watch.told()))
    found = told["lines"]["door"]
    assert isinstance(found, dict)
    return found


def test_score_reasons_and_the_usual_body() -> None:
    watch, scene = AimWatch("door", Mount.OBLIQUE), Scene([DOOR], (), ASPECT)
    with pytest.raises(InputError, match="camera door has not given a picture yet"):
        watch.told()
    people(watch, scene, 4)
    assert (line(watch)["score"], line(watch)["people"]) == (None, 4)
    people(watch, scene, 8, 20.0)
    score = line(watch)["score"]
    assert isinstance(score, int)
    assert score > 90
    assert watch.told()["body"] == pytest.approx(0.35)


def test_the_dark_is_told() -> None:
    watch, scene = AimWatch("door", Mount.OBLIQUE), Scene([DOOR], (), ASPECT)
    people(watch, scene, 8, luma=8)
    reasons = line(watch)["reasons"]
    assert isinstance(reasons, list)
    assert [reason["id"] for reason in reasons] == ["dark"]


def test_a_line_that_is_moved_begins_anew_and_so_does_a_recording() -> None:
    watch, scene = AimWatch("door", Mount.OBLIQUE), Scene([DOOR], (), ASPECT)
    t_s = people(watch, scene, 8)
    scene.reconfigure([MOVED], (), t_s)
    t_s = people(watch, scene, 2, t_s)
    assert line(watch)["people"] == 2
    people(watch, scene, 1, 0.0)
    assert line(watch)["people"] == 1
