"""``acm reports``: what is sent by itself and how it went; and what the child does that makes and sends one report."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from edge.analytics.periods import Unit, period_of
from edge.app.hub_way import hand_in
from edge.app.run import RECORDS, settings_files
from edge.config.files import state_folder
from edge.core.clock import SystemClock
from edge.core.errors import InputError
from edge.host.control_client import ControlClient
from edge.host.errand import stand_back
from edge.host.whole_file import write_private
from edge.integrations.mail import Letter, Server, languages, post, written
from edge.services.delivery import Errands, Made, NothingToTellError, Places, deliver
from edge.storage.reported import DONE, TRYING, Delivery, Reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path
    from typing import TextIO

    from edge.app.run import RunAsk
    from edge.config.mail import MailTable
    from edge.config.report_way import ReportTable
    from edge.config.schema import Config
    from edge.config.words import Words

PRODUCT = "Customer Messenger"
LABEL = 12


@dataclass(frozen=True, slots=True)
class DeliverAsk:
    """What ``acm reports deliver`` was asked for: a report of the settings, and the first day of a period."""

    where: RunAsk
    report: str
    first: date


def deliver_report(ask: DeliverAsk, out: TextIO) -> int:
    """Make a report and take it where it belongs, unless that was done; 1 if something of it failed."""
    stand_back()
    config = settings_files(ask.where).load().config
    table = _table(config, ask.report)
    period = period_of(Unit(table.every), ask.first, config.site.first_weekday)
    wanted = Delivery(table.name, table.every, period.first, period.last)
    folder = state_folder(ask.where.config, ask.where.state)
    errands = _errands(ask.where, config, table)
    places = Places(table.mail_to, table.folder, table.hub)
    done = deliver(Reported(folder, write_private), wanted, places, errands)
    out.write(f"{done.why or 'It is where it belongs.'}\n")
    return int(done.state == TRYING)


def send_test(where: RunAsk, address: str, language: str, out: TextIO) -> int:
    """Send a mail that says only that mails arrive. ``MailError`` says why it does not."""
    stand_back()
    config = settings_files(where).load().config
    if not config.mail.host:
        raise InputError("There is no mail server; give host and sender in [mail].")
    words, site = _words(config, language), config.site.name or PRODUCT
    letter = Letter(
        f"<acm.{secrets.token_hex(16)}@{config.mail.sender.rpartition('@')[2]}>", config.mail.sender, site, (address,),
        words("mail.test", site=site), f"{words('mail.test_text', site=site)}\n", SystemClock().utc_now(),
    )  # fmt: skip
    post(server(config.mail), written(letter), config.mail.sender, [address], lambda _: None)
    out.write(f"{config.mail.host} has taken a mail to {address}.\n")
    return 0


def tell_reports(control: Path | None, out: TextIO) -> int:
    """What comes round, and what became of each."""
    with ControlClient(control) as client:
        plans, told = client.ask("status")["reports"]["plans"], client.ask("reports")
    out.writelines(f"{row}\n" for row in _rows(plans, told["deliveries"]))
    return 0


def server(table: MailTable) -> Server:
    """The mail server of the settings."""
    return Server(
        table.host, table.usual_port, table.security, table.ca_file, table.user, table.password.get_secret_value()
    )


def _table(config: Config, name: str) -> ReportTable:
    table = next((table for table in config.report if table.name == name), None)
    if table is None:
        known = ", ".join(table.name for table in config.report) or "none"
        raise InputError(f"there is no report {name!r} in the settings; there are {known}.")
    return table


def _errands(where: RunAsk, config: Config, table: ReportTable) -> Errands:
    def make(delivery: Delivery, folder: Path) -> Made:
        # Takes the libraries of figures and paper: only who makes one pays for them.
        from edge.analytics.periods import Period  # noqa: PLC0415 - as above
        from edge.app.report import ReportAsk, made  # noqa: PLC0415 - as above
        from edge.storage.statistics.reader import StatisticsReader  # noqa: PLC0415 - as above

        period = Period(delivery.first, delivery.last)
        with StatisticsReader(state_folder(where.config, where.state) / RECORDS) as records:
            recorded = records.recorded()
        if recorded is None or recorded.first > period.last:
            raise NothingToTellError(f"Nobody was counted before {period.last}.")
        language = table.language or config.reports.language or config.panel.language
        done = made(ReportAsk(where, period, tuple(table.formats), folder, language))
        footer = _words(config, language)("mail.footer", report=table.name, site=config.site.name or PRODUCT)
        return Made(done.paths, done.title, "\n".join([*done.sentences, "", "-- ", footer, ""]))

    mail = config.mail
    send = lambda raw, to, handing: post(server(mail), raw, mail.sender, to, handing)  # noqa: E731 - one line of it
    hand = partial(hand_in, config, state_folder(where.config, where.state), SystemClock())
    return Errands(make, send, hand, mail.sender, config.site.name or PRODUCT, SystemClock().utc_now)


def _words(config: Config, language: str) -> Words:
    return languages().get(language, config.reports.language, config.panel.language)


def _rows(plans: list[Mapping[str, Any]], deliveries: list[Mapping[str, Any]]) -> Iterator[str]:
    if not plans:
        yield "No report comes round; add a table headed [[report]] to the settings."
    for plan in plans:
        coming = "once the time of day is known" if plan["next_at"] is None else f"next at {_minute(plan['next_at'])}"
        yield f"{plan['name']:<{LABEL}}every {plan['every']}, {coming}"
    for one in deliveries:
        yield f"{one['report']:<{LABEL}}{one['first']} to {one['last']}: {_how(one)}"


def _how(one: Mapping[str, Any]) -> str:
    if one["state"] == DONE:
        unsure = f", but perhaps not to {', '.join(one['unsure'])}" if one["unsure"] else ""
        return f"sent at {_minute(one['done_at'])}{unsure}"
    return f"{'given up' if one['state'] != TRYING else 'not sent yet'} after {one['tries']} tries: {one['why']}"


def _minute(text: str) -> str:
    return f"{text[:16].replace('T', ' ')} UTC"
