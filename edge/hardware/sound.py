"""Sound through pygame's mixer (SDL), the only part of pygame that is used for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge.core.clock import Clock, SystemClock
from edge.core.errors import DeviceError
from edge.hardware.sdl import reason
from edge.hardware.sound_device import NODES, WITHOUT, load_mixer, open_mixer, sound_nodes
from edge.hardware.sound_files import SOUNDS, check_length, shipped, sound_file

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 44_100
# 12 ms: as little as the sound server of a small computer keeps up with.
BUFFER_SAMPLES = 512
# From the queue to the air a sample waits for the next buffer to be mixed, then for the card's two to be played.
BUFFERED_S = 3 * BUFFER_SAMPLES / RATE_HZ
# Sounds of the owner's own and greetings that are kept in memory, the latest used.
KEPT = 12


class PygameSpeaker:
    """Plays short sounds. The device is opened once and stays open: opening takes longer than a chime may wait.

    ``device`` is its name (``device_names`` lists them, "hw:CARD=Headphones" is understood too), as card numbers change
    from start to start; None or "" takes the system's own choice. Raises ``DeviceError`` if the mixer is not installed
    or there is no such device. The mixer is one for the whole process: have one speaker at a time, open the first one
    on the main thread, and use it from one thread at a time.
    """

    def __init__(
        self,
        device: str | None = None,
        *,
        volume: float = 1.0,
        folder: Path = SOUNDS,
        clock: Clock | None = None,
        nodes: Path = NODES,
    ) -> None:
        self._mixer: Any = load_mixer()
        self._volume = min(1.0, max(0.0, volume))
        self._folder = folder
        self._clock = clock or SystemClock()
        self._nodes = nodes
        self._names = shipped(folder)
        self._sounds: dict[str, Any] = {}
        self._nodes_then = sound_nodes(nodes)
        open_mixer(self._mixer, device or None, RATE_HZ, BUFFER_SAMPLES)
        self._open = True
        # A chime has to sound at once; the first must not wait for the card.
        for name in self._names:
            self.load(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The sounds that ship."""
        return self._names

    @property
    def kept(self) -> int:
        """How many sounds are in memory."""
        return len(self._sounds)

    @property
    def alive(self) -> bool:
        """Whether what was opened is still there. After any card came or went it is not: it has to be opened anew.

        SDL itself does not tell: it goes on playing to a card that was pulled out.
        """
        return self._open and self._mixer.get_init() is not None and sound_nodes(self._nodes) == self._nodes_then

    def load(self, sound: str) -> None:
        """Read a sound into memory. ``DeviceError`` if there is no such sound or it is none that can be a chime."""
        self._loaded(sound)

    def length_s(self, sound: str) -> float:
        """How long a sound lasts. ``DeviceError`` like ``load``."""
        return float(self._loaded(sound).get_length())

    def play(self, sound: str, volume: float = 1.0) -> float:
        """Start a sound, over others still sounding, and return at once.

        ``sound`` is one of ``names`` or the path of a WAV, OGG or MP3 file; ``volume`` (0..1) is a part of the
        speaker's own. Returns the clock's monotonic seconds at which the first sample was queued: the mixer takes it
        with the next buffer, and ``BUFFERED_S`` later at the latest it is in the air. Raises ``DeviceError`` if it
        cannot be played or the speaker is closed.
        """
        if not self._open:
            raise DeviceError(f"The speaker is closed; {WITHOUT}.")
        loaded = self._loaded(sound)
        try:
            loaded.set_volume(self._volume * min(1.0, max(0.0, volume)))
            # When all channels are busy the oldest sound gives way: the newest person is the one to greet.
            self._mixer.find_channel(True).play(loaded)  # noqa: FBT003 - pygame takes it by position in old versions
        except RuntimeError as error:
            raise DeviceError(f"The sound {sound} cannot be played ({reason(error)}); {WITHOUT}.") from None
        return self._clock.monotonic_s()

    def _loaded(self, sound: str) -> Any:  # noqa: ANN401 - pygame's own
        loaded = self._sounds.pop(sound, None)
        if loaded is None:
            loaded = self._read(sound)
            own = [other for other in self._sounds if other not in self._names]
            for other in own[: max(0, len(own) + 1 - KEPT)]:
                del self._sounds[other]
        # The latest used stands last.
        self._sounds[sound] = loaded
        return loaded

    def _read(self, sound: str) -> Any:  # noqa: ANN401 - pygame's own
        if not self._open:
            raise DeviceError(f"The speaker is closed; {WITHOUT}.")
        path = sound_file(sound, self._folder)
        try:
            loaded = self._mixer.Sound(str(path))
        except (RuntimeError, OSError) as error:
            raise DeviceError(f"The sound {sound} is not one ({reason(error)}); give a WAV, OGG or MP3 file.") from None
        check_length(sound, loaded.get_length())
        return loaded

    def close(self) -> None:
        """Fall silent and let go of the device; may be called twice."""
        if self._open:
            self._open = False
            self._sounds.clear()
            self._mixer.quit()
