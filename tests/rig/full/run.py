"""The whole box under qemu, from a prepared card to its first count, and what may happen to it afterwards.

    python tests/rig/full/run.py FOLDER [--clip CLIP] [--only card,cold,...] [--cuts 20] [--report PAGE]

FOLDER keeps the guest (built once) and the run's disks. Needs root for building, and from Debian: qemu-system-x86
qemu-utils ipxe-qemu seabios mmdebstrap mtools dosfstools cpio zstd xz-utils e2fsprogs kmod chromium. An hour on two
cores with nothing else to do. Times are those of an emulated processor, many times slower than a box.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

from box import Rig
from first_start import card, install, walk
from guest import RigError, needed, run
from lasting import clock, cold, cuts, watchdog
from report import told

from edge.host.sample_clip import sample_clip

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
STAGES: dict[str, Callable[[Rig], None]] = {
    "card": card, "install": install, "walk": walk, "cold": cold, "clock": clock, "watchdog": watchdog, "cuts": cuts,
}  # fmt: skip


def main() -> int:
    """Run the stages in order; 1 if one failed."""
    words = argparse.ArgumentParser(description="The whole box under qemu.")
    words.add_argument("folder", type=Path)
    words.add_argument("--clip", type=Path, help="what the camera sees (the sample clip)")
    words.add_argument("--only", default=",".join(STAGES))
    words.add_argument("--cuts", type=int, default=20)
    words.add_argument("--report", type=Path, help="write what was found as a page: edge/guides/virtual-device.md")
    asked = words.parse_args()
    if missing := list(needed()):
        sys.stderr.write(f"Install what gives {', '.join(missing)} first; the head of this file says which packages.\n")
        return 2
    asked.folder.mkdir(parents=True, exist_ok=True)
    clip = asked.clip or sample_clip(sys.stderr.write)
    rig = Rig(asked.folder.resolve(), clip.resolve(), asked.cuts)
    facts = rig.folder / "facts.json"
    rig.facts = json.loads(facts.read_text()) if facts.exists() else {}
    if not (rig.made / "root.img").exists():
        run("bash", str(HERE / "build_guest.sh"), str(rig.made))
    failed = False
    for name in asked.only.split(","):
        sys.stdout.write(f"{name}: {(STAGES[name].__doc__ or name).splitlines()[0]}\n")
        try:
            STAGES[name](rig)
        except (RigError, AssertionError) as error:
            failed = True
            sys.stdout.write(f"  FAILED: {error}\n")
    if asked.report and not failed:
        asked.report.write_text(told(rig.facts), encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
