"""Lengths of stays counted together: how many, how long on the whole, and how they are spread."""

from __future__ import annotations

from dataclasses import dataclass, field

TENTHS = 10
# Stays up to this many seconds have a bin each; longer ones share bins of at most 1/32 of their length.
FINE_BITS = 5


@dataclass(frozen=True, slots=True)
class Stays:
    """Some stays. ``bins`` says how many were how long (``bin_s``); without it only the mean is known."""

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


def bin_of(stay_ds: int) -> int:
    """Which bin a stay of so many tenths of a second is counted in."""
    whole_s = stay_ds // TENTHS
    shift = max(0, whole_s.bit_length() - FINE_BITS - 1)
    return (shift << FINE_BITS) + (whole_s >> shift)


def bin_s(number: int) -> tuple[int, int]:
    """The stays of a bin in seconds: from the first, up to but without the second."""
    shift = max(0, (number >> FINE_BITS) - 1)
    least = number - (shift << FINE_BITS)
    return least << shift, (least + 1) << shift
