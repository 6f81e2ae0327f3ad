"""Lengths of stays counted together: how many, how long on the whole, and how they are spread."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.storage.packing import bin_s


@dataclass(frozen=True, slots=True)
class Stays:
    """Some stays. ``bins`` says how many were how long (``packing.bin_s``); without it only the mean is known."""

    count: int = 0
    total_s: float = 0.0
    bins: dict[int, int] = field(default_factory=dict)

    @property
    def mean_s(self) -> float | None:
        """The mean; None of no stays."""
        return self.total_s / self.count if self.count else None

    @property
    def median_s(self) -> float | None:
        """The median, to 1 s or 3 %."""
        return self.quantile_s(0.5)

    def quantile_s(self, part: float) -> float | None:
        """The length that ``part`` (0..1) of the stays do not exceed, to 1 s or 3 %; None if that is not known.

        Within a bin the stays are taken to be spread evenly.
        """
        rank = part * sum(self.bins.values())
        for number in sorted(self.bins):
            least_s, most_s = bin_s(number)
            if rank <= self.bins[number]:
                return least_s + (most_s - least_s) * rank / self.bins[number]
            rank -= self.bins[number]
        return None

    def __add__(self, other: Stays) -> Stays:
        """Both together."""
        bins = dict(self.bins)
        for number, count in other.bins.items():
            bins[number] = bins.get(number, 0) + count
        return Stays(self.count + other.count, self.total_s + other.total_s, bins)
