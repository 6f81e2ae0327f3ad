"""Detector models (.tflite) run by LiteRT: the one place that knows the interpreter."""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import edge.models
from edge.core.errors import ModelError
from edge.vision.fit import Fit, Pixels, input_size_px
from edge.vision.heads import YoloHead, choose_head, people
from edge.vision.sidecar import Sidecar, parse_sidecar
from edge.vision.tensor import TensorSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    import numpy as np
    from numpy.typing import NDArray

    from edge.core.frame import Frame
    from edge.core.model import Detection
    from edge.vision.heads import Head

# The successor first: tflite_runtime is only what older devices have.
RUNTIMES = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter")
DEFAULT_MODEL = Path(edge.models.__file__).parent / "person_ssdlite_int8.tflite"

_IDENTIFIER = b"TFL3"
# What interpreters raise for a model they cannot run: none of them has a class of its own for it.
_REFUSALS = (ValueError, RuntimeError, TypeError, ImportError)


class TfliteDetector:
    """Finds people with a .tflite model. One thread at a time.

    ``detect`` is ``prepare``, ``invoke`` and ``decode`` in turn; each may be called (and timed) by itself.
    """

    def __init__(
        self,
        model: Path | None = None,
        *,
        threads: int = 1,
        delegate: str | Path | None = None,
        least_score: float = 0.2,
        most_people: int = 100,
    ) -> None:
        """Load a model (the built-in one when None) and run it once on nothing.

        ``threads`` are the interpreter's; ``delegate`` is a library that runs the model elsewhere (EdgeTPU, ...);
        detections under ``least_score`` (0..1) are dropped and no more than ``most_people`` given.
        Raises ModelError: one sentence naming the file, for anything that cannot be used.
        """
        path = Path(model) if model is not None else DEFAULT_MODEL
        if threads < 1:
            raise ModelError(f"The detector needs at least 1 thread, not {threads}.")
        self.threads = threads
        self._most_people = most_people
        _check_file(path)
        sidecar = _read_sidecar(path)
        with _quiet():
            self._interpreter: Any = _interpreter(path, threads, delegate)
        given, specs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._input = int(given[0]["index"]) if given else -1
        self._outputs = [int(details["index"]) for details in specs]
        try:
            self._join([_spec(one) for one in given], [_spec(one) for one in specs], sidecar, least_score)
        except ModelError as error:
            raise ModelError(f"{path}: {error}.") from error

    def _join(
        self, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec], sidecar: Sidecar | None, least_score: float
    ) -> None:
        """Put the picture's way in and the boxes' way out together; errors tell about the file without naming it."""
        if len(inputs) != 1:
            raise ModelError(f"it has {len(inputs)} inputs; a detector has one, 1 x height x width x 3")
        known = sidecar or Sidecar()
        width_px, height_px = input_size_px(inputs[0])
        if (known.width_px or width_px, known.height_px or height_px) != (width_px, height_px):
            raise ModelError(f"its sidecar is for another input than the model's {width_px}x{height_px}")
        self._head: Head = choose_head(outputs, sidecar, (width_px, height_px), least_score)
        yolo = self._head.name == YoloHead.name
        mean, std = (0.0, 255.0) if yolo else (127.5, 127.5)
        pixels = Pixels(
            mean if known.mean is None else known.mean, std if known.std is None else known.std, known.channels
        )
        self._fit = Fit(inputs[0], pixels, letterbox=(known.fit or ("letterbox" if yolo else "stretch")) == "letterbox")
        self._overlap = known.nms_iou

    @property
    def input_width_px(self) -> int:
        """Width of the model's input."""
        return self._fit.width_px

    @property
    def input_height_px(self) -> int:
        """Height of the model's input."""
        return self._fit.height_px

    @property
    def head(self) -> str:
        """Layout of the model's outputs: ``ssd-raw``, ``ssd-post`` or ``yolo``."""
        return self._head.name

    def detect(self, frame: Frame) -> list[Detection]:
        """People in the frame, best first, overlaps suppressed."""
        return self.decode(self.invoke(self.prepare(frame.image)), frame.image.shape)

    def prepare(self, image_bgr: NDArray[np.uint8]) -> NDArray[Any]:
        """Fit a picture (height x width x 3, uint8, BGR) to the input; the result is good until the next call."""
        return self._fit.prepare(image_bgr)

    def invoke(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Run the model on what ``prepare`` gave: copies of its outputs in the file's order, stored numbers."""
        if self._interpreter is None:
            raise RuntimeError("the detector is closed")
        self._interpreter.set_tensor(self._input, tensor)
        self._interpreter.invoke()
        return tuple(self._interpreter.get_tensor(index) for index in self._outputs)

    def decode(self, outputs: Sequence[NDArray[Any]], image_shape: tuple[int, ...]) -> list[Detection]:
        """Make people of the outputs; ``image_shape`` is the picture's (height, width, ...)."""
        boxes, scores = self._head.candidates(outputs)
        return people(self._fit.to_picture(boxes, image_shape), scores, self._overlap, self._most_people)

    def close(self) -> None:
        """Let go of the model and its delegate. May be called twice; the detector cannot be used afterwards."""
        self._interpreter = None


def _runtime(names: Sequence[str] = RUNTIMES) -> ModuleType:
    """Import the first interpreter that is installed."""
    name = next((name for name in names if find_spec(name.partition(".")[0])), None)
    if name is None:
        raise ModelError("No interpreter for .tflite models is installed; install ai-edge-litert (or tflite-runtime).")
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ModelError(f"{name} is installed but cannot be loaded ({error}); install ai-edge-litert.") from error


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such model file.") from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}.") from error
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise ModelError(f"{path}: its name is not UTF-8, which the interpreter needs; rename it.") from error
    if not start:
        raise ModelError(f"{path}: the file is empty; a .tflite detector is needed.")
    if start[4:] != _IDENTIFIER:
        raise ModelError(f"{path}: not a .tflite model; give a detector converted to TensorFlow Lite.")


