"""Raw outputs to people, for every head, and what must never become a box."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import ModelError
from edge.vision.anchors import AnchorPlan, ssd_anchors
from edge.vision.heads import choose_head, people
from edge.vision.sidecar import Sidecar, parse_sidecar
from edge.vision.tensor import TensorSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = (64, 64)
PLAN = AnchorPlan(layers=((2, 2),), scales=(0.5,), aspects=(1.0, 2.0), base_px=64, interpolated_aspect=0)
RAW = Sidecar(anchors=PLAN)


def specs(*arrays: NDArray[Any], names: tuple[str, ...] = ()) -> list[TensorSpec]:
    labels = names or tuple("abcd")
    return [TensorSpec(name, array.shape, array.dtype.name) for name, array in zip(labels, arrays, strict=False)]


def found(
    *arrays: NDArray[Any], sidecar: Sidecar | None = None, least: float = 0.3, names: tuple[str, ...] = ()
) -> list[tuple[tuple[float, float, float, float], float]]:
    head = choose_head(specs(*arrays, names=names), sidecar, SIZE, least)
    boxes, scores = head.candidates(arrays)
    seen = people(boxes, scores, 0.5, 100)
    return [((d.box.left, d.box.top, d.box.right, d.box.bottom), d.score) for d in seen]


def raw(rows: int = 8, logit: float = -9.0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return np.zeros((1, rows, 4), np.float32), np.full((1, rows, 1), logit, np.float32)


def test_anchors_run_cell_by_cell_and_keep_their_pixels_on_a_wider_input() -> None:
    anchors = ssd_anchors(PLAN, 128, 64)
    assert anchors.shape == (8, 4)
    assert anchors[:, 0].tolist() == [0.25] * 4 + [0.75] * 4
    assert anchors[:, 1].tolist() == [0.25, 0.25, 0.75, 0.75] * 2
    assert anchors[0, 2:].tolist() == pytest.approx([0.5, 0.25])
    assert anchors[1, 2:].tolist() == pytest.approx([0.5 / 2**0.5, 0.25 * 2**0.5])


def test_anchors_of_the_lowest_layer_and_between_the_scales() -> None:
    plan = AnchorPlan(((2, 1), (1, 1)), (0.2, 0.8), (1.0,), 64, lowest=((0.1, 1.0),))
    assert plan.count() == 4
    anchors = ssd_anchors(plan, *SIZE)
    assert anchors[:, 2].tolist() == pytest.approx([0.1, 0.1, 0.8, 0.8**0.5])


def test_raw_ssd_decodes_against_the_anchor() -> None:
    boxes, scores = raw()
    boxes[0, 6], scores[0, 6] = (1.0, -2.0, 5 * log(0.5), 5 * log(0.8)), log(0.9 / 0.1)
    [(box, score)] = found(boxes, scores, sidecar=RAW)
    # Anchor 6 is centred on (.75, .75) and .5 by .5: moved by .05 down and .1 left, halved in height, .8 in width.
    assert box == pytest.approx((0.65 - 0.2, 0.8 - 0.125, 0.65 + 0.2, 0.8 + 0.125))
    assert score == pytest.approx(0.9)


def test_raw_ssd_outputs_may_come_in_the_other_order_and_of_several_classes() -> None:
    boxes, _ = raw()
    scores = np.full((1, 8, 3), -9, np.float32)
    scores[0, 0, 0], scores[0, 4, 2] = 4.0, 2.0
    [(box, _)] = found(scores, boxes, sidecar=Sidecar(anchors=PLAN, person_class=2))
    assert box == pytest.approx((0, 0.5, 0.5, 1))


def test_raw_ssd_of_four_classes_is_told_apart_by_names_or_the_sidecar() -> None:
    boxes, _ = raw()
    scores = np.full((1, 8, 4), -9, np.float32)
    scores[0, 0, 0] = 4
    assert len(found(scores, boxes, sidecar=RAW, names=("scores", "boxes"))) == 1
    assert len(found(scores, boxes, sidecar=Sidecar(anchors=PLAN, order=("scores", "boxes")))) == 1
    with pytest.raises(ModelError, match="tell them apart in the sidecar"):
        found(scores, boxes, sidecar=RAW)


def test_quantised_raw_ssd_outputs_are_read_by_their_scale() -> None:
    boxes = np.full((1, 8, 4), 10, np.uint8)
    scores = np.zeros((1, 8, 1), np.uint8)
    scores[0, 4] = 22
    described = [TensorSpec("b", boxes.shape, "uint8", 0.5, 10), TensorSpec("s", scores.shape, "uint8", 0.1, 2)]
    head = choose_head(described, RAW, SIZE, 0.6)
    decoded, marks = head.candidates((boxes, scores))
    assert decoded.tolist() == [pytest.approx([0, 0.5, 0.5, 1])]
    assert marks.tolist() == pytest.approx([1 / (1 + np.exp(-2))])


@pytest.mark.parametrize("least", [0.0, 0.2, 1.0])
def test_no_row_above_the_threshold_is_no_box(least: float) -> None:
    boxes, scores = raw(logit=-np.inf)
    assert found(boxes, scores, sidecar=RAW, least=least) == []


def test_every_row_above_the_threshold_leaves_only_boxes_apart() -> None:
    plan = AnchorPlan(((40, 40),), (0.2,), (1.0, 2.0), 64, interpolated_aspect=0)
    boxes, scores = raw(rows=3200, logit=3.0)
    seen = found(boxes, scores, sidecar=Sidecar(anchors=plan))
    assert 1 <= len(seen) <= 300
    assert len({box for box, _ in seen}) == len(seen)


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e30])
def test_numbers_that_are_not_finite_become_no_box(poison: float) -> None:
    boxes, scores = raw(logit=3.0)
    boxes[0, :3] = poison
    boxes[0, 3, 2] = poison
    scores[0, 5] = np.nan
    scores[0, 6] = np.inf
    sound = found(boxes, scores, sidecar=RAW, least=0.5)
    assert 1 <= len(sound) <= 3
    assert all(0 <= place <= 1 for box, _ in sound for place in box)
    everywhere = np.full_like(boxes, poison), np.full_like(scores, np.nan)
    assert found(*everywhere, sidecar=RAW) == []


def test_boxes_are_clipped_and_those_outside_dropped() -> None:
    boxes = np.array([[-0.5, 0.2, 0.4, 1.7], [1.1, 0.1, 1.4, 0.3], [0.5, 0.5, 0.5, 0.9], [0.6, 0.8, 0.9, 0.2]])
    seen = people(boxes.astype(np.float32), np.float32([0.9, 0.8, 0.7, 0.6]), 0.5, 100)
    assert len(seen) == 1
    box = seen[0].box
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx((0, 0.2, 0.4, 1))


def test_of_two_that_overlap_the_weaker_goes_and_its_victims_stay() -> None:
    # A suppresses B; C overlaps B enough but A too little, so it stays.
    boxes = np.float32([[0, 0, 0.4, 1], [0.1, 0, 0.5, 1], [0.2, 0, 0.6, 1]])
    seen = people(boxes, np.float32([0.9, 0.8, 0.7]), 0.5, 100)
    assert [d.box.left for d in seen] == pytest.approx([0, 0.2])
    assert len(people(boxes, np.float32([0.9, 0.8, 0.7]), 0.5, 1)) == 1


_sides = st.floats(-0.5, 1.5, width=32)


@given(st.lists(st.tuples(_sides, _sides, _sides, _sides), max_size=40))
def test_what_stays_is_inside_ordered_and_apart(corners: list[tuple[float, float, float, float]]) -> None:
    boxes = np.array(corners, np.float32).reshape(-1, 4)
    scores = np.linspace(1, 0.2, len(boxes), dtype=np.float32)
    seen = people(boxes, scores, 0.5, 100)
    assert [d.score for d in seen] == sorted((d.score for d in seen), reverse=True)
    for place, one in enumerate(seen):
        assert 0 <= one.box.left < one.box.right <= 1
        assert 0 <= one.box.top < one.box.bottom <= 1
        assert all(one.box.iou(other.box) < 0.501 for other in seen[:place])


BOXES = np.float32([[[0.1, 0.2, 0.5, 0.4], [0.3, 0.6, 0.9, 0.8], [0, 0, 0.2, 0.2], [2e11, -2e11, 2e11, np.nan]]])
CLASSES = np.float32([[0, 2, 0, 0]])
SCORES = np.float32([[0.9, 0.8, 0.1, 2e11]])
COUNT = np.float32([3])


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1), (3, 2, 1, 0)])
def test_postprocessed_outputs_in_any_order(order: tuple[int, ...]) -> None:
    outputs = [(BOXES, CLASSES, SCORES, COUNT)[place] for place in order]
    assert found(*outputs) == [(pytest.approx((0.2, 0.1, 0.4, 0.5)), pytest.approx(0.9))]


def test_postprocessed_person_class_from_the_sidecar() -> None:
    [(box, _)] = found(BOXES, CLASSES, SCORES, COUNT, sidecar=Sidecar(person_class=2))
    assert box == pytest.approx((0.6, 0.3, 0.8, 0.9))


def test_postprocessed_names_decide_where_values_cannot() -> None:
    # Read by position these scores would be classes: 1 everywhere, so nobody a person.
    ones, zeros = np.ones((1, 4), np.float32), np.zeros((1, 4), np.float32)
    zeros[0, 1] = 2
    named = ("boxes", "detection_scores", "detection_classes", "count")
    assert len(found(BOXES, ones, zeros, COUNT, names=named)) == 2
    ordered = Sidecar(order=("boxes", "scores", "classes", "count"))
    assert len(found(BOXES, ones, zeros, COUNT, sidecar=ordered)) == 2
    with pytest.raises(ModelError, match="3 names for 4 outputs"):
        found(BOXES, ones, zeros, COUNT, sidecar=Sidecar(order=("boxes", "scores", "classes")))


def test_postprocessed_saturated_scores_before_classes() -> None:
    ones, zeros = np.ones((1, 4), np.float32), np.zeros((1, 4), np.float32)
    assert len(found(BOXES, ones, zeros, COUNT)) == 3
    assert len(found(BOXES, zeros, ones, COUNT)) == 3


@pytest.mark.parametrize("count", [0.0, np.nan, np.inf, -3.0])
def test_postprocessed_count_of_nothing(count: float) -> None:
    assert found(BOXES, CLASSES, SCORES, np.float32([count])) == []


def test_postprocessed_count_beyond_the_rows() -> None:
    assert len(found(BOXES[:, :3], CLASSES[:, :3], SCORES[:, :3], np.float32([2e11]))) == 1


def yolo(*rows: tuple[float, ...], total: int = 84, first: int = 0) -> NDArray[np.float32]:
    table = np.zeros((1, len(rows[0]), total), np.float32)
    for place, row in enumerate(rows):
        table[0, :, first + place] = row
    return table


def test_yolo_columns_in_shares_and_pixels() -> None:
    assert found(yolo((0.5, 0.5, 0.2, 0.4, 0.8))) == [(pytest.approx((0.4, 0.3, 0.6, 0.7)), pytest.approx(0.8))]
    assert found(yolo((32, 32, 12.8, 25.6, 0.8))) == [(pytest.approx((0.4, 0.3, 0.6, 0.7)), pytest.approx(0.8))]


def test_yolo_unit_from_the_sidecar() -> None:
    [(box, _)] = found(yolo((1.5, 1.5, 3, 3, 0.8)), sidecar=Sidecar(box_unit="pixels"))
    assert box == pytest.approx((0, 0, 3 / 64, 3 / 64))


def test_yolo_rows_without_objectness_by_the_number_of_cells() -> None:
    table = np.ascontiguousarray(yolo((0.5, 0.5, 0.2, 0.4, 0.7, 0.1)).transpose(0, 2, 1))
    [(_, score)] = found(table)
    assert score == pytest.approx(0.7)


def test_yolo_rows_with_objectness_multiply_it() -> None:
    table = np.ascontiguousarray(yolo((0.5, 0.5, 0.2, 0.4, 0.5, 0.8), total=252).transpose(0, 2, 1))
    [(_, score)] = found(table)
    assert score == pytest.approx(0.4)
    assert found(table, least=0.45) == []


def test_yolo_objectness_that_cannot_be_told_needs_the_sidecar() -> None:
    table = np.ascontiguousarray(yolo((0.5, 0.5, 0.2, 0.4, 0.8, 0.5), total=300).transpose(0, 2, 1))
    with pytest.raises(ModelError, match="objectness = true or false"):
        found(table)
    assert found(table, sidecar=Sidecar(objectness=True))[0][1] == pytest.approx(0.4)
    assert found(table, sidecar=Sidecar(objectness=False))[0][1] == pytest.approx(0.8)


def test_yolo_takes_a_box_for_a_person_only_where_no_class_is_likelier() -> None:
    table = yolo((0.3, 0.5, 0.1, 0.4, 0.6, 0.7), (0.7, 0.5, 0.1, 0.4, 0.6, 0.5))
    [(box, _)] = found(table)
    assert box == pytest.approx((0.65, 0.3, 0.75, 0.7))
    [(box, _)] = found(table, sidecar=Sidecar(person_class=1))
    assert box == pytest.approx((0.25, 0.3, 0.35, 0.7))


def test_yolo_scores_may_be_logits() -> None:
    [(_, score)] = found(yolo((0.5, 0.5, 0.2, 0.4, 2.0)), sidecar=Sidecar(score="sigmoid"), least=0.6)
    assert score == pytest.approx(0.8808, abs=1e-4)


def test_quantised_yolo() -> None:
    table = np.full((1, 5, 84), -128, np.int8)
    table[0, :, 7] = np.array([0.5, 0.5, 0.2, 0.4, 0.8]) * 250 - 128
    head = choose_head([TensorSpec("o", table.shape, "int8", 1 / 250, -128)], None, SIZE, 0.3)
    boxes, scores = head.candidates((table,))
    assert boxes.tolist() == [pytest.approx([0.4, 0.3, 0.6, 0.7], abs=0.005)]
    assert scores.tolist() == pytest.approx([0.8])


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_poisoned_yolo_is_no_box(poison: float) -> None:
    assert found(np.full((1, 5, 84), poison, np.float32)) == []
    assert found(yolo((poison, 0.5, 0.2, 0.4, 0.8))) == []


def test_yolo_full_of_boxes_and_without_any() -> None:
    assert len(found(np.full((1, 5, 84), 0.9, np.float32))) == 1
    assert found(np.zeros((1, 5, 84), np.float32)) == []


@pytest.mark.parametrize(
    ("shapes", "sidecar", "words"),
    [
        ([(1, 1001)], None, "1x1001 float32; accepted are a 4-output SSD"),
        ([(1, 8, 4), (1, 8)], None, "accepted are"),
        ([(1, 8, 4), (1, 8), (1, 8), (5,)], None, "accepted are"),
        ([(1, 8, 4), (1, 8), (1, 9), (1,)], None, "accepted are"),
        ([], None, "accepted are"),
        ([(1, 8, 4), (1, 8, 1)], None, "no sidecar stands beside it"),
        ([(1, 8, 4), (1, 8, 1)], Sidecar(), r"no \[anchors\]"),
        ([(1, 9, 4), (1, 9, 1)], RAW, "9 rows, but the sidecar's anchors are 8"),
        ([(1, 8, 4), (1, 8, 1)], Sidecar(anchors=PLAN, person_class=1), "no person_class 1"),
        ([(1, 5, 84)], Sidecar(format="ssd-raw"), "sidecar says ssd-raw"),
    ],
)
def test_other_outputs_are_refused(shapes: list[tuple[int, ...]], sidecar: Sidecar | None, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        choose_head([TensorSpec(f"out{n}", shape) for n, shape in enumerate(shapes)], sidecar, SIZE, 0.3)


def test_half_precision_outputs_are_refused() -> None:
    with pytest.raises(ModelError, match="1x5x84 float16"):
        choose_head([TensorSpec("o", (1, 5, 84), "float16")], None, SIZE, 0.3)


ANCHORS = "[anchors]\nbase = 64\nlayers = [[2, 2]]\nscales = [0.5]\naspects = [1, 2]\n"


def test_a_sidecar_is_read() -> None:
    text = 'format = "ssd-raw"\nperson_class = 3\n[input]\nmean = 0\nstd = 255\n[output]\nnms_iou = 0.6\n'
    sidecar = parse_sidecar(text + ANCHORS + "interpolated_aspect = 0\ncount = 8\n", "m.toml")
    assert sidecar == Sidecar(
        format="ssd-raw", person_class=3, mean=0, std=255, nms_iou=0.6, anchors=PLAN, box_scale=(10, 10, 5, 5)
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format = ", "m.toml: not valid TOML"),
        ('format = "rcnn"', "format must be ssd-raw or ssd-post or yolo, not 'rcnn'"),
        ("person_clas = 1", "did you mean person_class"),
        ("colour = 1", "known are"),
        ("person_class = -1", "person_class must be a whole number, 0 or more"),
        ("person_class = true", "person_class must be a whole number"),
        ("sha256 = 3", "sha256 must be a text"),
        ("input = 3", "input must be a table"),
        ('[input]\nlayout = "NCHW"', r"\[input\] layout must be NHWC"),
        ("[input]\nstd = 0", r"\[input\] std must be a number above 0"),
        ("[input]\nmean = nan", r"\[input\] mean must be a number"),
        ("[output]\norder = [1]", r"\[output\] order must be a list of texts"),
        ("[output]\nobjectness = 1", r"\[output\] objectness must be true or false"),
        ("[output]\nnms_iou = 1.5", r"\[output\] nms_iou must be a number above 0, at most 1"),
        ("[output]\nbox_scale = [1, 2]", r"\[output\] box_scale must be a list of 4 numbers"),
        ("[anchors]\nbase = 1", r"\[anchors\] needs layers, scales, aspects and base"),
        (ANCHORS + "count = 7", r"count is 7, but its layers and aspects make 12"),
        (ANCHORS.replace("[0.5]", "[0.5, 0.6]"), "1 layers but 2 scales"),
        (ANCHORS.replace("[[2, 2]]", "[[2]]"), "layers must be a list of pairs"),
        (ANCHORS.replace("[[2, 2]]", "[[2.5, 2]]"), "pairs of whole numbers"),
    ],
)
def test_a_malformed_sidecar_names_the_place(text: str, words: str) -> None:
    with pytest.raises(ModelError, match=words) as told:
        parse_sidecar(text, "m.toml")
    assert str(told.value).startswith("m.toml: ")
    assert "\n" not in str(told.value)
