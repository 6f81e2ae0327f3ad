"""Makes the manual page and the shell's completions of ``acm``, from what the command itself understands.

    python tools/make_manual.py FOLDER

writes ``acm.1`` and ``acm.bash`` there.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from edge import __version__  # noqa: E402 - as above
from edge.cli.parsing import parsers  # noqa: E402

FILES = (
    ("/etc/acm/acm.toml", "The settings; every one is explained in it."),
    ("/etc/acm/secrets.toml", "Settings that fewer people may read, laid over them."),
    ("/etc/acm/update.pub", "Whose signatures count for updates."),
    ("/var/lib/acm/records.db", "What was counted."),
    ("/run/acm/control.sock", "Where the running program is asked, by root and the group acm."),
    ("/usr/share/doc/customer-messenger/guides", "How to install, upgrade and more."),
)
ENDS = (
    ("0", "Done."), ("1", "Failed while running."), ("2", "Wrong input, told in a sentence."), ("130", "Interrupted."),
)  # fmt: skip
COMPLETIONS = """\
# Completions of acm for bash, made from what the command understands.
_acm() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} verb=${{COMP_WORDS[1]}}
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "{verbs} --help --version" -- "$word")
        return
    fi
    local options=
    case $verb in
{cases}
    esac
    case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$word") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    esac
}}
complete -o filenames -F _acm acm
"""


def shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What people are told of a verb."""
    return [action for action in parser._actions if action.help != argparse.SUPPRESS]  # noqa: SLF001 - argparse tells them nowhere else


def completions(verbs: dict[str, argparse.ArgumentParser]) -> str:
    """The completions, for bash."""
    rows = []
    for verb, parser in verbs.items():
        options = sorted({text for action in shown(parser) for text in action.option_strings if text.startswith("--")})
        rows.append(f'    {verb}) options="{" ".join(options)}" ;;')
    return COMPLETIONS.format(verbs=" ".join(verbs), cases="\n".join(rows))


def manual(summary: str, verbs: dict[str, argparse.ArgumentParser], day: str) -> str:
    """The manual page, as roff."""
    rows = [f'.TH ACM 1 "{day}" "acm {__version__}" "Advanced Customer Messenger"']
    rows += [".SH NAME", f"acm \\- {_roff(summary)}"]
    rows += [".SH SYNOPSIS", ".B acm", r".I COMMAND", r"[\fIOPTION\fR ...]", ".br", ".B acm", r"[\fB\-\-help\fR]"]
    rows += [r"[\fB\-\-version\fR]", ".SH DESCRIPTION", _roff(first_words()), ".SH COMMANDS"]
    for verb, parser in verbs.items():
        rows += [f'.SS "acm {_roff(verb)}"', _roff(parser.description or "")]
        rows += [row for action in shown(parser) if action.dest != "help" for row in _entry(action)]
    rows += [".SH FILES", *(row for path, text in FILES for row in (".TP", f".I {_roff(path)}", _roff(text)))]
    rows += [".SH EXIT STATUS", *(row for end, text in ENDS for row in (".TP", f".B {end}", _roff(text)))]
    rows += [".SH SEE ALSO", r"\fBjournalctl\fR(1), \fBsystemctl\fR(1)"]
    return "\n".join(rows) + "\n"


def _entry(action: argparse.Action) -> list[str]:
    value = action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar or ())
    value = value or (action.dest.upper() if action.option_strings and action.nargs != 0 else "")
    names = ", ".join(rf"\fB{_roff(text)}\fR" for text in action.option_strings)
    head = rf"{names} \fI{_roff(value)}\fR".strip() if value else names
    return [".TP", head or rf"\fI{_roff(action.dest)}\fR", _roff(action.help or "")]


def _roff(text: str) -> str:
    text = " ".join(text.replace("%%", "%").split()).replace("\\", r"\e").replace("-", r"\-")
    return r"\&" + text if text.startswith((".", "'")) else text


def first_words() -> str:
    """What the product is, as its README begins."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", text.split("\n\n")[1]).strip()


def main(folder: Path, seconds: int) -> None:
    """Write both files."""
    _, verbs = parsers()
    day = datetime.fromtimestamp(seconds, timezone.utc).date().isoformat()
    (folder / "acm.1").write_text(manual("count people at a shop's door", verbs, day), encoding="utf-8")
    (folder / "acm.bash").write_text(completions(verbs), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
