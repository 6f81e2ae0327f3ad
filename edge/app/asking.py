"""Asks the running program for something: a reload, a chime, a relay."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from edge.app.run import settings_files
from edge.core.clock import SystemClock
from edge.core.errors import DeviceError
from edge.hardware.sound import PygameSpeaker
from edge.hardware.sound_check import test_chime
from edge.host.control_client import ControlClient
from edge.host.control_wire import NotRunningError

if TYPE_CHECKING:
    from pathlib import Path

    from edge.app.run import RunAsk


def reload_text(control: Path | None) -> str:
    """Have the settings read again; what came of it. ``ControlError`` with every fault if they are wrong."""
    with ControlClient(control) as client:
        told = client.ask("reload")
    rows = [f"Changed: {', '.join(told['changed']) or 'nothing'}."]
    if told["waiting"]:
        rows.append(f"Waits for a restart: {', '.join(told['waiting'])}.")
    return "\n".join(rows) + "\n"


def relay_text(control: Path | None, relay: str, turn: str, for_s: float | None) -> str:
    """Switch a relay by hand."""
    with ControlClient(control) as client:
        client.ask("relay", relay=relay, turn=turn, **({} if for_s is None else {"for_s": for_s}))
    return f"The relay {relay} was asked for {turn}.\n"


def chime_text(ask: RunAsk, sound: str) -> str:
    """Play a chime, by the running program or, if none runs, by ourselves; say how long it took."""
    try:
        with ControlClient(ask.control) as client:
            told = client.ask("chime", **({"sound": sound} if sound else {}))
    except NotRunningError:
        return _own_chime(ask, sound)
    return f"The first sample was queued {told['queued_ms']:.1f} ms after it was asked for, by the running program.\n"


def _own_chime(ask: RunAsk, sound: str) -> str:
    """Nobody has the speaker: take it for a moment."""
    files = settings_files(ask)
    table = files.load().config.sound if files.base.exists() else None
    clock = SystemClock()
    if table is not None and table.device == "sim":
        raise DeviceError("The speaker is simulated (device in [sound]); there is nothing to be heard.")
    speaker = PygameSpeaker(table.device if table is not None else None, clock=clock)
    try:
        test = test_chime(speaker, sound or (table.arrival if table is not None else "two-tone"), clock)
        Event().wait(max(0.0, test.ended_s - clock.monotonic_s()))
    finally:
        speaker.close()
    return test.sentence() + "\n"
