"""How a run is shared out when pytest-xdist has several processes work on it (``make test``).

A file stays together, so that what it sets up once is set up once; so does a folder in ``TOGETHER``. What takes longest
comes first, or one process would still be busy with it when the others have done.

Some files mostly wait, for units, clocks and cameras: of three processes or more the last one has these, and after them
short ones. It takes hardly anything from the others, and they need not wait.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

TESTS = Path(__file__).parent
# Folders whose files share something that is dear to make: machines, seeded shops.
TOGETHER = ("rig", "statistics")
# Files in them that share nothing with the others, and take long.
APART = ("rig/test_package.py",)
# Those that use the processor for less than a third of the time they take.
WAITING = (
    "rig", "test_run.py", "panel/test_aim.py", "hub/test_hub_reports.py", "test_sending.py", "hub/test_hub_api.py",
    "test_soak.py", "test_bad_input.py", "test_two_cameras.py", "test_bench_device.py",
    "integrations/test_mqtt_batches.py", "hardware/test_opencv_camera.py", "hardware/test_every_camera.py",
    "hardware/test_sound.py", "services/test_window.py",
)
ENOUGH_TO_WAIT = 3
# Longest first. The rest are short, and follow as they were collected.
LONG = (
    "rig/test_package.py", "rig", "panel/test_window.py", "test_footage.py", "panel/test_statistics_window.py",
    "panel/test_manage.py", "panel/test_aim.py", "panel/test_strain.py", "test_run.py", "panel/test_hub_window.py",
    "panel/test_reports_page.py", "panel/test_panel_process.py", "panel/test_notices.py", "statistics",
    "panel/test_live.py", "test_sending.py", "sync/test_device_faults.py", "test_soak.py", "test_cli.py",
    "panel/test_beside_counting.py", "test_two_cameras.py", "test_dist.py", "test_bad_input.py",
    "integrations/test_telling.py", "test_hub_demo.py", "sync/test_hub_faults.py", "services/test_sync.py",
    "test_kill.py", "sync/test_faults.py",
)


def in_turn(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests in the order to begin them."""
    return sorted(items, key=lambda item: _turn(group_of(item.path)))


def scheduler(config: pytest.Config, log: Any) -> Any:  # noqa: ANN401 - pytest-xdist's own
    """Whoever gives the processes their work, a group at a time."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - plain pytest does without it

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(config.rootpath / nodeid.partition("::")[0])

        def _assign_work_unit(self, node: Any) -> None:  # noqa: ANN401 - pytest-xdist's own
            group = next_for(list(self.workqueue), waits=self._waits(node))
            self.workqueue.move_to_end(group or next(iter(self.workqueue)), last=False)
            super()._assign_work_unit(node)

        def _reschedule(self, node: Any) -> None:  # noqa: ANN401 - as above
            # What is left may be too much for it; at the end of all the others it is sent home with them.
            if not self.workqueue or next_for(list(self.workqueue), waits=self._waits(node)) is not None:
                super()._reschedule(node)

        def _waits(self, node: Any) -> bool:  # noqa: ANN401 - as above
            many = len(config.getoption("tx")) >= ENOUGH_TO_WAIT
            return many and node.gateway.id == f"gw{len(config.getoption('tx')) - 1}"

    return Together(config, log)


def next_for(groups: Sequence[str], *, waits: bool) -> str | None:
    """The group to be worked on next, by the process for those that wait, or by another one; None is no work for it."""
    if waits:
        short = (group for group in groups if group not in LONG)
        return next((group for group in groups if group in WAITING), next(short, None))
    return next((group for group in groups if group not in WAITING), groups[0])


def group_of(path: Path) -> str:
    """The name of what a file's tests stay together with: its folder, or itself."""
    inside = path.relative_to(TESTS)
    together = inside.parts[0] in TOGETHER and inside.as_posix() not in APART
    return inside.parts[0] if together else inside.as_posix()


def _turn(group: str) -> int:
    return LONG.index(group) if group in LONG else len(LONG)
