"""Writes tiny .tflite files: a picture input and outputs that are always the same numbers.

The interpreter's own wheel brings the format's schema, so a model of any head is made without a training library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_TYPES = {
    "float16": schema.TensorType.FLOAT16,
    "float32": schema.TensorType.FLOAT32,
    "int8": schema.TensorType.INT8,
    "int32": schema.TensorType.INT32,
    "uint8": schema.TensorType.UINT8,
}


@dataclass(frozen=True)
class Given:
    """The picture input."""

    shape: tuple[int, ...] = (1, 64, 64, 3)
    dtype: str = "uint8"
    scale: float = 0.0
    zero_point: int = 0


def write_model(
    path: Path,
    outputs: dict[str, NDArray[Any]],
    given: Given = Given(),
    quantised: dict[str, tuple[float, int]] | None = None,
) -> Path:
    """Write a model whose outputs (by name, in order) are constants; ``quantised`` gives (scale, zero point)."""
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.buffers = 3, [schema.BufferT()]
    graph.tensors = [_tensor("picture", given.shape, given.dtype, 0, (given.scale, given.zero_point))]
    for name, values in outputs.items():
        buffer = schema.BufferT()
        buffer.data = list(values.tobytes())
        model.buffers.append(buffer)
        place = len(model.buffers) - 1
        graph.tensors.append(_tensor(name, values.shape, values.dtype.name, place, (quantised or {}).get(name, (0, 0))))
    graph.inputs, graph.outputs = [0], list(range(1, 1 + len(outputs)))
    graph.operators, model.operatorCodes, model.subgraphs = [], [], [graph]
    return _write(path, model)


def write_postprocessed_model(
    path: Path, encodings: NDArray[np.float32], scores: NDArray[np.float32], anchors: NDArray[np.float32], most: int
) -> Path:
    """Write a model that ends in a true TFLite_Detection_PostProcess.

    ``encodings`` are 1 x N x 4 (ty, tx, th, tw), ``scores`` 1 x N x (1 + classes) with the background first,
    ``anchors`` N x 4 (centre y, centre x, height, width); it gives ``most`` rows.
    """
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.buffers, graph.tensors = 3, [schema.BufferT()], []
    graph.tensors.append(_tensor("picture", (1, 64, 64, 3), "uint8", 0, (0, 0)))
    for name, values in {"encodings": encodings, "scores": scores, "anchors": anchors}.items():
        buffer = schema.BufferT()
        buffer.data = list(values.tobytes())
        model.buffers.append(buffer)
        graph.tensors.append(_tensor(name, values.shape, "float32", len(model.buffers) - 1, (0, 0)))
    ends = ("", ":1", ":2", ":3")
    graph.tensors += [_tensor(f"TFLite_Detection_PostProcess{end}", (), "float32", 0, (0, 0)) for end in ends]
    code, operator = schema.OperatorCodeT(), schema.OperatorT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode, code.version = "TFLite_Detection_PostProcess", 1
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, [1, 2, 3], [4, 5, 6, 7]
    operator.customOptions = list(_postprocess_options(most, scores.shape[2] - 1))
    graph.inputs, graph.outputs, graph.operators = [0], [4, 5, 6, 7], [operator]
    model.operatorCodes, model.subgraphs = [code], [graph]
    return _write(path, model)


def _postprocess_options(most: int, classes: int) -> bytes:
    builder = flexbuffers.Builder()
    with builder.Map():
        for key, whole in {"max_detections": most, "max_classes_per_detection": 1, "num_classes": classes}.items():
            builder.Int(key, whole)
        for key, number in {"nms_score_threshold": 0.1, "nms_iou_threshold": 0.5}.items():
            builder.Float(key, number)
        for key, number in {"y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}.items():
            builder.Float(key, number)
    return bytes(builder.Finish())


def _write(path: Path, model: schema.ModelT) -> Path:
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def _tensor(
    name: str, shape: tuple[int, ...], dtype: str, buffer: int, quantisation: tuple[float, int]
) -> schema.TensorT:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), _TYPES[dtype], buffer
    if quantisation[0]:
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale, tensor.quantization.zeroPoint = [quantisation[0]], [quantisation[1]]
    return tensor


def as_stored(values: NDArray[np.float32], scale: float, zero_point: int, dtype: str) -> NDArray[Any]:
    """Quantise real numbers."""
    return (values / scale + zero_point).round().astype(dtype)
