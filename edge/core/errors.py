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


class UpstreamError(AcmError):
    """A batch could not be handed over now, so it is kept. ``retry_after_s``: how long the hub asked to be left alone.

    The sentence never holds a token, a password or a key.
    """

    def __init__(self, sentence: str, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class HubFailedError(UpstreamError):
    """The hub failed over a batch (a 500): it may be the hub's fault, or, if it happens again, the batch's."""


class DeviceRefusedError(UpstreamError):
    """The hub does not take anything from this device: it was revoked, or was never enrolled."""
