"""From a model's raw outputs to people: the accepted detector heads, and what is done to the boxes of all of them.

A head knows one layout of outputs and gives candidates: boxes as shares of the model's input and scores. Outputs come
as a tuple of arrays in the file's order, stored numbers (quantised ones are turned into real ones here, and only where
needed). Numbers that are not finite never become a box.
"""

from __future__ import annotations

from math import inf, log, prod
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from edge.core.errors import ModelError
from edge.core.model import Box, Detection
from edge.vision.anchors import ssd_anchors
from edge.vision.sidecar import Sidecar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from edge.vision.tensor import TensorSpec

    Floats = NDArray[np.float32]
    Outputs = Sequence[NDArray[Any]]

MOST_CANDIDATES = 300
_CORNERS = 4
_NUMBERS = ("float32", "uint8", "int8", "int32", "int64")
_SINGLE = ((), (1,), (1, 1))
# Box and one class; box and the 80 classes of COCO; the same with an objectness.
_VALUES_TELL = {5: False, 84: False, 85: True}
_NOTHING: tuple[Floats, Floats] = (np.empty((0, _CORNERS), np.float32), np.empty(0, np.float32))
ACCEPTED = (
    "accepted are a 4-output SSD or EfficientDet (boxes 1xNx4, classes 1xN, scores 1xN, count 1), a raw SSD "
    "(boxes 1xNx4, scores 1xNxC) with a sidecar, and a YOLO (one output, 1x(4+C)xN, 1xNx(4+C) or 1xNx(5+C))"
)


class Head(Protocol):
    """One layout of outputs."""

    name: str

    def candidates(self, outputs: Outputs) -> tuple[Floats, Floats]:
        """At most 300 boxes (N x 4: left, top, right, bottom, shares of the input) and scores (N), best first."""


class RawSsdHead:
    """Box encodings against anchors (1 x N x 4) and class scores (1 x N x C)."""

    name = "ssd-raw"

    def __init__(self, specs: Sequence[TensorSpec], sidecar: Sidecar, size_px: tuple[int, int], least: float) -> None:
        """Prepare the anchors for an input of ``size_px`` (width, height). Raises ModelError if they do not match."""
        self._boxes, self._scores = _raw_ssd_places(specs, sidecar)
        self._box_spec, self._score_spec = specs[self._boxes], specs[self._scores]
        if sidecar.anchors is None:
            raise ModelError("its sidecar has no [anchors], which a raw SSD needs")
        rows, classes = self._score_spec.shape[1:]
        if sidecar.anchors.count() != rows:
            raise ModelError(f"its outputs have {rows} rows, but the sidecar's anchors are {sidecar.anchors.count()}")
        self._person = _person_of(sidecar, classes)
        self._anchors = ssd_anchors(sidecar.anchors, *size_px)
        self._sigmoid = sidecar.score != "none"
        self._least = _logit(least) if self._sigmoid else least
        self._scale = np.array(sidecar.box_scale, np.float32)

    def candidates(self, outputs: Outputs) -> tuple[Floats, Floats]:
        """See Head. Only rows above the threshold are decoded: the rest is most of the work."""
        scores = self._score_spec.real(outputs[self._scores][0, :, self._person])
        chosen = _best(scores, self._least)
        if not len(chosen):
            return _NOTHING
        scores = scores[chosen]
        raw = self._box_spec.real(outputs[self._boxes][0, chosen])
        anchors = self._anchors[chosen]
        with np.errstate(over="ignore", invalid="ignore"):
            centre = raw[:, :2] / self._scale[:2] * anchors[:, 2:] + anchors[:, :2]
            half = np.exp(raw[:, 2:] / self._scale[2:]) * anchors[:, 2:] / 2
            boxes = np.empty_like(raw)
            # y, x become x, y
            boxes[:, 1::-1] = centre - half
            boxes[:, 3:1:-1] = centre + half
        return boxes, _sigmoid(scores) if self._sigmoid else scores


