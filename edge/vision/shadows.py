"""Tells light and shadow from bodies: under them the floor only changes evenly; hair, skin and clothes differ.

All by the logarithm of how many times as bright as the floor a pixel is (``Difference.brighter``).
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Reflected light, a thin cloud: up to two thirds brighter or darker, and as even as the floor itself is.
LIGHT_SPREAD, LIGHT_MOST = 0.1, 0.5
# A shadow leaves a sixth of the light at least, and is even but for the patches of sun it puts out.
SHADOW_PART, SHADOW_SPREAD, SHADOW_LEAST = 0.98, 0.35, -1.9
# A shadow in a blob is much of it, all about equally dark.
TONE_STEP, TONE_AROUND, TONE_PART, TONE_LEAST_DARK = 0.1, 0.4, 0.45, -0.15
# The quartiles of a normal distribution are this many standard deviations apart.
QUARTILES_APART = 1.35


class Look(Enum):
    """What a piece of the mask looks like."""

    BODY = "somebody"
    SHADOW = "evenly darker than the floor: a shadow, or somebody all in black"
    LIGHT = "the floor itself, a little brighter or darker"


def look(brighter: NDArray[np.float32]) -> Look:
    """What pixels of these brightnesses (any shape) look like. Their spread is the quartiles': borders are left out."""
    low, middle, top = np.percentile(brighter, (25, 50, 75))
    spread = (top - low) / QUARTILES_APART
    if spread < LIGHT_SPREAD and abs(middle) < LIGHT_MOST:
        return Look.LIGHT
    dark = np.count_nonzero(brighter < 0) > SHADOW_PART * brighter.size
    return Look.SHADOW if dark and spread < SHADOW_SPREAD and middle > SHADOW_LEAST else Look.BODY


def shadow_in(brighter: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of a blob's pixels are as dark as most of its dark ones: its shadow, if it throws one, else none."""
    dark = brighter[(brighter > SHADOW_LEAST) & (brighter < TONE_LEAST_DARK)]
    if len(dark) < TONE_PART * len(brighter):
        return np.zeros(brighter.shape, np.bool_)
    edges = np.arange(SHADOW_LEAST, TONE_LEAST_DARK + TONE_STEP, TONE_STEP)
    counts = np.convolve(np.histogram(dark, edges)[0], (1, 1, 1), "same")
    tone = SHADOW_LEAST + (int(np.argmax(counts)) + 0.5) * TONE_STEP
    shadow: NDArray[np.bool_] = np.abs(brighter - tone) < TONE_AROUND
    return shadow if np.count_nonzero(shadow) >= TONE_PART * len(brighter) else np.zeros(brighter.shape, np.bool_)
