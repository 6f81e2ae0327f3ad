"""What every detector promises (``core.ports.Detector``), asked of each that there is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from figures import figure

from edge.core.frame import Frame
from edge.core.model import Box
from edge.hardware.sim import SimCamera, SimDetector, Walker
from edge.hardware.tflite import TfliteDetector

if TYPE_CHECKING:
    from edge.core.ports import Detector


@dataclass
class Scene:
    """A detector, a frame with people and one without, and where the first person stands."""

    detector: Detector
    full: Frame
    empty: Frame
    box: Box


def sim() -> Scene:
    walkers = [Walker(str(n), ((0.0, 0.2 + n / 5, 0.7 + n / 20), (1.0, 0.2 + n / 5, 0.7 + n / 20))) for n in range(4)]
    camera = SimCamera(walkers)
    full, empty = (Frame(camera.picture(t_s), t_s) for t_s in (0.5, 1.5))
    return Scene(SimDetector(camera, jitter=0.002), full, empty, camera.boxes_at(0.5)[0])


def built_in() -> Scene:
    two = np.hstack([figure()[:, 160:480]] * 2)
    box = Box(0.2, 82 / 480, 0.3, 440 / 480)
    return Scene(TfliteDetector(), Frame(two, 0.0), Frame(np.full_like(two, 128), 0.1), box)


@pytest.fixture(params=[sim, built_in])
def scene(request: pytest.FixtureRequest) -> Scene:
    made: Scene = request.param()
    return made


def test_people_are_found_where_they_are(scene: Scene) -> None:
    best = max(scene.detector.detect(scene.full), key=lambda found: found.box.iou(scene.box))
    assert best.box.iou(scene.box) > 0.5


def test_nobody_is_found_where_nobody_is(scene: Scene) -> None:
    assert list(scene.detector.detect(scene.empty)) == []


def test_boxes_and_scores_are_fractions_best_first(scene: Scene) -> None:
    found = scene.detector.detect(scene.full)
    assert len(found) > 1
    assert all(a.score >= b.score for a, b in pairwise(found))
    for detection in found:
        box = detection.box
        assert 0 <= box.left < box.right <= 1
        assert 0 <= box.top < box.bottom <= 1
        assert 0 < detection.score <= 1


def test_one_person_is_found_once(scene: Scene) -> None:
    boxes = [detection.box for detection in scene.detector.detect(scene.full)]
    assert all(a.iou(b) <= 0.5 for n, a in enumerate(boxes) for b in boxes[:n])


def test_the_same_frame_gives_the_same_finds_and_stays_as_it_is(scene: Scene) -> None:
    kept = scene.full.image.copy()
    first = list(scene.detector.detect(scene.full))
    scene.detector.detect(scene.empty)
    assert list(scene.detector.detect(scene.full)) == first
    assert np.array_equal(scene.full.image, kept)
