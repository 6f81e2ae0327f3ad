"""``acm status``: how the running program does, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge.app.upstream_words import upstream_text
from edge.host.control_client import ControlClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Words = Mapping[str, Any]

LABEL = 12
HOUR_S, MINUTE_S = 3600, 60


def status(control: Path | None) -> dict[str, Any]:
    """Ask the running program. ``ControlError`` says in a sentence why there is no answer."""
    with ControlClient(control) as client:
        told = client.ask("status")
    del told["ok"]
    return told


def status_text(told: Words) -> str:
    """What it told, for people."""
    return "\n".join(f"{label:<{LABEL}}{text}" for label, text in _rows(told)) + "\n"


def _rows(told: Words) -> Iterator[tuple[str, str]]:
    yield "program", f"version {told['version']}, {told['state']} for {_lasting(told['uptime_s'])}"
    yield "today", f"in {told['in']}, out {told['out']}, inside {told['inside']}"
    if len(told["lines"]) > 1:
        for line in told["lines"]:
            yield "", f"{line['camera']}, {line['line']}: in {line['in']}, out {line['out']}"
    for camera in told["cameras"]:
        yield "camera", f"{camera['name']}: {_camera(camera)}"
    yield "chime", _chime(told["sound"])
    yield "records", _records(told["records"])
    if "upstream" in told:
        yield "hub", upstream_text(told["upstream"])
    if told.get("reports", {}).get("plans"):
        yield "reports", _reports(told["reports"])
    for switch in told["relays"]["switches"]:
        yield "relay", f"{switch['name']}: {'lost; ' if switch['lost'] else ''}{switch['why']}"
    if "light" in told:
        yield "light", f"{told['light']['camera']}: {told['light']['mode']}"
    yield "machine", _machine(told["machine"])


def _camera(camera: Words) -> str:
    if camera["state"] != "running":
        why = f": {camera['why']}" if camera["why"] else ""
        return f"{camera['state']} for {_lasting(camera['since_s'])}{why}"
    text = f"{camera['fps']:.1f} of {camera['wanted_fps']:g} pictures a second"
    latency = camera["latency_ms"]
    if latency["p50"] is not None:
        text += f", seen after {latency['p50']:.0f} ms (95 % within {latency['p95']:.0f} ms)"
    return text + (f", lost {camera['losses']} times" if camera["losses"] else "")


def _chime(sound: Words) -> str:
    text = f"speaker {sound['speaker']}"
    latency = sound.get("latency_ms")
    if latency and latency["p50"] is not None:
        text += (
            f"; from the foot on the line to the first sound {latency['p50']:.0f} ms"
            f" (95 % within {latency['p95']:.0f} ms)"
        )
    return text


def _records(records: Words) -> str:
    text = f"{records['written']} written" if records["state"] == "written" else str(records["why"]).removesuffix(".")
    text += f", {records['waiting']} waiting" if records["waiting"] else ""
    text += f", {records['dropped']} lost" if records["dropped"] else ""
    return f"{text}; time of day: {records['clock']}"


def _reports(told: Words) -> str:
    if not told["ready"]:
        return "wait for the time of day"
    failing = [one["name"] for one in told["plans"] if one["last"] and one["last"]["state"] == "trying"]
    failing = [] if told["busy"] else failing
    if failing:
        return f"{', '.join(failing)}: not sent yet (acm reports)"
    coming = min((one["next_at"], one["name"]) for one in told["plans"])
    return f"next is {coming[1]} at {coming[0][:16].replace('T', ' ')} UTC{', one is being made' * told['busy']}"


def _machine(machine: Words) -> str:
    parts = []
    if machine.get("celsius") is not None:
        parts.append(f"{machine['celsius']:.0f} degrees")
    if machine.get("rss_mb") is not None:
        parts.append(f"{machine['rss_mb']:.0f} MB of memory used")
    if machine.get("written_mb") is not None:
        parts.append(f"{machine['written_mb']:.1f} MB written")
    if machine.get("disk"):
        parts.append(f"{machine['disk']['free_mb']:.0f} MB free on the disk")
    if machine.get("pictures_part", 1.0) < 1:
        parts.append(f"too hot: {machine['pictures_part']:.0%} of the pictures are looked at")
    return ", ".join(parts) or "not looked at yet"


def _lasting(seconds: float) -> str:
    whole = int(seconds)
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min {whole % MINUTE_S} s"
    return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S} min"
