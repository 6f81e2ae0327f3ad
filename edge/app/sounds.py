"""Whether what is to be heard can be: sounds that are there, and a program that speaks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from edge.core.errors import DeviceError
from edge.hardware.sound_files import sound_file
from edge.hardware.speech import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.config.schema import Config


def unheard(config: Config) -> list[str]:
    """What of the settings will not be heard on this machine, each a sentence without its full stop."""
    return list(_unheard(config)) if config.sound.enabled else []


def _unheard(config: Config) -> Iterator[str]:
    sound = config.sound
    wanted = [sound.arrival, sound.empty, sound.departure, *(rule.chime for rule in config.rule)]
    for name in dict.fromkeys(filter(None, wanted)):
        try:
            sound_file(name)
        except DeviceError as error:  # noqa: PERF203 - each sound has its own fault
            yield str(error).removesuffix(".")
    spoken = config.greeting.text or any(rule.say for rule in config.rule)
    if spoken and shutil.which(PROGRAM) is None:
        yield f"There is no {PROGRAM} to speak with, so nothing is said; sudo apt install {PROGRAM}"
