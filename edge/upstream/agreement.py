"""Whether the parts of a batch agree with each other, once each of them is what it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.core.shipment import MOST_ROWS
from edge.upstream.faults import WireError, fault
from edge.upstream.layout import KINDS

if TYPE_CHECKING:
    from edge.core.shipment import Column, Rows, Shipment, Subject


def agreeing(shipment: Shipment) -> Shipment:
    """The batch, if its parts agree with each other; ``WireError`` otherwise."""
    for kind in KINDS:
        rows: Rows = getattr(shipment, kind.name)
        descents = np.flatnonzero(np.diff(rows.seq) <= 0)
        if len(descents):
            at = int(descents[0]) + 1
            raise fault(f"{kind.name}.seq[{at}]", int(rows.seq[at]), "greater than the one before")
        if rows.rows and not shipment.after_seq < rows.seq[0] <= rows.seq[-1] <= shipment.last_seq:
            outer = int(rows.seq[0] if rows.seq[0] <= shipment.after_seq else rows.seq[-1])
            raise fault(f"{kind.name}.seq", outer, f"within {shipment.after_seq + 1} to {shipment.last_seq}")
        if kind.subject is not None:
            _check_subjects(getattr(rows, "subject"), kind.subject, kind.name, shipment.subjects)  # noqa: B009 - not in all
    seqs = shipment.seqs()
    if len(seqs) > MOST_ROWS:
        raise WireError(f"The batch has {len(seqs)} rows; at most {MOST_ROWS} are taken.")
    twice = np.flatnonzero(np.diff(seqs) == 0)
    if len(twice):
        raise WireError(f"The batch cannot be used: there are two rows of seq {int(seqs[twice[0]])}.")
    return shipment


def _check_subjects(places: Column, wanted: str, name: str, subjects: tuple[Subject, ...]) -> None:
    fits = np.array([subject.kind == wanted for subject in subjects] or [False])
    wrong = np.flatnonzero((places >= len(subjects)) | ~fits[np.minimum(places, len(fits) - 1)])
    if len(wrong):
        at = int(wrong[0])
        raise fault(f"{name}.subject[{at}]", int(places[at]), f"the place of a {wanted} in subjects")
