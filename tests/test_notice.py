"""What ships of others is named, credited and exactly the file that is told of."""

from __future__ import annotations

import importlib.metadata
import re
from hashlib import sha256
from pathlib import Path

from edge.hardware.tflite import DEFAULT_MODEL
from edge.vision.sidecar import parse_sidecar

ROOT = Path(__file__).parent.parent
NOTICE = (DEFAULT_MODEL.parent / "NOTICE").read_text(encoding="utf-8")
TOOL = (ROOT / "tools" / "build_model.py").read_text(encoding="utf-8")


def test_the_notice_tells_of_this_very_model() -> None:
    content = DEFAULT_MODEL.read_bytes()
    assert DEFAULT_MODEL.name in NOTICE
    [result] = re.findall(r"^Result\n    sha256 ([0-9a-f]{64})\n    bytes  (\d+)$", NOTICE, re.MULTILINE)
    assert result == (sha256(content).hexdigest(), str(len(content)))


def test_so_does_the_sidecar() -> None:
    beside = DEFAULT_MODEL.with_suffix(".toml")
    told = parse_sidecar(beside.read_text(encoding="utf-8"), beside.name)
    assert told.sha256 == sha256(DEFAULT_MODEL.read_bytes()).hexdigest()


def test_the_script_builds_it_from_what_the_notice_names() -> None:
    for name in ("PACKAGE", "VERSION", "TARBALL_SHA256"):
        [value] = re.findall(rf'^{name} = "(.+)"$', TOOL, re.MULTILINE)
        assert value in NOTICE
    assert "Apache License 2.0" in NOTICE


def test_licence_and_notice_are_part_of_an_installation() -> None:
    assert "MIT License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    told = importlib.metadata.metadata("customer-messenger")
    assert told["License-Expression"] == "MIT"
    assert set(told.get_all("License-File") or ()) == {"LICENSE", "edge/models/NOTICE"}


def test_the_readme_credits_whose_work_is_used() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("OpenCV", "opencv-doc", "NOTICE", "MIT"):
        assert name in readme


def test_every_model_that_ships_has_a_notice() -> None:
    shipped = [path.name for path in DEFAULT_MODEL.parent.glob("*.tflite")]
    assert shipped
    assert all(name in NOTICE for name in shipped)
