"""How a run is shared out when pytest-xdist has several processes work on it (``make test``).

A file stays together, so that what it sets up once is set up once; so does a folder in ``TOGETHER``. What takes longest
comes first, or one process would still be busy with it when the others have done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

TESTS = Path(__file__).parent
# Folders whose files share something that is dear to make: machines, seeded shops.
TOGETHER = ("rig", "statistics")
# Files in them that share nothing with the others, and take long.
APART = ("rig/test_package.py",)
# Longest first. The rest are short, and follow as they were collected.
LONG = (
    "rig/test_package.py", "rig", "test_footage.py", "panel/test_manage.py", "panel/test_window.py",
    "vision/test_overhead.py", "sync/test_faults.py", "panel/test_aim.py", "panel/test_strain.py",
    "sync/test_device_faults.py", "sync/test_hub_faults.py", "test_cli.py", "vision/test_gate.py",
    "panel/test_live.py", "services/test_sync.py",
)


def shared_out(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests in the order to begin them, each marked with whom it has to stay together with."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item.path)))
    return sorted(items, key=lambda item: _turn(group_of(item.path)))


def group_of(path: Path) -> str:
    """The name of what a file's tests stay together with: its folder, or itself."""
    inside = path.relative_to(TESTS)
    together = inside.parts[0] in TOGETHER and inside.as_posix() not in APART
    return inside.parts[0] if together else inside.as_posix()


def _turn(group: str) -> int:
    return LONG.index(group) if group in LONG else len(LONG)
