"""Reports that come round, as ``acm doctor`` looks at them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from edge.app.report_way import server
from edge.core.errors import AcmError
from edge.host.doctor import Check, ok, warn
from edge.integrations.mail import Limits, MailError, knock
from edge.storage.reported import TRYING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.config.mail import MailTable
    from edge.config.schema import Config
    from edge.host.doctor import Finding

KNOCK = Limits(8.0, 8.0)


def report_checks(config: Config, ask: Callable[[str], Mapping[str, Any]]) -> list[Check]:
    """The doctor's: whether the mail server lets this box in, and whether reports get through.

    ``ask`` asks the running program; ``ControlError`` if there is none.
    """
    wanted = any(table.enabled for table in config.report)
    mail = [Check("mail", partial(_look_at_mail, config.mail))] if config.mail.host else []
    return [*mail, *([Check("reports", partial(_look_at_reports, ask))] if wanted else [])]


def _look_at_mail(table: MailTable) -> Finding:
    try:
        knock(server(table), KNOCK)
    except MailError as error:
        return warn(str(error), "See [mail] of the settings; reports wait meanwhile.")
    return ok(f"{table.host} lets this box in.")


def _look_at_reports(ask: Callable[[str], Mapping[str, Any]]) -> Finding:
    try:
        plans = ask("status")["reports"]["plans"]
    except AcmError:
        return ok("The counter does not run, so none is sent.")
    last = [(plan["name"], plan["last"]) for plan in plans if plan["last"]]
    failing = [f"{name}: {one['why']}" for name, one in last if one["state"] == TRYING and one["why"]]
    if failing:
        return warn(failing[0], "acm reports tells more; they are tried again by themselves.")
    unsure = [name for name, one in last if one["unsure"]]
    if unsure:
        return warn(f"Nobody knows whether {unsure[0]} arrived.", "Ask who should have it; the panel sends it again.")
    return ok(f"{len(plans)} come round, and the latest got through.")
