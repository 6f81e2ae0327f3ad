"""Makes tools/result.jpg, the README's picture: the sample clip, seen and counted by the product itself.

Usage: python tools/result_picture.py [OUT.jpg] [SECONDS]
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from edge.analytics.scene import Scene
from edge.app.footage import SAMPLE_LINE, DetectorChoice, eye_for
from edge.core.model import Mount
from edge.hardware.opencv_camera import OpenCvCamera
from edge.host.sample_clip import sample_clip
from edge.services.replay import looks, replay
from edge.vision.draw import Painter

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from edge.core.events import Event
    from edge.core.frame import Frame
    from edge.core.model import Sighting

OUT = Path(__file__).parent.parent / "tools" / "result.jpg"
# Two people are at the line then, and both ways have been counted.
AT_S = 34.2
MOST_BYTES = 200_000


class Snapshot:
    """Keeps the painted frame of one moment."""

    def __init__(self, at_s: float) -> None:
        self._at_s = at_s
        self._painter = Painter()
        self.image: NDArray[np.uint8] | None = None

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, _: Sequence[Event]) -> None:
        """Paint every frame, for the trails, until the moment has come."""
        if self.image is None:
            image = self._painter.paint(frame, sighting, looks(scene), scene.inside)
            if frame.t_s >= self._at_s:
                self.image = image


def main() -> None:
    """Replay the sample clip and write the picture, as good as fits."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    snapshot = Snapshot(float(sys.argv[2]) if len(sys.argv) > 2 else AT_S)
    with closing(OpenCvCamera(str(sample_clip(sys.stderr.write)), fps=10.0)) as camera:
        eye = eye_for(Mount.OBLIQUE, DetectorChoice().open)
        replay(camera, eye, lambda aspect: Scene([SAMPLE_LINE], (), aspect), [snapshot])
    if snapshot.image is None:
        sys.exit("The sample clip ends before that moment.")
    out.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(90, 20, -5):
        jpeg = cv2.imencode(".jpg", snapshot.image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(jpeg) <= MOST_BYTES:
            break
    out.write_bytes(jpeg)
    sys.stdout.write(f"{out}: {len(jpeg)} bytes\n")


if __name__ == "__main__":
    main()
