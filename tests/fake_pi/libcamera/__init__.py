"""As much of libcamera as a camera's configuration is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace


@dataclass(frozen=True)
class Transform:
    hflip: int = 0
    vflip: int = 0


class ColorSpace(Enum):
    SMPTE170M = "SMPTE170M"

    @classmethod
    def Smpte170m(cls) -> ColorSpace:  # noqa: N802 - libcamera's name
        return cls.SMPTE170M


class AeExposureModeEnum(Enum):
    Normal = 0
    Short = 1


controls = SimpleNamespace(AeExposureModeEnum=AeExposureModeEnum)
