"""Time zones are there on a machine that has none of its own."""

from __future__ import annotations

import subprocess
import sys


def test_a_machine_without_time_zones_has_ours() -> None:
    asked = (
        "import zoneinfo; from edge.config.schema import SiteTable; zoneinfo.reset_tzpath(to=[]);"
        "print(SiteTable(time_zone='Europe/Paris').time_zone, zoneinfo.ZoneInfo('UTC'))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    assert done.stdout.split() == ["Europe/Paris", "UTC"], done.stderr
