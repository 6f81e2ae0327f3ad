"""What a camera's ``source`` means: a Pi's or a Jetson's own camera, whatever plays as a video, or a simulation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, Field

from edge.config.table import Line, telling


class CameraKind(Enum):
    """By which library a camera is read."""

    PICAMERA = "picamera"
    JETSON = "jetson"
    SIM = "sim"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class CameraSource:
    """``number`` counts a board's own cameras from 0; ``place`` is a device, a file or an address."""

    kind: CameraKind
    number: int = 0
    place: str = ""


OWN = {kind.value: kind for kind in (CameraKind.PICAMERA, CameraKind.JETSON)}
MOST_CAMERAS = 16
_OWN = re.compile(r"^(?P<kind>picamera|jetson)(?::(?P<number>.*))?$")
_WORD = re.compile(r"^[A-Za-z][A-Za-z0-9 _-]*(?::\d*)?$")


def camera_source(text: str) -> CameraSource:
    """Read a source: ``picamera``, ``picamera:1``, ``jetson``, or a video. ``ValueError`` says what is wrong."""
    own = _OWN.match(text)
    if own is not None:
        number = own["number"]
        if number is not None and not (number.isascii() and number.isdigit() and int(number) < MOST_CAMERAS):
            raise ValueError(f"{text!r}: the first camera is {own['kind']}:0, the second {own['kind']}:1")
        return CameraSource(OWN[own["kind"]], int(number or 0))
    if text == CameraKind.SIM.value:
        return CameraSource(CameraKind.SIM)
    if _WORD.match(text):
        word = text.partition(":")[0].lower()
        near = get_close_matches(word, OWN, n=1, cutoff=0.7)
        if near:
            raise ValueError(f"{text!r} is no camera; did you mean {near[0]}?")
    return CameraSource(CameraKind.VIDEO, place=text)


def _checked(text: str) -> str:
    try:
        camera_source(text)
    except ValueError as error:
        raise telling(str(error)) from None
    return text


SourceText = Annotated[Line, Field(min_length=1), AfterValidator(_checked)]
