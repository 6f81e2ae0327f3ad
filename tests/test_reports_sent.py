"""The real counter sends real reports to a real mail server: once, also when the power is cut and after weeks off."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from daemon_kit import SILENT, Daemon, door
from hub_rig import HubThread, claim
from mail_kit import NEVER, OWNER, MailHouse

from edge.app.reporting import Reporting, plans
from edge.app.run import RunAsk
from edge.app.standing import status_text
from edge.config.load import config_of
from edge.config.words import Languages
from edge.core.clock import ClockReading
from edge.core.errors import InputError
from edge.core.model import Direction
from edge.core.timekeeping import Quality
from edge.host.control_wire import ControlError
from edge.integrations import mail
from edge.storage.hub.database import HubDatabase
from edge.storage.hub.queries import Page
from edge.storage.hub.reports import fetched, listed
from edge.storage.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from edge.storage.hub.reports import KeptFile

SHOP = """
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "box@example.org"
[[report]]
name = "week"
formats = ["csv"]
language = "de"
mail_to = ["{to}"]
folder = "{folder}"
"""


def last(status: dict[str, Any]) -> dict[str, Any]:
    """What became of the latest period."""
    return status["reports"]["plans"][0]["last"] or {}


def idle(status: dict[str, Any]) -> bool:
    return bool(status["reports"]["ready"]) and not status["reports"]["busy"]


def acm(daemon: Daemon, *words: str) -> subprocess.CompletedProcess[str]:
    where = ["--config", str(daemon.settings), "--state", str(daemon.state), "--control", str(daemon.control)]
    return subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "edge", *words, *where], capture_output=True, text=True, check=False, timeout=120
    )


def _counted(records: Path, days: int = 20) -> None:
    """Somebody came on each of the last days."""
    begun = datetime.now(timezone.utc) - timedelta(days=days)
    store = Store.open(records, boot="before", reading=ClockReading(0.0, begun, synced=True))
    for day in range(days):
        store.crossing("door", "entrance", Direction.IN, day * 86_400.0)
    store.close()


def test_a_box_that_was_off_for_weeks_sends_the_latest_report_once(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with MailHouse() as house:
        settings = SILENT + SHOP.format(port=house.port, to=OWNER, folder=out) + door()
        with Daemon(tmp_path, settings) as daemon:
            daemon.state.mkdir()
            _counted(daemon.records)
            # The report has been wanted for a long time.
            book = {"box": "one", "since": {"week/week": "2020-01-01T00:00:00+00:00"}, "deliveries": []}
            (daemon.state / "reports.json").write_text(json.dumps(book))
            daemon.start()
            daemon.status_when(lambda status: last(status).get("state") == "done", 90.0)
            ((to, letter),) = house.mails
            assert to == (OWNER,)
            (file,) = letter.iter_attachments()
            assert file.get_content()
            assert [path.name for path in out.iterdir()] == [file.get_filename()]
            assert "vom Besucherz\u00e4hler von" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr] - it has one

            daemon.kill()
            daemon.start()
            daemon.status_when(idle)
            assert len(house.mails) == 1, "the power was cut, and nothing is sent twice"

            _asked_again(daemon, house)
            _fails_and_is_told(daemon, house)
            daemon.stop()
            assert "report-failed" in daemon.said or "was not sent" in daemon.said


HUB_SHOP = """
[upstream]
enabled = true
url = "{url}"
interval_s = 5.0
[[report]]
name = "month & more"
every = "month"
formats = ["csv", "json"]
hub = true
"""


def test_a_hub_is_handed_the_report_once_it_knows_the_box(tmp_path: Path) -> None:
    with HubThread(f"sqlite:///{tmp_path / 'hub.db'}") as hub:
        with Daemon(tmp_path, SILENT + HUB_SHOP.format(url=hub.url) + door()) as daemon:
            daemon.state.mkdir()
            _counted(daemon.records, days=40)
            book = {"box": "one", "since": {"month & more/month": "2020-01-01T00:00:00+00:00"}, "deliveries": []}
            (daemon.state / "reports.json").write_text(json.dumps(book))
            daemon.start()
            status = daemon.status_when(lambda status: bool(last(status).get("why")) and idle(status), 90.0)
            assert "does not know this device" in last(status)["why"]
            code = claim(hub.database, "Paris", datetime.now(timezone.utc), "door")
            assert acm(daemon, "enrol", code).returncode == 0
            daemon.ask("reports", do="again", report="month & more", first=last(status)["first"])
            status = daemon.status_when(lambda status: last(status).get("state") == "done", 90.0)
            assert last(status)["at_hub"] is True
            assert "sent at" in acm(daemon, "reports").stdout
        there = _at_hub(hub.database)
    assert [(file.site, file.report, file.every) for file, _ in there] == [("Paris", "month & more", "month")] * 2
    assert {file.file for file, _ in there} == set(last(status)["files"])
    told = json.loads(next(body for file, body in there if file.file.endswith(".json")))
    assert told["period"]["first"] == last(status)["first"]


def _at_hub(url: str) -> list[tuple[KeptFile, bytes]]:
    """The files that it has, and what is in them."""
    database = HubDatabase(url)
    with database.using():
        found = [(file, fetched(database, file.device, file.number)) for file in listed(database, "", Page(50))]
        return [(file, body[1]) for file, body in found if body is not None]


def _asked_again(daemon: Daemon, house: MailHouse) -> None:
    first = daemon.ask("reports")["deliveries"][0]["first"]
    daemon.ask("reports", do="again", report="week", first=first)
    daemon.status_when(lambda status: len(house.mails) == 2 and idle(status), 90.0)
    assert len(set(house.ids())) == 2, "another mail, or the mailbox would not show it"
    for words in ({"do": "again", "report": "other", "first": first}, {"do": "again", "report": "week"},
                  {"do": "test", "address": "a@b.c\r\nBcc: x@y.z"}, {"do": "dance"}):  # fmt: skip
        with pytest.raises(ControlError):
            daemon.ask("reports", **words)


def _fails_and_is_told(daemon: Daemon, house: MailHouse) -> None:
    house.wrong = NEVER
    daemon.ask("reports", do="again", report="week", first=daemon.ask("reports")["deliveries"][0]["first"])
    status = daemon.status_when(lambda status: bool(last(status).get("why")) and idle(status), 90.0)
    assert "550 5.7.1 we do not like you" in last(status)["why"]
    assert "week: not sent yet (acm reports)" in status_text(status)
    told = acm(daemon, "reports").stdout
    assert "every week, next at" in told
    assert "not sent yet after 1 tries" in told
    checks = json.loads(acm(daemon, "doctor", "--json").stdout)["checks"]
    found = {check["name"]: check for check in checks}
    assert found["mail"]["level"] == "ok"
    assert found["reports"]["level"] == "warn"
    assert "we do not like you" in found["reports"]["what"]


class _Books:
    """The records, as the writer has them."""

    def __init__(self, store: Store | None) -> None:
        self.store = store


def test_nothing_is_due_until_a_time_server_was_heard(tmp_path: Path) -> None:
    wrong, right = datetime(2024, 1, 1, tzinfo=timezone.utc), datetime(2026, 11, 25, 9, tzinfo=timezone.utc)
    books, facts = _Books(None), []
    config = config_of({"report": [{"name": "day", "every": "day", "folder": str(tmp_path / "out")}]})
    made = Reporting(
        config, tmp_path, books, lambda now_s: books.store.at(now_s) if books.store else None,  # type: ignore[arg-type] - as it has
        RunAsk(tmp_path / "acm.toml"), facts.append,
    )  # fmt: skip
    reporter, now = made.reporter, lambda: made.reporter.told(90.0)["ready"]
    assert now() is False, "the records cannot be opened yet"
    reporter.step(1.0)
    # An earlier start of the machine has left a time behind, from which the box counts on: wrong by three years.
    with_past = Store.open(tmp_path / "r.db", boot="a", reading=ClockReading(0.0, wrong, synced=True))
    with_past.crossing("door", "entrance", Direction.IN, 5.0)
    with_past.close()
    books.store = Store.open(tmp_path / "r.db", boot="b", reading=ClockReading(10.0, wrong, synced=False))
    assert books.store.quality is Quality.HOLDOVER
    assert now() is False
    reporter.step(20.0)
    assert not (tmp_path / "reports.json").exists(), "not even from when on they are wanted"
    books.store.observe(ClockReading(60.0, right, synced=True))
    assert now() is True
    reporter.step(70.0)
    since = json.loads((tmp_path / "reports.json").read_text())["since"]["day/day"]
    assert since.startswith("2026-11-25T09:00:1")
    books.store.observe(ClockReading(80.0, right, synced=False))
    assert now() is True, "the network may go again"
    assert json.loads((tmp_path / "reports.json").read_text())["deliveries"] == []
    books.store.close()


def test_a_child_yields_to_the_counter(tmp_path: Path) -> None:
    code = "import os; from edge.host.errand import stand_back; stand_back(); print(os.getpriority(os.PRIO_PROCESS, 0))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)  # noqa: S603 - ourselves
    assert int(done.stdout) >= 10
    assert tmp_path.exists()


def test_another_password_is_another_try_and_stands_nowhere() -> None:
    def settings(password: str, at: str = "07:00") -> str:
        mail = {"host": "h", "sender": "a@b.example", "user": "u", "password": password}
        (plan,) = plans(config_of({"mail": mail, "report": [{"name": "w", "at": at, "mail_to": ["c@d.example"]}]}))
        return plan.settings

    assert settings("one") == settings("one")
    assert len({settings("one"), settings("two"), settings("one", "08:00")}) == 3
    assert "one" not in settings("one")


def test_mails_say_the_same_in_every_language() -> None:
    assert isinstance(mail.languages(), Languages)
    texts = {one.language: {key for key in one._texts if key.startswith("mail.")} for one in mail.languages().all}  # noqa: SLF001 - every key there is
    assert {"en", "de", "tr"} <= set(texts)
    assert len(set(map(frozenset, texts.values()))) == 1
    assert issubclass(mail.MailError, Exception)
    assert InputError.exit_code == 2
