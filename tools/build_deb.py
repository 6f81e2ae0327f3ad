"""Makes the Debian package, the same bytes from the same source.

    python tools/build_deb.py [--python 3.11 --python 3.13] [--architecture amd64] [--out dist]

It needs dpkg-deb, pip and this project's own environment. Libraries are those of the locks, for each Python the
package is to run with; they are fetched by pip as it is set up here, into ``--wheels``, and found there the next time.
SOURCE_DATE_EPOCH is the moment everything carries, by default that of the last commit.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from build_dist import ROOT, built, copied, moment
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.tags import Tag, compatible_tags, cpython_tags
from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename

NAME = "customer-messenger"
# Debian 12 and 13, and Raspberry Pi OS of the same names.
PYTHONS = ("3.11", "3.13")
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
# A system's library of C that is as old as that of the oldest system we run on, or older.
GLIBC = range(5, 37)
# In the lock of the tests only, since the extra that wants them is for a Pi; a box needs them.
FOR_A_PI = ("gpiozero", "colorzero")
# What no lock has. pip installs the rest, beginning from its own wheel: a system without a network may have none.
# The system's picamera2 imports simplejpeg, and that of Debian 12 was made for numpy 1 and fails beside ours.
BESIDE_THE_LOCK = {
    ("pip", "26.3"): ("f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13",),
    ("simplejpeg", "1.9.0"): (
        "216ff066e9a05743470ade59ee6014c1a40655bf38a0fc40bae8c78511749a90",
        "9cd72c67f1c8fc67f1db432fdae7b03272ca56b72cbb43883c082b63358851c4",
        "a0c375130f73bb08229a3ded392d84ee2d916b3e87e7ec5d2ac4e47b7144346a",
        "d00feb1cc0348aba0a41db6dbda4db468db92099b1b3d473159e6f68aa990795",
    ),
}
# What is not given away ready made; and where, among the libraries, what was made of it lies.
FROM_SOURCE = ("http-ece",)
MADE = "made"
HOME, SHARE = f"usr/lib/{NAME}", f"usr/share/{NAME}"
ENABLED = ("acm.service", "acm-panel.service", "acm-update.timer", "acm-watch-upgrade.service")
STARTED = ("acm.service", "acm-panel.service", "acm-update.timer")
# What boxes with a card have besides.
BESIDE = ("acm-provision.service", "acm-card.timer", "acm-card.service")
# Shipped, and enabled by whoever wants it.
ON_DEMAND = ("acm-hub.service", "acm-hub-panel.service")
CONFFILES = {"acm.toml": "etc/acm/acm.toml", "update.pub": "etc/acm/update.pub", "hub.toml": "etc/acm-hub/hub.toml"}
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
SUM = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Target:
    """A Python on a machine."""

    python: str
    architecture: str

    @property
    def words(self) -> dict[str, str]:
        """What conditions in a lock ask for."""
        return {
            "python_version": self.python, "python_full_version": f"{self.python}.0", "sys_platform": "linux",
            "platform_machine": MACHINES[self.architecture], "platform_system": "Linux", "os_name": "posix",
            "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": "",
        }  # fmt: skip

    @property
    def platforms(self) -> list[str]:
        """What wheels for it are called."""
        machine = MACHINES[self.architecture]
        return [f"manylinux_2_{minor}_{machine}" for minor in reversed(GLIBC)] + [f"manylinux2014_{machine}"]

    @property
    def tags(self) -> frozenset[Tag]:
        """What it can use."""
        major, minor = (int(part) for part in self.python.split("."))
        abis = [f"cp{major}{minor}", "abi3", "none"]
        own = cpython_tags((major, minor), abis, self.platforms)
        return frozenset([*own, *compatible_tags((major, minor), f"cp{major}{minor}", self.platforms)])


@dataclass(frozen=True)
class Wanted:
    """A library of the lock, and the sums its files may have."""

    name: str
    version: str
    sums: frozenset[str]

    @property
    def row(self) -> str:
        """As a lock says it."""
        return f"{self.name}=={self.version} " + " ".join(f"--hash=sha256:{one}" for one in sorted(self.sums)) + "\n"


def wanted(source: Path, target: Target) -> list[Wanted]:
    """The libraries a box with this Python needs."""
    main = _locked((source / "requirements.lock").read_text("utf-8"), target)
    rest = _locked((source / "requirements-test.lock").read_text("utf-8"), target)
    for_a_pi = [one for one in rest if one.name in FOR_A_PI and one not in main]
    others = [Wanted(name, version, frozenset(sums)) for (name, version), sums in BESIDE_THE_LOCK.items()]
    return sorted([*main, *for_a_pi, *others], key=lambda one: one.name)


def _locked(text: str, target: Target) -> list[Wanted]:
    found = []
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text.replace("\\\n", " ")):
        if "==" not in entry:
            continue
        requirement = Requirement(entry.split("--hash")[0].strip())
        if requirement.marker is None or requirement.marker.evaluate(target.words):
            (only,) = requirement.specifier
            found.append(Wanted(canonicalize_name(requirement.name), only.version, frozenset(SUM.findall(entry))))
    return found


def sum_of(path: Path) -> str:
    """A file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetched(libraries: list[Wanted], target: Target, folder: Path) -> list[Path]:
    """The wheels of libraries in a folder: those that are there already, and what pip fetches."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = [one for one in libraries if one.name in FROM_SOURCE]
    wheels = [one for one in libraries if one not in sources]
    lacking = [one for one in wheels if _wheel_of(one, target, folder) is None]
    platforms = [word for platform in target.platforms for word in ("--platform", platform)]
    if lacking:
        _download(lacking, folder, "--only-binary=:all:", "--python-version", target.python, *platforms)
    for one in sources:
        if _wheel_of(one, target, folder / MADE, made=True) is None:
            _make_wheel(one, folder)
    found = [_wheel_of(one, target, folder) for one in wheels]
    found += [_wheel_of(one, target, folder / MADE, made=True) for one in sources]
    without = [one.name for one, file in zip([*wheels, *sources], found, strict=True) if file is None]
    if without:
        raise SystemExit(f"build_deb: no {', '.join(without)} for Python {target.python} on {target.architecture}.")
    return sorted(file for file in found if file is not None)


def _download(libraries: list[Wanted], folder: Path, *words: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".lock") as lock:
        lock.writelines(one.row for one in libraries)
        lock.flush()
        pip("download", "--no-deps", "--require-hashes", "--dest", str(folder), *words, "--requirement", lock.name)


def _make_wheel(library: Wanted, folder: Path) -> None:
    """Some libraries come as source only; it is the same wheel for every Python, or it will not do."""
    _download([library], folder, "--no-binary=:all:", "--no-build-isolation")
    (source,) = (path for path in folder.glob("*.tar.gz") if sum_of(path) in library.sums)
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder / MADE), str(source))


def _wheel_of(library: Wanted, target: Target, folder: Path, *, made: bool = False) -> Path | None:
    """The library's wheel in a folder, if there is one that is for the target and is what the lock says."""
    for path in sorted(folder.glob("*.whl")):
        name, version, _, tags = parse_wheel_filename(path.name)
        same = name == library.name and str(version) == library.version
        if same and tags & target.tags and (made or sum_of(path) in library.sums):
            return path
    return None


