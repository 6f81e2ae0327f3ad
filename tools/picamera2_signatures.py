"""Record how picamera2 is called, for the tests: the real package cannot be installed without a Pi's libcamera.

Usage: picamera2_signatures.py PACKAGE...
PACKAGE: wheels or source archives, as fetched by: pip download --no-deps picamera2==0.3.38
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path

TABLE = Path(__file__).parent.parent / "tests" / "fake_pi" / "signatures.json"
# Of these files, these classes, and of them what the product uses.
SOURCES = {"picamera2.py": "Picamera2", "job.py": "Job", "request.py": "CompletedRequest"}
USED = {
    "Picamera2": (
        "__init__", "camera_configuration", "camera_controls", "cancel_all_and_flush", "capture_request", "close",
        "configure", "create_video_configuration", "global_camera_info", "load_tuning_file", "sensor_modes",
        "sensor_resolution", "set_controls", "start", "wait",
    ),
    "Job": ("get_result",),
    "CompletedRequest": ("get_metadata", "make_array", "release"),
}  # fmt: skip
Table = dict[str, list[str]]


def sources(package: Path) -> dict[str, str]:
    """The text of the files that matter."""
    found = {}
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as wheel:
            for name in wheel.namelist():
                if name.startswith("picamera2/") and name.count("/") == 1 and Path(name).name in SOURCES:
                    found[Path(name).name] = wheel.read(name).decode()
        return found
    with tarfile.open(package) as archive:
        for member in archive.getmembers():
            parts = Path(member.name).parts
            file = archive.extractfile(member) if parts[1:2] == ("picamera2",) and parts[2:3] else None
            if file is not None and len(parts) == 3 and parts[2] in SOURCES:
                found[parts[2]] = file.read().decode()
    return found


def table(texts: dict[str, str]) -> Table:
    """``Class.method`` -> its parameters, each with its default; ``Class.name`` -> ["attribute"] for anything else."""
    known: Table = {}
    for file, name in SOURCES.items():
        for node in ast.parse(texts[file]).body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                found = members(node)
                known |= {f"{name}.{member}": found[member] for member in USED[name] if member in found}
    return known


def members(owner: ast.ClassDef) -> Table:
    """Methods, properties, and what methods put on ``self``. Of overloads the last one is the method itself."""
    found: Table = {}
    for node in ast.walk(owner):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            found.setdefault(node.attr, ["attribute"])
    for node in owner.body:
        if isinstance(node, ast.FunctionDef):
            is_property = any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
            found[node.name] = ["attribute"] if is_property else parameters(node)
    return found


def parameters(method: ast.FunctionDef) -> list[str]:
    """Parameters as they are written, without their types."""
    plain = method.args.posonlyargs + method.args.args
    defaults = [None] * (len(plain) - len(method.args.defaults)) + list(method.args.defaults)
    told = [_told(arg, default) for arg, default in zip(plain, defaults, strict=True)]
    if method.args.vararg:
        told.append(f"*{method.args.vararg.arg}")
    pairs = zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True)
    return [*told, *(_told(arg, default) for arg, default in pairs)]


def _told(arg: ast.arg, default: ast.expr | None) -> str:
    return arg.arg if default is None else f"{arg.arg}={ast.unparse(default)}"


def main(packages: list[str]) -> None:
    """Write the table of all packages given."""
    known = {}
    for package in map(Path, packages):
        version = re.search(r"picamera2-([\d.]+\d)", package.name)
        if version is None:
            sys.exit(f"{package}: its name tells no version of picamera2.")
        known[version[1]] = table(sources(package))
        print(f"{version[1]}: {len(known[version[1]])} members")
    if not known:
        sys.exit("Name the packages to read; fetch them with: pip download --no-deps picamera2==0.3.38")
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
