"""The verbs for the box: run, status, check, config, reload, chime, relay, doctor."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.kinds import one_of, positive
from edge.core.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from edge.app.where import RunAsk

CONFIG = "/etc/acm/acm.toml"
TURNS = ("on", "off", "pulse")


def where_options(verb: argparse.ArgumentParser) -> None:
    """Where settings and state are."""
    verb.add_argument("--config", type=Path, default=Path(CONFIG), metavar="FILE", help=f"the settings ({CONFIG})")
    verb.add_argument("--state", type=Path, metavar="FOLDER", help="what is remembered is here (/var/lib/acm)")


def control_option(verb: argparse.ArgumentParser) -> None:
    """Where the running program is asked."""
    verb.add_argument("--control", type=Path, metavar="SOCKET", help="the control socket (/run/acm/control.sock)")


def where(ask: argparse.Namespace) -> RunAsk:
    """What was said of where things are."""
    from edge.app.where import RunAsk  # noqa: PLC0415 - the settings' library takes its time

    return RunAsk(ask.config, ask.state, getattr(ask, "control", None))


def run_options(verb: argparse.ArgumentParser) -> None:
    """What the daemon can be told."""
    where_options(verb)
    control_option(verb)
    verb.set_defaults(run=_run)


def status_options(verb: argparse.ArgumentParser) -> None:
    """What a question about the standing can be told."""
    control_option(verb)
    verb.add_argument("--json", action="store_true", help="print everything as JSON")
    verb.set_defaults(run=_status)


def check_options(verb: argparse.ArgumentParser) -> None:
    """What a check of settings can be told."""
    verb.add_argument("file", nargs="?", type=Path, default=Path(CONFIG), metavar="FILE", help=f"({CONFIG})")
    verb.add_argument("--state", type=Path, metavar="FOLDER", help="where overrides.toml is (/var/lib/acm)")
    verb.set_defaults(run=_check)


def config_options(verb: argparse.ArgumentParser) -> None:
    """What showing the settings can be told."""
    where_options(verb)
    verb.set_defaults(run=_config)


def reload_options(verb: argparse.ArgumentParser) -> None:
    """What a reload can be told."""
    control_option(verb)
    verb.set_defaults(run=_reload)


def chime_options(verb: argparse.ArgumentParser) -> None:
    """What a chime can be told."""
    verb.add_argument("sound", nargs="?", default="", help="a chime, or a sound file (the one for arrivals)")
    where_options(verb)
    control_option(verb)
    verb.add_argument("--test", action="store_true", help="say how long it took until it sounded")
    verb.set_defaults(run=_chime)


def relay_options(verb: argparse.ArgumentParser) -> None:
    """What switching a relay can be told."""
    verb.add_argument("name", help="the relay's name in the settings")
    verb.add_argument("turn", type=one_of(TURNS), help=f"how: {', '.join(TURNS)}")
    verb.add_argument("--for", dest="for_s", type=positive, metavar="SECONDS", help="how long a pulse lasts")
    control_option(verb)
    verb.set_defaults(run=_relay)


def doctor_options(verb: argparse.ArgumentParser) -> None:
    """What the doctor can be told."""
    where_options(verb)
    control_option(verb)
    verb.add_argument("--json", action="store_true", help="print the findings as JSON")
    verb.add_argument("--bundle", type=Path, metavar="OUT.tar.gz", help="write an archive for whoever helps")
    verb.set_defaults(run=_doctor)


def _run(ask: argparse.Namespace) -> int:
    from edge.services.signals import Signals  # noqa: PLC0415 - as below

    # Loading all that follows takes a good part of a second; a stop that comes meanwhile is an orderly one, too.
    with Signals() as signals:
        from edge.app.run import run  # noqa: PLC0415 - as above

        return run(where(ask), signals)


def _status(ask: argparse.Namespace) -> int:
    from edge.app.standing import status, status_text  # noqa: PLC0415 - nothing else is needed to ask

    told = status(ask.control)
    sys.stdout.write(json.dumps(told, indent=2) + "\n" if ask.json else status_text(told))
    return 0


def _check(ask: argparse.Namespace) -> int:
    from edge.app.sounds import unheard  # noqa: PLC0415 - as above
    from edge.config.agreement import remarks  # noqa: PLC0415
    from edge.config.files import SettingsFiles, state_folder  # noqa: PLC0415

    files = SettingsFiles.around(ask.file, state_folder(ask.file, ask.state))
    try:
        settings = files.load()
    except ConfigError as error:
        # Each fault begins with its file and line, as editors and people look for it.
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    for remark in [*remarks(settings.config), *unheard(settings.config)]:
        sys.stdout.write(f"Note: {remark}.\n")
    sys.stdout.write(f"{', '.join(text.name for text in settings.files)}: all right.\n")
    return 0


def _config(ask: argparse.Namespace) -> int:
    from edge.config.files import SettingsFiles, state_folder  # noqa: PLC0415 - as above
    from edge.config.show import shown  # noqa: PLC0415

    files = SettingsFiles.around(ask.config, state_folder(ask.config, ask.state))
    sys.stdout.write(shown(files.load()))
    return 0


def _reload(ask: argparse.Namespace) -> int:
    from edge.app.asking import reload_text  # noqa: PLC0415 - as above

    sys.stdout.write(reload_text(ask.control))
    return 0


def _chime(ask: argparse.Namespace) -> int:
    from edge.app.asking import chime_text  # noqa: PLC0415 - as above

    text = chime_text(where(ask), ask.sound)
    if ask.test:
        sys.stdout.write(text)
    return 0


def _relay(ask: argparse.Namespace) -> int:
    from edge.app.asking import relay_text  # noqa: PLC0415 - as above

    sys.stdout.write(relay_text(ask.control, ask.name, ask.turn, ask.for_s))
    return 0


def _doctor(ask: argparse.Namespace) -> int:
    from edge.app.doctor import DoctorAsk, doctor  # noqa: PLC0415 - as above

    return doctor(DoctorAsk(where(ask), as_json=ask.json, bundle=ask.bundle), sys.stdout)
