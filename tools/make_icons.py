"""Draws the panel's icons into ``edge/panel/static``: for a browser's tab, a phone's home screen, and Android's masks.

Run it by hand after a change: ``.venv/bin/python tools/make_icons.py``. What it makes is kept with the source.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np

STATIC = Path(__file__).resolve().parents[1] / "edge" / "panel" / "static"
ACCENT, WHITE = (99, 110, 11), (255, 255, 255)
# The drawing is made on a field of 32 by 32, finer by so much, and made smaller afterwards: that is its smoothness.
FIELD, FINE = 32, 64
SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-linecap="round" \
stroke-linejoin="round"><rect width="32" height="32" rx="9" fill="#0b6e63"/><g stroke="#fff" stroke-width="2">\
<path d="M16.5 6v20" stroke-dasharray="1 4"/><circle cx="9.2" cy="11" r="2.5" fill="#fff" stroke="none"/>\
<path d="M6 22c.4-4 1.4-6.5 3.2-6.5s2.800 2.500 3.200 6.500"/>\
<path d="M20.500 16h6m-2.600-2.800 2.800 2.800-2.800 2.800"/></g></svg>
"""


def drawn(size: int, *, round_corners: bool, scale: float = 1.0) -> np.ndarray:
    """The mark as a picture of ``size`` pixels, with an alpha channel; ``scale`` of the drawing within its ground."""
    whole = FIELD * FINE
    picture = np.zeros((whole, whole, 4), np.uint8)
    radius = 9 * FINE if round_corners else 0
    picture[..., :3] = ACCENT
    picture[..., 3] = _ground(whole, radius)

    def at(x: float, y: float) -> tuple[int, int]:
        middle = FIELD / 2
        return round((middle + (x - middle) * scale) * FINE), round((middle + (y - middle) * scale) * FINE)

    thick = round(2.0 * scale * FINE)
    for y in range(6, 27, 5):
        _line(picture, at(16.5, y), at(16.5, y + 1), thick)
    cv2.circle(picture, at(9.2, 11), round(2.5 * scale * FINE), (*WHITE, 255), -1)
    shoulders = [at(9.2 + 3.2 * np.cos(turn), 22 - 6.5 * np.sin(turn) ** 0.8) for turn in np.linspace(0.02, 3.12, 60)]
    for start, end in itertools.pairwise(shoulders):
        _line(picture, start, end, thick)
    for start, end in (((20.5, 16), (26.5, 16)), ((23.9, 13.2), (26.7, 16)), ((26.7, 16), (23.9, 18.8))):
        _line(picture, at(*start), at(*end), thick)
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)


def _line(picture: np.ndarray, start: tuple[int, int], end: tuple[int, int], thick: int) -> None:
    cv2.line(picture, start, end, (*WHITE, 255), thick)
    for point in (start, end):
        cv2.circle(picture, point, thick // 2, (*WHITE, 255), -1)


def _ground(whole: int, radius: int) -> np.ndarray:
    ground = np.full((whole, whole), 255, np.uint8)
    if radius:
        ground[:] = 0
        cv2.rectangle(ground, (radius, 0), (whole - radius, whole), 255, -1)
        cv2.rectangle(ground, (0, radius), (whole, whole - radius), 255, -1)
        for x in (radius, whole - radius):
            for y in (radius, whole - radius):
                cv2.circle(ground, (x, y), radius, 255, -1)
    return ground


def main() -> None:
    """Draw them all."""
    (STATIC / "icon.svg").write_text(SVG, encoding="utf-8")
    for name, size, corners, scale in (
        ("icon-192", 192, True, 1.0), ("icon-512", 512, True, 1.0), ("icon-180", 180, False, 1.0),
        ("icon-maskable", 512, False, 0.78),
    ):  # fmt: skip
        cv2.imwrite(str(STATIC / f"{name}.png"), drawn(size, round_corners=corners, scale=scale),
                    [cv2.IMWRITE_PNG_COMPRESSION, 9])  # fmt: skip
        print(f"{name}.png: {(STATIC / f'{name}.png').stat().st_size} bytes")


if __name__ == "__main__":
    main()
