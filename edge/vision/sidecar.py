"""The sidecar: a TOML text beside a model that says what the model file itself cannot.

The same stem as the model, ending in ``.toml``. Raw SSD heads need one (their anchors are in no other place);
for other heads it is optional and settles what their shapes leave open.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import TYPE_CHECKING, Any

from edge.core.errors import ModelError
from edge.vision.anchors import AnchorPlan

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS = ("ssd-raw", "ssd-post", "yolo")

_KEYS = {
    "": ("format", "class", "person_class", "sha256", "input", "output", "anchors"),
    "input": ("width", "height", "layout", "channels", "dtype", "mean", "std", "fit"),
    "output": ("order", "boxes", "scores", "score", "box_scale", "nms_iou", "objectness", "box_unit"),
    "anchors": (
        "count",
        "base",
        "offset",
        "layers",
        "scales",
        "aspects",
        "interpolated_aspect",
        "reduce_lowest",
        "lowest",
    ),
}


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a sidecar may settle. None: not said, so the shapes or the head's usual practice decide.

    ``mean`` and ``std`` are in pixel values: the network was trained on (pixel - mean) / std. ``box_scale`` divides a
    raw SSD head's ty, tx, th, tw. ``nms_iou`` is the overlap above which the weaker of two boxes goes.
    ``box_unit`` is ``pixels`` of the input or ``share`` of it (YOLO). ``order`` names the outputs in the file's order.
    """

    format: str | None = None
    person_class: int = 0
    sha256: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    channels: str = "RGB"
    mean: float | None = None
    std: float | None = None
    fit: str | None = None
    order: tuple[str, ...] | None = None
    score: str | None = None
    box_scale: tuple[float, ...] = (10.0, 10.0, 5.0, 5.0)
    nms_iou: float = 0.5
    objectness: bool | None = None
    box_unit: str | None = None
    anchors: AnchorPlan | None = None


def parse_sidecar(text: str, name: str) -> Sidecar:
    """Read a sidecar's text; ``name`` is what its file is called in messages. Raises ModelError naming the key."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{name}: not valid TOML: {error}.") from error
    top = _Table(data, "", name)
    given, out = top.table("input"), top.table("output")
    given.choice("layout", ("NHWC",))
    return Sidecar(
        format=top.choice("format", FORMATS),
        person_class=top.whole("person_class", 0) or 0,
        sha256=top.text("sha256"),
        width_px=given.whole("width", 1),
        height_px=given.whole("height", 1),
        channels=given.choice("channels", ("RGB", "BGR")) or "RGB",
        mean=given.number("mean"),
        std=given.number("std", above=0),
        fit=given.choice("fit", ("stretch", "letterbox")),
        order=out.texts("order"),
        score=out.choice("score", ("sigmoid", "none")),
        box_scale=out.numbers("box_scale", 4) or (10.0, 10.0, 5.0, 5.0),
        nms_iou=out.number("nms_iou", above=0, most=1) or 0.5,
        objectness=out.flag("objectness"),
        box_unit=out.choice("box_unit", ("pixels", "share")),
        anchors=_anchors(top.table("anchors"), name) if "anchors" in data else None,
    )


def _anchors(table: _Table, name: str) -> AnchorPlan:
    layers, scales = table.pairs("layers"), table.numbers("scales")
    aspects, base = table.numbers("aspects"), table.number("base", above=0)
    if not (layers and scales and aspects and base):
        raise ModelError(f"{name}: [anchors] needs layers, scales, aspects and base.")
    if any(n != int(n) for pair in layers for n in pair):
        raise ModelError(f"{name}: [anchors] layers must be pairs of whole numbers: [rows, columns].")
    if len(scales) != len(layers):
        raise ModelError(f"{name}: [anchors] has {len(layers)} layers but {len(scales)} scales; give one a layer.")
    interpolated, offset = table.number("interpolated_aspect"), table.number("offset")
    plan = AnchorPlan(
        layers=tuple((int(rows), int(columns)) for rows, columns in layers),
        scales=scales,
        aspects=aspects,
        base_px=base,
        offset=0.5 if offset is None else offset,
        interpolated_aspect=1.0 if interpolated is None else interpolated,
        lowest=table.pairs("lowest") or () if table.flag("reduce_lowest") else (),
    )
    count = table.whole("count", 1)
    if count is not None and count != plan.count():
        raise ModelError(f"{name}: [anchors] count is {count}, but its layers and aspects make {plan.count()}.")
    return plan


class _Table:
    """One TOML table: every reader returns None for an absent key and refuses a wrong value by its place."""

    def __init__(self, data: Mapping[str, Any], title: str, name: str) -> None:
        self._data, self._title, self._name = data, title, name
        known = _KEYS[title]
        for key in data:
            if key not in known:
                near = get_close_matches(key, known, 1)
                meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
                raise ModelError(f"{self._place(key)} is not a known key; {meant}")

    def _place(self, key: str) -> str:
        return f"{self._name}: [{self._title}] {key}" if self._title else f"{self._name}: {key}"

    def _refuse(self, key: str, wanted: str) -> ModelError:
        return ModelError(f"{self._place(key)} must be {wanted}, not {self._data[key]!r}.")

    def table(self, key: str) -> _Table:
        value = self._data.get(key, {})
        if not isinstance(value, dict):
            raise self._refuse(key, f"a table, [{key}]")
        return _Table(value, key, self._name)

    def text(self, key: str) -> str | None:
        value = self._data.get(key)
        if value is None or isinstance(value, str):
            return value
        raise self._refuse(key, "a text")

    def choice(self, key: str, allowed: tuple[str, ...]) -> str | None:
        value = self.text(key)
        if value is not None and value not in allowed:
            raise self._refuse(key, " or ".join(allowed))
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise self._refuse(key, "a list of texts")
        return tuple(value)

    def flag(self, key: str) -> bool | None:
        value = self._data.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self._refuse(key, "true or false")

    def whole(self, key: str, least: int) -> int | None:
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self._refuse(key, f"a whole number, {least} or more")
        return value

    def number(self, key: str, above: float | None = None, most: float | None = None) -> float | None:
        value = self._data.get(key)
        if value is None:
            return None
        if not _is_number(value) or (above is not None and value <= above) or (most is not None and value > most):
            bounds = (f" above {above:g}" if above is not None else "") + (f", at most {most:g}" if most else "")
            raise self._refuse(key, f"a number{bounds}")
        return float(value)

    def numbers(self, key: str, count: int | None = None) -> tuple[float, ...] | None:
        value = self._data.get(key)
        if value is None:
            return None
        right = isinstance(value, list) and bool(value) and all(_is_number(n) and n > 0 for n in value)
        if not right or count not in (None, len(value)):
            raise self._refuse(key, f"a list of {count or 'one or more'} numbers above 0")
        return tuple(float(n) for n in value)

    def pairs(self, key: str) -> tuple[tuple[float, float], ...] | None:
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not value or not all(_is_pair(pair) for pair in value):
            raise self._refuse(key, "a list of pairs of numbers above 0")
        return tuple((float(a), float(b)) for a, b in value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(n) and n > 0 for n in value)  # noqa: PLR2004
