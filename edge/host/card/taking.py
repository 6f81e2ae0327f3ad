"""Settings that were put on the card: checked, taken into use, and taken off it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.config.load import MOST_BYTES, Text, in_force, read_text
from edge.core.errors import ConfigError, InputError
from edge.host.card.partition import SECRETS, SETTINGS
from edge.host.card.scrub import remove
from edge.host.whole_file import keep_folder

if TYPE_CHECKING:
    from pathlib import Path

    from edge.config.files import SettingsFiles

BEFORE = "acm.toml.before"
MODE, SECRET_MODE = 0o660, 0o640


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it: the files that were ``taken``, and ``faults``, a sentence each, if they cannot be used."""

    taken: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def take(boot: Path, files: SettingsFiles) -> Taken:
    """Take ``acm.toml`` and ``acm-secrets.toml`` from the card, both or neither; what was in force stays if they fail.

    ``InputError`` if the box's own files cannot be written.
    """
    settings, secrets = boot / SETTINGS, boot / SECRETS
    there = tuple(path.name for path in (settings, secrets) if path.is_file() and not path.is_symlink())
    if not there:
        return Taken()
    try:
        text = _read(settings) if SETTINGS in there else read_text(files.base)
        secret = _read(secrets) if SECRETS in there else (read_text(files.secrets) if files.secrets.exists() else "")
        _check(text, secret, files)
    except ConfigError as error:
        return Taken(faults=tuple(str(error).split("\n")))
    if SECRETS in there:
        _install(files.secrets, secret, SECRET_MODE)
    if SETTINGS in there:
        if files.base.exists():
            shutil.copy2(files.base, files.base.with_name(BEFORE))
        _install(files.base, text, MODE)
    for name in there:
        remove(boot / name)
    return Taken(there)


def faults_on(boot: Path, files: SettingsFiles) -> tuple[str, ...]:
    """What is wrong with settings that still stand on the card; they would have been taken otherwise."""
    settings, secrets = boot / SETTINGS, boot / SECRETS
    try:
        text = _read(settings) if settings.is_file() else read_text(files.base)
        secret = _read(secrets) if secrets.is_file() else ""
        if settings.is_file() or secret:
            _check(text, secret, files)
    except ConfigError as error:
        return tuple(str(error).split("\n"))
    return ()


def _read(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise ConfigError(f"{path.name}: is longer than {MOST_BYTES} bytes; put the settings there.")
    # Editors on other systems begin files with a mark and end lines in their own way.
    return read_text(path).removeprefix("\ufeff").replace("\r\n", "\n")


def _check(text: str, secret: str, files: SettingsFiles) -> None:
    """``ConfigError`` with a line a fault; what was changed on the panel goes on lying over the settings."""
    layers = [Text(SETTINGS, text)]
    if files.overrides.exists():
        layers.append(Text("overrides.toml", read_text(files.overrides)))
    if secret:
        layers.append(Text(SECRETS, secret, secret=True))
    config = in_force(tuple(layers)).config
    if not config.camera:
        raise ConfigError(f"{SETTINGS}: there is no camera; add a table headed [[camera]].")


def _install(path: Path, text: str, mode: int) -> None:
    """Whole or not at all, so that it survives a power cut; for the group of the folder."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            os.fchmod(handle, mode)
            if os.geteuid() == 0:
                os.fchown(handle, 0, path.parent.stat().st_gid)
            stream.write(text)
            stream.flush()
            os.fsync(handle)
        part.replace(path)
        keep_folder(path.parent)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); acm provision is for root.") from None
