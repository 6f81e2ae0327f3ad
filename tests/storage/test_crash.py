"""A writer killed at any moment: what it acknowledged is there, once; figures are what the rows say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crash_rig import Rig

if TYPE_CHECKING:
    from pathlib import Path

# By hand: python tests/storage/crash_rig.py 500
ROUNDS = 36


def test_killed_again_and_again(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "acm.db")
    try:
        for _ in range(ROUNDS):
            rig.round()
    finally:
        rig.close()
    found = rig.found
    assert len(found.acknowledged) > 10 * ROUNDS
    assert (found.lost, found.doubled, found.halved, found.faults) == (0, 0, 0, [])
    assert found.kept >= len(found.acknowledged)
