"""The interpreter's room: the built-in model, every head as a real file, and files that are no detector."""

from __future__ import annotations

import os
import shutil
from ctypes.util import find_library
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from figures import figure
from tiny_models import Given, as_stored, write_model, write_postprocessed_model

from edge.core.errors import InputError, ModelError
from edge.core.frame import Frame
from edge.hardware import tflite
from edge.hardware.tflite import DEFAULT_MODEL, TfliteDetector

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

GREY = np.full((480, 640, 3), 128, np.uint8)
YOLO = np.zeros((1, 5, 84), np.float32)
YOLO[0, :, 3] = (0.5, 0.5, 0.2, 0.4, 0.9)


@pytest.fixture
def detector() -> Iterator[TfliteDetector]:
    detector = TfliteDetector()
    yield detector
    detector.close()


def test_the_built_in_model_is_what_its_sidecar_says(detector: TfliteDetector) -> None:
    assert (detector.head, detector.input_width_px, detector.input_height_px) == ("ssd-raw", 428, 300)
    assert detector.threads == 1


def test_a_plain_wall_holds_nobody(detector: TfliteDetector) -> None:
    assert detector.detect(Frame(GREY, 0.0)) == []


def test_a_figure_is_found_where_it_stands(detector: TfliteDetector) -> None:
    best = detector.detect(Frame(figure(), 0.0))[0]
    assert best.score > 0.5
    assert best.box.centre == pytest.approx((0.5, 261 / 480), abs=0.03)
    assert best.box.height == pytest.approx(358 / 480, abs=0.08)


def test_the_stages_make_up_detection_and_repeat(detector: TfliteDetector) -> None:
    image = figure()
    whole = detector.detect(Frame(image, 0.0))
    outputs = detector.invoke(detector.prepare(image))
    detector.detect(Frame(GREY, 0.1))
    assert detector.decode(outputs, image.shape) == whole
    assert detector.detect(Frame(image, 0.2)) == whole


def test_two_threads_see_the_same(detector: TfliteDetector) -> None:
    two = TfliteDetector(threads=2)
    assert two.detect(Frame(figure(), 0.0)) == detector.detect(Frame(figure(), 0.0))
    two.close()


def test_scores_below_the_least_and_people_beyond_the_most_are_left_out() -> None:
    image = np.hstack([figure()[:, 160:480]] * 2)
    assert len(TfliteDetector(least_score=0.3).detect(Frame(image, 0.0))) == 2
    assert len(TfliteDetector(least_score=0.3, most_people=1).detect(Frame(image, 0.0))) == 1
    assert TfliteDetector(least_score=0.9999).detect(Frame(image, 0.0)) == []


def test_closing_twice_is_legal() -> None:
    detector = TfliteDetector()
    detector.close()
    detector.close()
    with pytest.raises(RuntimeError, match="closed"):
        detector.detect(Frame(GREY, 0.0))


def test_loading_leaves_the_terminal_quiet_and_usable(capfd: pytest.CaptureFixture[str]) -> None:
    TfliteDetector().detect(Frame(GREY, 0.0))
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ModelError):
        TfliteDetector(threads=0)
    os.write(2, b"still there\n")
    assert capfd.readouterr().err == "still there\n"


def test_only_the_information_lines_are_kept_back(capfd: pytest.CaptureFixture[str]) -> None:
    with tflite._quiet():  # noqa: SLF001  what C++ writes cannot be made to order
        os.write(2, b"INFO: Created a delegate.\nWARNING: no such node\n")
    assert capfd.readouterr().err == "WARNING: no such node\n"


def test_a_yolo_file_is_letterboxed(tmp_path: Path) -> None:
    detector = TfliteDetector(write_model(tmp_path / "y.tflite", {"output": YOLO}))
    assert detector.head == "yolo"
    [person] = detector.detect(Frame(GREY, 0.0))
    # The picture is 64 x 48 of the 64 x 64 input: 8 rows are padding on either side.
    box = person.box
    assert (box.left, box.right) == pytest.approx((0.4, 0.6))
    assert (box.top, box.bottom) == pytest.approx(((0.3 * 64 - 8) / 48, (0.7 * 64 - 8) / 48))


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_a_quantised_yolo_file(tmp_path: Path, dtype: str) -> None:
    zero = -128 if dtype == "int8" else 0
    stored = {"output": as_stored(YOLO, 1 / 250, zero, dtype)}
    given = Given(dtype=dtype, scale=1 / 255, zero_point=zero)
    path = write_model(tmp_path / "y.tflite", stored, given, {"output": (1 / 250, zero)})
    [person] = TfliteDetector(path).detect(Frame(GREY, 0.0))
    assert person.score == pytest.approx(0.9, abs=0.005)
    assert person.box.centre == pytest.approx((0.5, 0.5), abs=0.01)


def test_a_float_input_is_given_the_numbers_it_was_trained_on(tmp_path: Path) -> None:
    white = np.full_like(GREY, 255)
    yolo = write_model(tmp_path / "y.tflite", {"output": YOLO}, Given(dtype="float32"))
    assert TfliteDetector(yolo).prepare(white).max() == 1.0
    yolo.with_suffix(".toml").write_text("[input]\nmean = 155\nstd = 50\nfit = 'stretch'\n")
    assert np.unique(TfliteDetector(yolo).prepare(white)).tolist() == [2.0]


