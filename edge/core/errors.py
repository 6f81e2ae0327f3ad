"""Errors a person can act on: one sentence that names the place and the remedy."""

from __future__ import annotations


class AcmError(Exception):
    """Something the user can mend. The message is shown as it is, without a traceback.

    ``exit_code`` is what a command ends with: 2 for wrong input, 1 for a failure while running.
    """

    exit_code = 1


class InputError(AcmError):
    """The user's input (an option, a file, an address, a setting) cannot be used."""

    exit_code = 2


class CameraError(InputError):
    """A camera, stream or video file cannot be opened or read."""


class DeviceError(AcmError):
    """A part the product can do without for a while (a sound card, a relay) is missing or refuses to work."""


class DeviceLostError(DeviceError):
    """A device is still lost, as was told already when it was lost: nothing new for anybody to read."""


class ModelError(InputError):
    """A detector model cannot be loaded or does not look like a person detector."""


class ConfigError(InputError):
    """Settings are wrong; the message lists every fault, one a line."""