class PostprocessedHead:
    """Four outputs of TFLite_Detection_PostProcess: boxes, classes, scores and a count, in any order."""

    name = "ssd-post"

    def __init__(self, specs: Sequence[TensorSpec], sidecar: Sidecar, least: float) -> None:
        """Find which output is which by names and shapes. Raises ModelError if that cannot be told."""
        self._specs = tuple(specs)
        self._boxes, self._count, self._pair = _postprocessed_places(specs)
        self._named = _named_pair(specs, self._pair, sidecar.order)
        self._person = sidecar.person_class
        self._least = least

    def candidates(self, outputs: Outputs) -> tuple[Floats, Floats]:
        """See Head. Rows past the count are never looked at: they hold whatever was in memory."""
        count = self._real(outputs, self._count).reshape(-1)[0]
        rows = min(int(count), self._specs[self._boxes].shape[1]) if count >= 1 and np.isfinite(count) else 0
        if not rows:
            return _NOTHING
        classes, scores = (self._real(outputs, place).reshape(-1)[:rows] for place in self._pair)
        if self._named is None:
            classes, scores = _told_apart(classes, scores)
        elif self._named != self._pair:
            classes, scores = scores, classes
        chosen = _best(np.where(np.rint(classes) == self._person, scores, -inf), self._least)
        boxes = self._specs[self._boxes].real(outputs[self._boxes][0, chosen])
        return boxes[:, (1, 0, 3, 2)], scores[chosen].astype(np.float32)

    def _real(self, outputs: Outputs, place: int) -> Floats:
        return self._specs[place].real(outputs[place])


class YoloHead:
    """One output: centre x, centre y, width, height, [objectness,] a score for each class; rows or columns."""

    name = "yolo"

    def __init__(self, spec: TensorSpec, sidecar: Sidecar, size_px: tuple[int, int], least: float) -> None:
        """Tell rows from columns, and whether there is an objectness. Raises ModelError if that cannot be told."""
        self._spec, self._size, self._least = spec, np.array(size_px * 2, np.float32), least
        first, second = spec.shape[1:]
        self._columns = first < second
        values, boxes = min(first, second), max(first, second)
        objectness = _yolo_objectness(values, boxes, size_px) if sidecar.objectness is None else sidecar.objectness
        if objectness is None:
            raise ModelError(
                f"its output {spec} does not tell whether it has an objectness column (a head that suppresses "
                "overlaps itself is not accepted); say so in a sidecar: [output] objectness = true or false"
            )
        self._objectness = _CORNERS if objectness else None
        self._first_class = _CORNERS + bool(objectness)
        self._person = self._first_class + _person_of(sidecar, values - self._first_class)
        self._sigmoid, self._unit = sidecar.score == "sigmoid", sidecar.box_unit

    def candidates(self, outputs: Outputs) -> tuple[Floats, Floats]:
        """See Head. A box is a person's only where no other class scores higher."""
        table = outputs[0][0] if self._columns else outputs[0][0].T
        scores = self._score(table[self._person])
        if self._objectness is not None:
            scores = scores * self._score(table[self._objectness])
        chosen = _best(scores, self._least)
        rows = self._spec.real(table[:, chosen])
        person = rows[self._person] >= rows[self._first_class :].max(axis=0)
        centre, size = rows[:2, person].T, rows[2:4, person].T / 2
        boxes = np.concatenate([centre - size, centre + size], axis=1)
        in_pixels = self._unit == "pixels" if self._unit else bool((centre > 2).any())  # noqa: PLR2004
        if in_pixels:
            boxes /= self._size
        return boxes, scores[chosen][person]

    def _score(self, stored: NDArray[Any]) -> Floats:
        scores = self._spec.real(stored)
        return _sigmoid(scores) if self._sigmoid else scores