def pip(*words: str) -> None:
    """Run this environment's pip. It says what it lacks."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode != 0:
        raise SystemExit(f"build_deb: pip {words[0]} failed:\n{done.stderr[-2000:]}")


def lock_of(files: list[Path]) -> str:
    """What an installation without a network goes by: these files and no others."""
    rows = []
    for path in files:
        name, version, _, _ = parse_wheel_filename(path.name)
        rows.append(f"{name}=={version} --hash=sha256:{sum_of(path)}\n")
    return "".join(sorted(rows))


def room_kb(files: list[Path]) -> int:
    """What an environment of these takes on a disk: what is in them, half as much again of compiled files, a margin."""
    unpacked = 0
    for path in files:
        with zipfile.ZipFile(path) as wheel:
            unpacked += sum(entry.file_size for entry in wheel.infolist())
    return unpacked * 5 // 4 // 1024 + 64 * 1024


def debian_version(version: str) -> str:
    """A version as Debian orders it: what comes before a release comes before it there, too."""
    return re.sub(r"\.?(a|b|rc|dev)(\d*)", r"~\1\2", version)


class Build:
    """One package, put together in a folder of its own."""

    def __init__(self, tree: Path, root: Path, targets: list[Target], at: int) -> None:
        self.tree, self.root, self.targets, self.at = tree, root, targets, at
        told = (tree / "edge" / "__init__.py").read_text("utf-8")
        self.version = debian_version(re.findall(r'^__version__ = "(.+)"', told, re.MULTILINE)[0])
        self.room_kb = 0
        self.units = sorted(path.name for path in (tree / "systemd").iterdir() if path.suffix in (".service", ".timer"))
        strangers = set(self.units) - {*ENABLED, *ON_DEMAND, "acm-update.service", *BESIDE}
        if strangers:
            raise SystemExit(f"build_deb: say in tools/build_deb.py whether {', '.join(sorted(strangers))} is enabled.")

    def put(self, source: Path, place: str) -> None:
        """A file of the source in its place."""
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)

    def write(self, place: str, text: str) -> None:
        """A text in its place."""
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def link(self, place: str, target: str) -> None:
        """A link in its place."""
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def add_program(self, libraries: Path, scratch: Path) -> None:
        """Wheels and locks."""
        program = built("wheel", self.tree, scratch, self.at)
        self.put(program, f"{HOME}/wheels/{program.name}")
        self.write(f"{HOME}/wheels/program.lock", lock_of([program]))
        for target in self.targets:
            files = fetched(wanted(self.tree, target), target, libraries)
            for path in files:
                self.put(path, f"{HOME}/wheels/{path.name}")
            self.write(f"{HOME}/wheels/libraries-{target.python}.lock", lock_of(files))
            self.room_kb = max(self.room_kb, room_kb(files))
        self.link("usr/bin/acm", f"../lib/{NAME}/current/venv/bin/acm")

    def add_system(self) -> None:
        """Units, users, folders, the journal."""
        systemd = self.tree / "systemd"
        for unit in self.units:
            self.put(systemd / unit, f"usr/lib/systemd/system/{unit}")
        for kind in ("sysusers.d", "tmpfiles.d"):
            for path in (systemd / kind).iterdir():
                self.put(path, f"usr/lib/{kind}/{path.name}")
        for path in (systemd / "udev").iterdir():
            self.put(path, f"usr/lib/udev/rules.d/{path.name}")
        self.put(systemd / "acm.catalog", "usr/lib/systemd/catalog/acm.catalog")
        self.put(systemd / "journald.conf.d" / "acm.conf", "usr/lib/systemd/journald.conf.d/acm.conf")
        for path in (systemd / "drop-ins").iterdir():
            self.put(path, f"{SHARE}/drop-ins/{path.name}")
        for name, place in CONFFILES.items():
            self.put(self.tree / "config" / name, place)
        (self.root / "var" / "lib" / NAME).mkdir(parents=True)

    def add_words(self, scratch: Path, keys: list[Path]) -> None:
        """What people read; and the keys that this package's successors are signed by."""
        documents = f"usr/share/doc/{NAME}"
        command = [sys.executable, str(self.tree / "tools" / "make_manual.py"), str(scratch), str(self.at)]
        subprocess.run(command, check=True)  # noqa: S603 - ours
        self.put(scratch / "acm.bash", "usr/share/bash-completion/completions/acm")
        self.packed(scratch / "acm.1", "usr/share/man/man1/acm.1.gz")
        (scratch / "changelog").write_text(self.filled("changelog"), encoding="utf-8")
        self.packed(scratch / "changelog", f"{documents}/changelog.gz")
        self.put(self.tree / "edge" / "CHANGELOG.md", f"{documents}/CHANGELOG.md")
        self.write(f"{documents}/copyright", self.filled("copyright"))
        self.put(self.tree / "README.md", f"{documents}/README.md")
        for folder, into in (("edge/guides", "guides"), ("config/examples", "examples")):
            for path in sorted(path for path in (self.tree / folder).rglob("*") if path.is_file()):
                self.put(path, f"{documents}/{into}/{path.relative_to(self.tree / folder)}")
        self.write(f"usr/share/lintian/overrides/{NAME}", self.filled("lintian-overrides"))
        for key in keys:
            with (self.root / CONFFILES["update.pub"]).open("a", encoding="utf-8") as file:
                file.write(key.read_text(encoding="utf-8"))

    def packed(self, source: Path, place: str) -> None:
        """A file in its place, packed the same way each time."""
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
            file.write(source.read_bytes())

    def filled(self, name: str) -> str:
        """A file of tools/debian with its blanks filled in."""
        major, _, minor = self.targets[-1].python.partition(".")
        licence = "".join(f" {row or '.'}\n" for row in (self.tree / "LICENSE").read_text("utf-8").splitlines())
        words = {
            "VERSION": self.version, "ARCHITECTURE": self.targets[0].architecture, "ROOM_KB": str(self.room_kb),
            "LEAST": self.targets[0].python, "BEYOND": f"{major}.{int(minor) + 1}~",
            "PYTHONS": " and ".join(target.python for target in self.targets), "ENABLED": " ".join(self.enabled),
            "STARTED": " ".join(STARTED), "ALL": " ".join(self.units), "LICENSE": licence.rstrip("\n"),
            "DAY": formatdate(self.at),
            "SIZE": str(sum(path.lstat().st_size for path in self.root.rglob("*")) // 1024 + 1),
        }  # fmt: skip
        text = (self.tree / "tools" / "debian" / name).read_text(encoding="utf-8")
        return re.sub("@([A-Z_]+)@", lambda blank: words[blank[1]], text)

    @property
    def enabled(self) -> list[str]:
        """The units that are enabled, of those there are."""
        return [unit for unit in (*ENABLED, *BESIDE) if unit in self.units and unit != "acm-card.service"]

    def close(self, out: Path, compression: str) -> Path:
        """Head and scripts, rights and ages; then the package itself."""
        debian = self.root / "DEBIAN"
        sums = [
            f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(self.root)}\n"
            for path in sorted(self.root.rglob("*")) if path.is_file() and not path.is_symlink()
            and "etc" not in path.relative_to(self.root).parts[:1]
        ]  # fmt: skip
        for name in ("control", *SCRIPTS, "triggers"):
            self.write(f"DEBIAN/{name}", self.filled(name))
        self.write("DEBIAN/md5sums", "".join(sums))
        self.write("DEBIAN/conffiles", "".join(f"/{place}\n" for place in sorted(CONFFILES.values())))
        for path in [self.root, *self.root.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or (path.parent == debian and path.name in SCRIPTS) else 0o644)
            os.utime(path, (self.at, self.at), follow_symlinks=False)
        out.mkdir(parents=True, exist_ok=True)
        made = out / f"{NAME}_{self.version}_{self.targets[0].architecture}.deb"
        # Wheels are packed already: trying harder takes minutes and saves nothing.
        command = ["dpkg-deb", "--root-owner-group", f"-Z{compression}", "-z1", "--build", str(self.root), str(made)]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(self.at)}
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - ours
        return made


