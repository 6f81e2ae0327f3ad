"""What a model says about one of its tensors, and what its stored numbers mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """Name, shape and number type. Quantised: meaning = ``scale`` * (stored - ``zero_point``); else scale is 0."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"
    scale: float = 0.0
    zero_point: int = 0

    def __str__(self) -> str:
        """Shape and type as a person writes them: ``1x300x300x3 uint8``."""
        return f"{'x'.join(str(n) for n in self.shape) or 'scalar'} {self.dtype}"

    def real(self, stored: NDArray[Any]) -> NDArray[np.float32]:
        """Give what stored numbers mean, same shape. Real numbers are returned as they are, not copied."""
        if self.dtype == "float32":
            return stored
        real = stored.astype(np.float32)
        if self.scale:
            real -= np.float32(self.zero_point)
            real *= np.float32(self.scale)
        return real