def choose_head(specs: Sequence[TensorSpec], sidecar: Sidecar | None, size_px: tuple[int, int], least: float) -> Head:
    """Recognise a head by its outputs' shapes; ``least`` is the lowest score that matters, ``size_px`` the input's.

    Raises ModelError with the rest of a sentence about the file ("its outputs are ...").
    """
    found = _format_of(specs)
    told = ", ".join(str(spec) for spec in specs)
    if found is None:
        raise ModelError(f"its outputs are {told}; {ACCEPTED}")
    if sidecar is not None and sidecar.format not in (None, found):
        raise ModelError(f"its sidecar says {sidecar.format}, but the outputs are {told}, which is {found}")
    if found == RawSsdHead.name and sidecar is None:
        raise ModelError(f"its outputs are {told}, a raw SSD's, and no sidecar stands beside it to give the anchors")
    known = sidecar or Sidecar()
    if found == YoloHead.name:
        return YoloHead(specs[0], known, size_px, least)
    if found == PostprocessedHead.name:
        return PostprocessedHead(specs, known, least)
    return RawSsdHead(specs, known, size_px, least)


def people(boxes: Floats, scores: Floats, overlap: float, most: int) -> list[Detection]:
    """Make detections of candidates (N x 4: left, top, right, bottom as shares of the picture; N scores, best first).

    Boxes that are not finite or have no area inside the picture are dropped, the others clipped to it; of two that
    overlap by ``overlap`` or more (intersection over union) the weaker goes; the best ``most`` remain.
    """
    if not len(boxes):
        return []
    sound = np.isfinite(boxes).all(axis=1)
    boxes = boxes.clip(0, 1)
    sound &= (boxes[:, :2] < boxes[:, 2:]).all(axis=1)
    boxes, scores = boxes[sound], scores[sound]
    kept = _unsuppressed(boxes, overlap)[:most]
    found = zip(boxes[kept].tolist(), scores[kept].clip(0, 1).tolist(), strict=True)
    return [Detection(Box(*corners), score) for corners, score in found]


def _unsuppressed(boxes: Floats, overlap: float) -> list[int]:
    """Greedy suppression of boxes sorted best first: the indices that stay, in order."""
    left, top, right, bottom = boxes.T
    wide = np.minimum(right, right[:, None]) - np.maximum(left, left[:, None])
    high = np.minimum(bottom, bottom[:, None]) - np.maximum(top, top[:, None])
    shared = wide.clip(0) * high.clip(0)
    area = (right - left) * (bottom - top)
    apart = shared / (area + area[:, None] - shared) < overlap
    free = np.ones(len(boxes), bool)
    kept = []
    for index in range(len(boxes)):
        if free[index]:
            kept.append(index)
            free &= apart[index]
    return kept


def _best(scores: Floats, least: float) -> NDArray[np.intp]:
    """Rows of at least this score, best first, no more than 300. NaN and infinity are never among them."""
    rows = np.flatnonzero(scores >= least)
    if not len(rows):
        return rows
    rows = rows[np.isfinite(scores[rows])]
    return rows[np.argsort(-scores[rows], kind="stable")][:MOST_CANDIDATES]


def _sigmoid(logits: Floats) -> Floats:
    one = np.float32(1)
    with np.errstate(over="ignore", invalid="ignore"):
        scores: Floats = one / (one + np.exp(-logits))
    return scores


def _logit(score: float) -> float:
    if 0 < score < 1:
        return log(score / (1 - score))
    return inf if score >= 1 else -inf


def _person_of(sidecar: Sidecar, classes: int) -> int:
    if sidecar.person_class >= classes:
        raise ModelError(f"its outputs have {classes} classes, so there is no person_class {sidecar.person_class}")
    return sidecar.person_class