def own_architecture() -> str:
    """This machine's, as Debian calls it."""
    asked = ["dpkg", "--print-architecture"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - fixed words


def main() -> None:
    """Build one package."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--source", type=Path, default=ROOT, help="the source (this one)")
    asked.add_argument("--python", action="append", help=f"a Python it is to run with ({', '.join(PYTHONS)})")
    asked.add_argument("--architecture", choices=sorted(MACHINES), default=own_architecture(), help="for which kind")
    asked.add_argument("--wheels", type=Path, default=ROOT / ".venv" / ".wheels", help="where libraries are kept")
    asked.add_argument("--key", type=Path, action="append", default=[], help="a .pub file whose signatures it trusts")
    ways = ("none", "gzip", "xz", "zstd")
    asked.add_argument("--compression", choices=ways, default="zstd", help="of all of it (zstd)")
    asked.add_argument("--out", type=Path, default=ROOT / "dist", help="where to put it (dist)")
    ask = asked.parse_args()
    pythons = sorted(ask.python or PYTHONS, key=lambda text: [int(part) for part in text.split(".")])
    os.umask(0o022)
    at = moment(ask.source)
    os.environ["SOURCE_DATE_EPOCH"] = str(at)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for name in ("tree", "root", "made"):
            (scratch / name).mkdir()
        build = Build(
            copied(ask.source, scratch / "tree", at), scratch / "root",
            [Target(python, ask.architecture) for python in pythons], at,
        )  # fmt: skip
        build.add_program(ask.wheels, scratch / "made")
        build.add_system()
        build.add_words(scratch / "made", ask.key)
        print(build.close(ask.out, ask.compression))


if __name__ == "__main__":
    main()
