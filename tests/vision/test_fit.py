"""Pictures into the model's input, and boxes back into the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.core.errors import ModelError
from edge.vision.fit import PADDING, Fit, Pixels
from edge.vision.tensor import TensorSpec

CHANCE = np.random.default_rng(7)
PICTURE = CHANCE.integers(0, 256, (48, 64, 3), dtype=np.uint8)
ALL_VALUES = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)


def spec(dtype: str = "uint8", scale: float = 0.0, zero_point: int = 0, side: int = 16) -> TensorSpec:
    return TensorSpec("picture", (1, side, side, 3), dtype, scale, zero_point)


def test_stretched_pixels_go_in_unchanged_as_rgb() -> None:
    tensor = Fit(spec(), Pixels(), letterbox=False).prepare(PICTURE)
    wanted = cv2.cvtColor(cv2.resize(PICTURE, (16, 16), interpolation=cv2.INTER_LINEAR), cv2.COLOR_BGR2RGB)
    assert tensor.shape == (1, 16, 16, 3)
    assert np.array_equal(tensor[0], wanted)


def test_bgr_models_get_bgr() -> None:
    tensor = Fit(spec(), Pixels(channels="BGR"), letterbox=False).prepare(PICTURE)
    assert np.array_equal(tensor[0], cv2.resize(PICTURE, (16, 16)))


@pytest.mark.parametrize(
    ("scale", "zero_point", "mean", "std"),
    [(1 / 127.5, 127, 127.5, 127.5), (1 / 128, 127, 127.5, 127.5), (1 / 255, 0, 0, 255), (0, 0, 127.5, 127.5)],
)
def test_usual_quantisations_mean_raw_pixels(scale: float, zero_point: int, mean: float, std: float) -> None:
    pixels = Pixels(mean, std)
    assert np.array_equal(
        Fit(spec("uint8", scale, zero_point), pixels, letterbox=False).prepare(ALL_VALUES)[0], ALL_VALUES
    )
    signed = Fit(spec("int8", scale, zero_point - 128), pixels, letterbox=False).prepare(ALL_VALUES)[0]
    assert signed.dtype == np.int8
    assert np.array_equal(signed.astype(int), ALL_VALUES.astype(int) - 128)


def test_unusual_quantisation_is_respected() -> None:
    tensor = Fit(spec("uint8", 2 / 255, 10), Pixels(0, 255), letterbox=False).prepare(ALL_VALUES)[0]
    assert np.array_equal(tensor, np.rint(ALL_VALUES / 2 + 10).astype(np.uint8))
    narrow = Fit(spec("int8", 1 / 1000, 0), Pixels(0, 255), letterbox=False).prepare(ALL_VALUES)[0]
    assert (narrow.min(), narrow.max()) == (0, 127)


def test_real_inputs_are_normalised() -> None:
    tensor = Fit(spec("float32"), Pixels(), letterbox=False).prepare(ALL_VALUES)
    assert tensor.dtype == np.float32
    assert tensor[0] == pytest.approx(ALL_VALUES / 127.5 - 1, abs=1e-6)
    shares = Fit(spec("float32"), Pixels(0, 255), letterbox=False).prepare(ALL_VALUES)
    assert (shares.min(), shares.max()) == (0, 1)


@pytest.mark.parametrize(("height", "width", "window"), [(32, 64, (0, 4, 16, 8)), (64, 16, (6, 0, 4, 16))])
def test_letterbox_keeps_the_aspect_and_pads(height: int, width: int, window: tuple[int, int, int, int]) -> None:
    fit = Fit(spec(), Pixels(), letterbox=True)
    tensor = fit.prepare(np.full((height, width, 3), 9, np.uint8))[0]
    left, top, wide, high = window
    assert (tensor[top : top + high, left : left + wide] == 9).all()
    assert int((tensor == PADDING).sum()) == (16 * 16 - wide * high) * 3


def test_letterbox_of_another_picture_leaves_nothing_of_the_last() -> None:
    fit = Fit(spec(), Pixels(), letterbox=True)
    fit.prepare(np.full((64, 16, 3), 9, np.uint8))
    assert set(np.unique(fit.prepare(np.full((16, 64, 3), 5, np.uint8)))) == {5, PADDING}


def test_letterboxed_boxes_come_back_to_the_picture() -> None:
    fit = Fit(spec(), Pixels(), letterbox=True)
    # A picture twice as wide as high fills rows 4 to 12 of 16.
    boxes = np.float32([[0, 0.25, 1, 0.75], [0.5, 0.5, 1, 0.625]])
    assert fit.to_picture(boxes, (32, 64, 3)).tolist() == [
        pytest.approx([0, 0, 1, 1]),
        pytest.approx([0.5, 0.5, 1, 0.75]),
    ]
    assert boxes[0, 1] == 0.25


def test_stretched_boxes_stay() -> None:
    boxes = np.float32([[0.1, 0.2, 0.3, 0.4]])
    assert np.array_equal(Fit(spec(), Pixels(), letterbox=False).to_picture(boxes, (32, 64, 3)), boxes)


@pytest.mark.parametrize("shape", [(1, 3, 16, 16), (16, 16, 3), (2, 16, 16, 3), (1, 16, 16, 1), (1, 0, 16, 3), ()])
def test_inputs_that_are_no_picture_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="1 x height x width x 3"):
        Fit(TensorSpec("x", shape, "uint8"), Pixels(), letterbox=False)


def test_other_numbers_are_refused() -> None:
    with pytest.raises(ModelError, match="1x16x16x3 float16; the numbers may be uint8, int8 or float32"):
        Fit(spec("float16"), Pixels(), letterbox=False)