def _format_of(specs: Sequence[TensorSpec]) -> str | None:
    shapes = [spec.shape for spec in specs]
    if any(spec.dtype not in _NUMBERS for spec in specs) or any(0 in shape for shape in shapes):
        return None
    solid = [shape for shape in shapes if len(shape) == 3 and shape[0] == 1]  # noqa: PLR2004
    if len(shapes) == len(solid) == 1 and min(solid[0][1:]) > _CORNERS:
        return YoloHead.name
    boxes = [shape for shape in solid if shape[2] == _CORNERS]
    if len(shapes) == len(solid) == 2 and boxes and shapes[0][1] == shapes[1][1]:  # noqa: PLR2004
        return RawSsdHead.name
    if len(shapes) == 4 and len(solid) == len(boxes) == 1:  # noqa: PLR2004
        count, *rows = sorted((shape for shape in shapes if shape not in boxes), key=lambda s: (prod(s), len(s)))
        if count in _SINGLE and rows == [(1, boxes[0][1])] * 2:
            return PostprocessedHead.name
    return None


def _raw_ssd_places(specs: Sequence[TensorSpec], sidecar: Sidecar) -> tuple[int, int]:
    """Where the boxes and the scores are among the outputs."""
    boxes = [place for place, spec in enumerate(specs) if spec.shape[2] == _CORNERS]
    if len(boxes) > 1:
        labels = sidecar.order or tuple(spec.name.lower() for spec in specs)
        boxes = [place for place, label in enumerate(labels) if "box" in label]
    if len(boxes) != 1 or boxes[0] > 1:
        raise ModelError('its two outputs look alike; tell them apart in the sidecar: [output] order = ["boxes", ...]')
    return boxes[0], 1 - boxes[0]


def _postprocessed_places(specs: Sequence[TensorSpec]) -> tuple[int, int, tuple[int, int]]:
    """Where the boxes and the count are, and the two places that hold classes and scores."""
    boxes = next(place for place, spec in enumerate(specs) if len(spec.shape) == 3)  # noqa: PLR2004
    others = [place for place in range(len(specs)) if place != boxes]
    # A one-row head may have three outputs of one number each: the count is the one of the fewest dimensions.
    count = min((place for place in others if specs[place].shape in _SINGLE), key=lambda p: len(specs[p].shape))
    first, second = (place for place in others if place != count)
    return boxes, count, (first, second)


def _named_pair(
    specs: Sequence[TensorSpec], pair: tuple[int, int], order: tuple[str, ...] | None
) -> tuple[int, int] | None:
    """(classes, scores) by the sidecar's or the tensors' names, or None when these say nothing."""
    if order is not None and len(order) != len(specs):
        raise ModelError(f"its sidecar's [output] order has {len(order)} names for {len(specs)} outputs")
    labels = [name.lower() for name in order or [spec.name for spec in specs]]
    classes = [p for p in pair if "class" in labels[p] or labels[p].endswith("postprocess:1")]
    scores = [p for p in pair if "score" in labels[p] or labels[p].endswith("postprocess:2")]
    if len(classes) == len(scores) == 1 and classes != scores:
        return classes[0], scores[0]
    return None


def _told_apart(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """(classes, scores) by what they hold: classes are whole numbers, scores are not; else the usual order."""
    scores_first = bool((first % 1 != 0).any()) and not bool((second % 1 != 0).any())
    saturated = not second.any() and bool((first == 1).all())
    return (second, first) if scores_first or saturated else (first, second)


def _yolo_objectness(values: int, boxes: int, size_px: tuple[int, int]) -> bool | None:
    """Whether rows of so many values have an objectness; None when neither their size nor their number tells."""
    if values in _VALUES_TELL:
        return _VALUES_TELL[values]
    for strides in ((8, 16, 32), (16, 32), (8, 16, 32, 64), (4, 8, 16, 32)):
        cells = sum(-(-size_px[0] // stride) * -(-size_px[1] // stride) for stride in strides)
        if boxes in (cells, 3 * cells):
            # Three anchors a cell come with an objectness, anchor-free heads without.
            return boxes != cells
    return None
