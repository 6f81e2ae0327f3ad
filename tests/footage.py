"""Where real footage is, if there is any on this machine."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).parent.parent
NAMED = [Path(os.environ["ACM_FOOTAGE"])] if os.environ.get("ACM_FOOTAGE") else []
PLACES = [*NAMED, PROJECT / "footage", PROJECT.parent / "shared/footage"]
FOOTAGE = next((place for place in PLACES if (place / "manifest.json").is_file()), None)
