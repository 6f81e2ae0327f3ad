"""Anchors of raw SSD heads: the boxes a network corrects instead of inventing its own."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class AnchorPlan:
    """How anchors were laid out in training (the SSD generator of the Object Detection API).

    ``layers`` are (rows, columns) of cells, finest first, with one scale each. Scales are shares of a square of
    ``base_px``, which is the size trained on: an anchor keeps its pixels when the input is given another size.
    ``lowest``, when not empty, are the only (scale, aspect) pairs of the first layer.
    """

    layers: tuple[tuple[int, int], ...]
    scales: tuple[float, ...]
    aspects: tuple[float, ...]
    base_px: float
    offset: float = 0.5
    interpolated_aspect: float = 1.0
    lowest: tuple[tuple[float, float], ...] = ()

    def shapes(self, layer: int) -> list[tuple[float, float]]:
        """(scale, aspect) of the anchors in each cell of one layer, in the order of the network's rows."""
        if layer == 0 and self.lowest:
            return list(self.lowest)
        scale = self.scales[layer]
        pairs = [(scale, aspect) for aspect in self.aspects]
        if self.interpolated_aspect > 0:
            following = self.scales[layer + 1] if layer + 1 < len(self.scales) else 1.0
            pairs.append((sqrt(scale * following), self.interpolated_aspect))
        return pairs

    def count(self) -> int:
        """How many anchors the plan makes."""
        return sum(rows * columns * len(self.shapes(i)) for i, (rows, columns) in enumerate(self.layers))


def ssd_anchors(plan: AnchorPlan, width_px: int, height_px: int) -> NDArray[np.float32]:
    """Anchors for an input of this size: N x 4, float32, (centre y, centre x, height, width) as shares of the input."""
    return np.concatenate([_layer(plan, i, width_px, height_px) for i in range(len(plan.layers))]).astype(np.float32)


def _layer(plan: AnchorPlan, layer: int, width_px: int, height_px: int) -> NDArray[np.float64]:
    rows, columns = plan.layers[layer]
    shapes = plan.shapes(layer)
    grid = np.empty((rows, columns, len(shapes), 4))
    grid[..., 0] = ((np.arange(rows) + plan.offset) / rows)[:, None, None]
    grid[..., 1] = ((np.arange(columns) + plan.offset) / columns)[None, :, None]
    grid[..., 2] = [scale / sqrt(aspect) * plan.base_px / height_px for scale, aspect in shapes]
    grid[..., 3] = [scale * sqrt(aspect) * plan.base_px / width_px for scale, aspect in shapes]
    return grid.reshape(-1, 4)
