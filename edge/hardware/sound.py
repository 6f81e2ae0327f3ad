"""Sound through pygame's mixer (SDL), the only part of pygame that is used here."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.core.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterator

SOUNDS = Path(__file__).parent.parent / "sounds"
RATE_HZ = 44_100
SIGNED_16_BITS = -16
MONO = 1
# 12 ms: as little as the sound server of a small computer keeps up with.
BUFFER_SAMPLES = 512
WITHOUT = "counting goes on without the chime"


class PygameSpeaker:
    """Plays short sounds. The device is opened once and stays open: opening takes longer than a chime may wait.

    ``device`` is its name, as card numbers change from start to start; None takes the system's own choice.
    Raises ``DeviceError`` if the mixer is not installed or there is no such device. The mixer is one for the whole
    process: have one speaker at a time, and open the first one on the main thread.
    """

    def __init__(self, device: str | None = None, *, volume: float = 1.0, folder: Path = SOUNDS) -> None:
        self._mixer: Any = _mixer()
        self._volume = min(1.0, max(0.0, volume))
        self._folder = folder
        self._sounds: dict[str, Any] = {}
        self._open = False
        self._start(device)
        # A chime has to sound at once; the first must not wait for the card.
        for path in sorted(folder.glob("*.wav")):
            self._loaded(path.stem)

    def _start(self, device: str | None) -> None:
        try:
            with _quiet_standard_error(), _termination_kept():
                self._mixer.init(RATE_HZ, SIGNED_16_BITS, MONO, BUFFER_SAMPLES, devicename=device, allowedchanges=0)
        except RuntimeError as error:
            which = "no sound device" if device is None else f"no sound device {device!r}"
            raise DeviceError(f"There is {which} ({_reason(error)}); {WITHOUT}.") from None
        self._open = True

    @property
    def names(self) -> tuple[str, ...]:
        """The sounds that ship."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.wav")))

    def play(self, sound: str) -> None:
        """Start a sound, over others still sounding, and return at once.

        ``sound`` is one of ``names`` or the path of a WAV, OGG or MP3 file. Raises ``DeviceError`` if it cannot be
        played or the speaker is closed.
        """
        if not self._open:
            raise DeviceError(f"The speaker is closed; {WITHOUT}.")
        loaded = self._loaded(sound)
        try:
            # When all channels are busy the oldest sound gives way: the newest person is the one to greet.
            self._mixer.find_channel(True).play(loaded)  # noqa: FBT003 - pygame takes it by position in old versions
        except RuntimeError as error:
            raise DeviceError(f"The sound {sound} cannot be played ({_reason(error)}); {WITHOUT}.") from None

    def _loaded(self, sound: str) -> Any:  # noqa: ANN401 - pygame's own
        if sound not in self._sounds:
            path = self._folder / f"{sound}.wav" if sound in self.names else Path(sound)
            try:
                self._sounds[sound] = self._mixer.Sound(str(path))
            except FileNotFoundError:
                shipped = ", ".join(self.names)
                raise DeviceError(f"There is no sound {sound}; there are {shipped}, or give a file.") from None
            except (RuntimeError, OSError) as error:
                raise DeviceError(
                    f"The sound {sound} is not one ({_reason(error)}); give a WAV, OGG or MP3 file."
                ) from None
            self._sounds[sound].set_volume(self._volume)
        return self._sounds[sound]

    def close(self) -> None:
        """Fall silent and let go of the device; may be called twice."""
        if self._open:
            self._open = False
            self._sounds.clear()
            self._mixer.quit()


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def _mixer() -> Any:  # noqa: ANN401 - a module
    """The mixer's module. It greets on standard output when it is loaded, where only our own words may stand."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return importlib.import_module("pygame.mixer")
    except ImportError:
        raise DeviceError(
            f"The sound library is not installed; {WITHOUT} (to have it: pip install customer-messenger[sound])."
        ) from None


@contextlib.contextmanager
def _quiet_standard_error() -> Iterator[None]:
    """Keep the sound system's own complaints (ALSA's are eight lines long) from the terminal while a device is opened.

    They are written past Python, to file descriptor 2. What other threads write there meanwhile, for some
    milliseconds, is lost with them.
    """
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:
        # There is no standard error to be spoiled.
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextlib.contextmanager
def _termination_kept() -> Iterator[None]:
    """SDL takes SIGTERM for itself where nobody else wants it, and the process could not be ended any more."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        # Python lets only the main thread set this; elsewhere whoever started the thread has its own handler already.
        if before is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