def test_a_postprocessed_file_with_its_true_operator(tmp_path: Path) -> None:
    anchors = np.array([[0.5, 0.2 + 0.1 * n, 0.4, 0.05] for n in range(6)], np.float32)
    scores = np.zeros((1, 6, 3), np.float32)
    scores[0, (0, 3), 1], scores[0, 5, 2] = (0.9, 0.6), 0.8
    encodings = np.zeros((1, 6, 4), np.float32)
    path = write_postprocessed_model(tmp_path / "p.tflite", encodings, scores, anchors, most=10)
    detector = TfliteDetector(path)
    assert detector.head == "ssd-post"
    seen = detector.detect(Frame(GREY, 0.0))
    assert [d.score for d in seen] == pytest.approx([0.9, 0.6])
    assert [d.box.centre for d in seen] == [pytest.approx((0.2, 0.5)), pytest.approx((0.5, 0.5))]
    path.with_suffix(".toml").write_text("person_class = 1\n")
    assert [d.score for d in TfliteDetector(path).detect(Frame(GREY, 0.0))] == pytest.approx([0.8])


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(ModelError) as told:
        TfliteDetector(path, **options)
    sentence = str(told.value)
    assert isinstance(told.value, InputError)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"TFL", "not a .tflite model"),
        (b"this is no model at all, only a text\n", "not a .tflite model"),
        (b"\x00" * 5000, "not a .tflite model"),
        (b"\x1c\x00\x00\x00TFL3" + b"\xff" * 200, "damaged or cut short"),
    ],
)
def test_files_that_are_no_model(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "odd.tflite"
    path.write_bytes(content)
    sentence = refusal(path)
    assert words in sentence
    assert str(path) in sentence


@pytest.mark.parametrize("part", [0.01, 0.5, 0.999])
def test_a_model_cut_short(tmp_path: Path, part: float) -> None:
    whole = DEFAULT_MODEL.read_bytes()
    path = tmp_path / "cut.tflite"
    path.write_bytes(whole[: int(len(whole) * part)])
    assert "damaged or cut short" in refusal(path)


def test_a_missing_model_and_a_folder(tmp_path: Path) -> None:
    assert "no such model file" in refusal(tmp_path / "none.tflite")
    assert "cannot be read" in refusal(tmp_path)
    odd = tmp_path / "odd\udcff.tflite"
    shutil.copy(DEFAULT_MODEL, odd)
    assert "its name is not UTF-8" in refusal(odd)


@pytest.mark.parametrize(
    ("outputs", "given", "words"),
    [
        ({"logits": np.zeros((1, 1001), np.float32)}, Given(), "its outputs are 1x1001 float32; accepted are"),
        ({"out": YOLO.astype(np.float16)}, Given(), "1x5x84 float16"),
        ({"out": YOLO}, Given(shape=(1, 3, 64, 64)), "its input is 1x3x64x64 uint8"),
        ({"out": YOLO}, Given(shape=(1, 64, 64, 1)), "1 x height x width x 3"),
        ({"out": YOLO}, Given(dtype="int32"), "uint8, int8 or float32"),
        (
            {"boxes": np.zeros((1, 8, 4), np.float32), "scores": np.zeros((1, 8, 1), np.float32)},
            Given(),
            "no sidecar stands beside it",
        ),
    ],
)
def test_models_that_are_no_person_detector(
    tmp_path: Path, outputs: dict[str, NDArray[Any]], given: Given, words: str
) -> None:
    path = write_model(tmp_path / "other.tflite", outputs, given)
    sentence = refusal(path)
    assert words in sentence
    assert str(path) in sentence


def test_a_sidecar_of_another_model_is_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path / "y.tflite", {"output": YOLO})
    beside = path.with_suffix(".toml")
    shutil.copy(DEFAULT_MODEL.with_suffix(".toml"), beside)
    assert "sha256 differs" in refusal(path)
    beside.write_text("[input]\nwidth = 320\n")
    assert "another input than the model's 64x64" in refusal(path)
    beside.write_text("[input\n")
    assert str(beside) in refusal(path)
    beside.write_bytes(b"\xff\xfe")
    assert "UTF-8" in refusal(path)


def test_a_sidecar_whose_anchors_do_not_match(tmp_path: Path) -> None:
    path = tmp_path / "p.tflite"
    shutil.copy(DEFAULT_MODEL, path)
    assert "no sidecar stands beside it" in refusal(path)
    text = DEFAULT_MODEL.with_suffix(".toml").read_text()
    wrong = text.replace("[1, 1]]", "[1, 2]]").replace("count = 2691", "count = 2697")
    path.with_suffix(".toml").write_text(wrong)
    assert "2691 rows, but the sidecar's anchors are 2697" in refusal(path)


def test_delegates_that_cannot_be_used(tmp_path: Path) -> None:
    assert "cannot be loaded" in refusal(DEFAULT_MODEL, delegate=tmp_path / "libedgetpu.so.1")
    text = tmp_path / "lib.so"
    text.write_text("no library")
    assert "cannot be loaded" in refusal(DEFAULT_MODEL, delegate=str(text))
    assert "not a TensorFlow Lite delegate" in refusal(DEFAULT_MODEL, delegate=find_library("m"))


def test_a_system_without_an_interpreter_says_what_to_install() -> None:
    with pytest.raises(ModelError, match="install ai-edge-litert"):
        tflite._runtime(("no_such_interpreter.interpreter",))  # noqa: SLF001  the names are what is tested
