"""The clip the demonstration shows: pedestrians on a foot path, out of Debian's package opencv-doc.

It is not ours to ship, so it is fetched once, with the machine's own package manager, and kept in the user's cache.
No root is needed: nothing is installed, the package is only taken apart.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from edge.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PACKAGE = "opencv-doc"
NAME = "vtest.avi"
INSTALLED = Path("/usr/share/doc/opencv-doc/examples/data")
CACHE_FOLDER = "customer-messenger"
# The clip has 8 MB; a third of that is a broken one.
LEAST_BYTES = 3_000_000
AVI_START, AVI_KIND = b"RIFF", b"AVI "
FETCH_S, UNPACK_S = 600.0, 180.0
OTHERWISE = "give a video of people walking instead: acm demo VIDEO"
APT = (
    "apt-get",
    "--quiet=2",
    # The temporary folder is ours alone, so apt's own user could not write there; without this it complains.
    "--option=APT::Sandbox::User=root",
    "--option=Acquire::Retries=2",
    "--option=Acquire::http::Timeout=30",
)


class Run(Protocol):
    """Runs a command in a folder."""

    def __call__(self, command: Sequence[str], folder: Path, limit_s: float) -> str | None:
        """None if it succeeded, otherwise why not, in a few words."""


def run(command: Sequence[str], folder: Path, limit_s: float) -> str | None:
    """Run a command without a shell, its output kept off the terminal."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words and paths of our own, no shell
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit_s, check=False
        )
    except FileNotFoundError:
        return f"there is no {command[0]} here"
    except subprocess.TimeoutExpired:
        return f"{command[0]} took longer than {limit_s:.0f} s"
    except OSError as error:
        return f"{command[0]} does not run ({error.strerror})"
    if done.returncode == 0:
        return None
    said = [line.strip() for line in done.stderr.splitlines() if line.startswith("E:")] or done.stderr.splitlines()
    return f"{command[0]} says: {said[0].removeprefix('E:').strip() if said else done.returncode}"


def sample_clip(
    say: Callable[[str], object], cache: Path | None = None, *, installed: Path = INSTALLED, run: Run = run
) -> Path:
    """The path of the clip, fetched if need be (about 90 MB over the network, once; ``say`` is told so before).

    ``cache`` is the folder to keep it in, by default one of the product's own below ``$XDG_CACHE_HOME`` or
    ``~/.cache``. Raises ``InputError`` if it cannot be had.
    """
    if _plausible(installed / NAME):
        return installed / NAME
    folder = cache or default_cache()
    clip = folder / NAME
    if _plausible(clip):
        return clip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as place:
            found = _packed(installed)
            if found is None:
                say(f"Fetching the sample clip (about 90 MB, once) into {folder} ...\n")
                found = _fetched(Path(place), run)
            _put(found, Path(place) / NAME, clip)
    except OSError as error:
        raise InputError(
            f"The sample clip cannot be kept in {folder} ({error.strerror or error}); free that place, or {OTHERWISE}"
        ) from None
    return clip


def default_cache() -> Path:
    """Where the product keeps what can be fetched again."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    # The base directory rules have relative paths ignored.
    if named.startswith("/"):
        return Path(named) / CACHE_FOLDER
    try:
        return Path.home() / ".cache" / CACHE_FOLDER
    except RuntimeError:
        return Path(tempfile.gettempdir()) / f"{CACHE_FOLDER}-{os.getuid()}"


def _packed(folder: Path) -> Path | None:
    """The clip as Debian compresses it, if it is there."""
    packed = folder / f"{NAME}.gz"
    return packed if packed.is_file() else None


def _fetched(place: Path, run: Run) -> Path:
    """Get the package and take it apart; return the clip in it, compressed or not."""
    reason = run([*APT, "download", PACKAGE], place, FETCH_S)
    if reason is not None and os.geteuid() == 0:
        # A fresh machine has no package lists, and old lists name packages that are gone.
        reason = run([*APT, "update"], place, FETCH_S) or run([*APT, "download", PACKAGE], place, FETCH_S)
    packages = sorted(place.glob(f"{PACKAGE}_*.deb"))
    if reason is None and not packages:
        reason = "no package came"
    if reason is None:
        reason = run(["dpkg-deb", "--extract", str(packages[-1]), str(place / "open")], place, UNPACK_S)
    if reason is not None:
        raise InputError(f"The sample clip of the Debian package {PACKAGE} cannot be had ({reason}); {OTHERWISE}")
    found = [path for name in (NAME, f"{NAME}.gz") for path in (place / "open").rglob(name) if path.is_file()]
    if not found:
        raise InputError(f"The Debian package {PACKAGE} of this system holds no {NAME}; {OTHERWISE}")
    return found[0]


def _put(found: Path, part: Path, clip: Path) -> None:
    """Put the clip in its place, whole or not at all."""
    opener = gzip.open if found.suffix == ".gz" else open
    with opener(found, "rb") as packed, part.open("wb") as plain:
        try:
            shutil.copyfileobj(packed, plain)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise InputError(f"The sample clip {found} is damaged; {OTHERWISE}") from None
    if not _plausible(part):
        raise InputError(f"What came as the sample clip is none, or is damaged; {OTHERWISE}")
    part.replace(clip)


def _plausible(path: Path) -> bool:
    """Whether this is the clip as far as its size and its first bytes tell."""
    try:
        if path.stat().st_size < LEAST_BYTES:
            return False
        with path.open("rb") as clip:
            start = clip.read(12)
    except OSError:
        return False
    return start.startswith(AVI_START) and start.endswith(AVI_KIND)
