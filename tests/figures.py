"""A drawn person whom a detector trained on photographs takes for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def figure() -> NDArray[np.uint8]:
    """A drawn person in mid-stride before a plain wall: head at y 82, feet at y 440 of 480, middle of the width."""
    image = np.full((480, 640, 3), (189, 186, 181), np.uint8)
    image[380:] = (130, 128, 125)

    def limb(thick: int, colour: tuple[int, int, int], *joints: tuple[int, int]) -> None:
        cv2.polylines(image, [np.array(joints)], isClosed=False, color=colour, thickness=thick)

    limb(30, (82, 42, 57), (330, 265), (340, 345), (350, 425))
    limb(32, (109, 56, 76), (312, 265), (298, 345), (285, 425))
    for x in (358, 284):
        cv2.ellipse(image, (x, 432), (19, 8), 0, 0, 360, (25, 25, 30), -1)
    torso = [(291, 140), (306, 133), (334, 133), (349, 140), (354, 176), (348, 272), (292, 272), (286, 176)]
    cv2.fillPoly(image, [np.array(torso)], (22, 162, 170))
    limb(17, (18, 130, 136), (290, 150), (279, 206), (284, 260))
    limb(17, (22, 162, 170), (350, 150), (361, 206), (363, 258))
    limb(18, (51, 68, 102), (320, 121), (320, 138))
    cv2.ellipse(image, (320, 104), (18, 24), 0, 0, 360, (60, 80, 120), -1)
    cv2.ellipse(image, (320, 95), (19, 18), 0, 170, 370, (30, 35, 45), -1)
    return cv2.GaussianBlur(image, (3, 3), 0).astype(np.uint8)