def _read_sidecar(path: Path) -> Sidecar | None:
    beside = path.with_suffix(".toml")
    try:
        text = beside.read_text("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ModelError(f"{beside}: not a text in UTF-8.") from error
    except OSError as error:
        raise ModelError(f"{beside}: cannot be read: {error.strerror}.") from error
    sidecar = parse_sidecar(text, str(beside))
    if sidecar.sha256 is not None and sidecar.sha256.lower() != sha256(path.read_bytes()).hexdigest():
        raise ModelError(f"{path}: not the file its sidecar {beside.name} was written for (sha256 differs).")
    return sidecar


def _interpreter(path: Path, threads: int, delegate: str | Path | None) -> Any:  # noqa: ANN401  the vendor's class is untyped
    """Make an interpreter that has run once, so that a model that cannot run is refused here."""
    runtime = _runtime()
    delegates = [_delegate(runtime, delegate)] if delegate is not None else None
    try:
        interpreter = runtime.Interpreter(model_path=str(path), num_threads=threads, experimental_delegates=delegates)
        interpreter.allocate_tensors()
        interpreter.invoke()
    except SystemError as error:
        # What tflite_runtime (built for NumPy 1) raises beside NumPy 2.
        raise ModelError(
            f"{runtime.__name__} does not work with the NumPy installed; install ai-edge-litert, or numpy below 2."
        ) from error
    except _REFUSALS as error:
        reason = " ".join(str(error).split())
        if "edgetpu-custom-op" in reason and delegate is None:
            raise ModelError(f"{path}: built for an EdgeTPU; give its library as the delegate.") from error
        if "Flatbuffer" in reason:
            raise ModelError(f"{path}: the model is damaged or cut short; copy it again.") from error
        raise ModelError(f"{path}: the model cannot be run: {reason.rstrip('.')}.") from error
    return interpreter


def _delegate(runtime: ModuleType, path: str | Path) -> Any:  # noqa: ANN401  the vendor's class is untyped
    try:
        # The vendor's loader leaves tracebacks of its destructor for a library that is not a delegate: look first.
        library = ctypes.CDLL(str(path))
        suits = all(hasattr(library, f"tflite_plugin_{what}_delegate") for what in ("create", "destroy"))
    except OSError as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise ModelError(f"{path}: the delegate library cannot be loaded ({reason}).") from error
    if not suits:
        raise ModelError(f"{path}: the library is not a TensorFlow Lite delegate.")
    try:
        return runtime.load_delegate(str(path))
    except (ValueError, OSError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"{path}: the delegate does not start; is its device plugged in? ({reason})") from error


def _spec(details: dict[str, Any]) -> TensorSpec:
    scale, zero_point = details["quantization"]
    return TensorSpec(
        name=str(details["name"]),
        shape=tuple(int(n) for n in details["shape"]),
        dtype=details["dtype"].__name__,
        scale=float(scale),
        zero_point=int(zero_point),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the interpreter's INFO lines, written by C++ to descriptor 2, off the terminal; pass all others on."""
    try:
        terminal = os.dup(2)
    except OSError:
        # Nothing is open there, so nothing can be written there.
        yield
        return
    # Held in memory where the system can: a device's disk may be read-only.
    with os.fdopen(os.memfd_create("stderr"), "w+b") if hasattr(os, "memfd_create") else TemporaryFile() as kept:
        sys.stderr.flush()
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            kept.seek(0)
            lines = [line for line in kept if not line.startswith(b"INFO: ")]
            with os.fdopen(os.dup(2), "wb") as out:
                out.writelines(lines)
