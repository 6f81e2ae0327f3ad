"""Sound devices through SDL, by their names: card numbers change from start to start.

SDL calls an ALSA device by what its card and output call themselves ("bcm2835 Headphones, bcm2835 Headphones"). People
and other programs call it by the card's short name ("hw:CARD=Headphones"), which is translated here.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.core.errors import DeviceError
from edge.hardware.sdl import quiet_standard_error, reason, termination_kept, vendor_module

if TYPE_CHECKING:
    from collections.abc import Sequence

WITHOUT = "counting goes on without the chime"
CARDS = Path("/proc/asound/cards")
NODES = Path("/dev/snd")
# "hw:CARD=Headphones,DEV=0", in any order, and as it was written before: "plughw:Headphones,0", "hw:1,0".
_ALSA_NAME = re.compile(r"^\w+:(?P<words>[^\s,]+(?:,[^\s,]+)*)$")
_ALSA_WORDS = ("CARD", "DEV", "SUBDEV")
# Number, short name, driver, long name: 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones.
_CARD_ROW = re.compile(r"^\s*(?P<number>\d+) \[(?P<short>[^\]\s]+)\s*\]: .*? - (?P<long>.+?)\s*$", re.MULTILINE)

Nodes = frozenset[tuple[str, int, int]]


def device_names() -> tuple[str, ...]:
    """What sound can be played on, as SDL calls it; () if there is nothing, or no sound library."""
    try:
        return _names(load_mixer())
    except DeviceError:
        return ()


def open_mixer(mixer: Any, device: str | None, rate_hz: int, buffer_samples: int) -> None:  # noqa: ANN401 - a module
    """Open a device (None: the system's own choice) for 16 bits on one channel; SDL converts for the card.

    Raises ``DeviceError`` with what there is instead.
    """
    name = device and sdl_name(device, _names(mixer), _cards())
    try:
        with quiet_standard_error(), termination_kept():
            mixer.init(rate_hz, -16, 1, buffer_samples, devicename=name, allowedchanges=0)
    except RuntimeError as error:
        there = ", ".join(repr(name) for name in _names(mixer))
        which = "no sound device" if device is None else f"no sound device {device!r}"
        instead = f"; there is {there}" if there else ""
        raise DeviceError(f"There is {which} ({reason(error)}){instead}; {WITHOUT}.") from None
    if mixer.get_init() is None:
        # Some other part of the process has SDL's audio in its hands; the mixer then opens nothing and says nothing.
        raise DeviceError(f"The sound system is in use by another part of this program; {WITHOUT}.")


def sdl_name(device: str, names: Sequence[str], cards: str) -> str:
    """SDL's name for a device that may be named as ALSA does; ``cards`` is the text of /proc/asound/cards.

    What is no ALSA name, or names a card that is not there, is given back as it is.
    """
    asked, output = _alsa_words(device)
    if not asked:
        return device
    rows = list(_CARD_ROW.finditer(cards))
    card = next((row for row in rows if asked in (row["short"], row["number"])), None)
    if card is None:
        return device
    # Cards of one make have the same long name; SDL puts " (2)" behind the second one. So it does behind the second
    # output of one card, if both have one name.
    twins = [row["short"] for row in rows if row["long"] == card["long"]]
    twin = twins.index(card["short"])
    mine = [name for name in names if name.startswith(f"{card['long']}, ")]
    outputs = [name for name in mine if not re.search(r" \(\d+\)$", name)] if len(twins) > 1 else mine
    if output >= len(outputs):
        return device
    return f"{outputs[output]} ({twin + 1})" if twin else outputs[output]


def _alsa_words(device: str) -> tuple[str, int]:
    """The card and its output that an ALSA name means; no card if it is no such name."""
    found = _ALSA_NAME.match(device)
    said = found["words"].split(",") if found else []
    words = {"CARD": "", "DEV": "0"}
    for usual, word in zip(_ALSA_WORDS, said, strict=False):
        name, _, value = word.rpartition("=")
        words[name or usual] = value
    return words["CARD"], int(words["DEV"]) if words["DEV"].isdecimal() else 0


def sound_nodes(folder: Path = NODES) -> Nodes:
    """The machine's sound outputs, so that it can be told whether one came or went.

    A card that was pulled out and put back has a new node under the old name: SDL would go on playing into nothing.
    """
    found = []
    with contextlib.suppress(OSError):
        for path in folder.glob("pcm*p"):
            with contextlib.suppress(OSError):
                facts = path.stat()
                found.append((path.name, facts.st_ino, facts.st_ctime_ns))
    return frozenset(found)


def load_mixer() -> Any:  # noqa: ANN401 - a module
    """The mixer's module."""
    try:
        return vendor_module("pygame.mixer")
    except ImportError:
        raise DeviceError(
            f"The sound library is not installed; {WITHOUT} (to have it: pip install customer-messenger[sound])."
        ) from None


def _names(mixer: Any) -> tuple[str, ...]:  # noqa: ANN401 - a module
    try:
        audio = vendor_module("pygame._sdl2.audio")
        sdl = vendor_module("pygame._sdl2.sdl2")
    except ImportError:
        # An old pygame; names cannot be listed with it, only used.
        return ()
    if mixer.get_init() is not None:
        return tuple(audio.get_audio_device_names())
    # SDL lists devices only while it is awake, but the mixer opens none if it finds SDL awake already.
    try:
        with quiet_standard_error(), termination_kept():
            sdl.init_subsystem(sdl.INIT_AUDIO)
            try:
                return tuple(audio.get_audio_device_names())
            finally:
                mixer.quit()
    except RuntimeError:
        return ()


def _cards() -> str:
    try:
        return CARDS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
