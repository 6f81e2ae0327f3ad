"""What the hub says of its API, tried by a machine: whatever is sent, nothing fails, and answers are as described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hub_kit import NOW
from hub_rig import HubThread, claim
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from edge.config.hub import HubConfig
from edge.core.clock import ManualClock
from edge.core.timekeeping import to_ms
from edge.hub.app import hub_app
from edge.hub.secrecy import hashed
from edge.storage.hub.registry import Newcomer, Registry
from edge.storage.hub.store import HubStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postgres_kit import Postgres

TOKEN = "a-token-that-is-long-enough-for-both"  # noqa: S105 - of a test
DEVICE = "abcdefghij234567"


SCHEMA = schemathesis.openapi.from_dict(hub_app(HubConfig(), ManualClock()).openapi())
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
# Where nothing can be asked, nothing wrong can.
TRIES = [
    (operation, mode)
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or operation.label not in ("GET /v1/nonce", "GET /v1/sites")
]
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def address(postgres: Postgres) -> Iterator[str]:
    database = postgres.database()
    claim(database, "Main street", NOW)
    store = HubStore.open(database)
    registry, now_ms = Registry(store), to_ms(NOW)
    registry.add_reader("machine", hashed(TOKEN), now_ms)
    registry.claim("Main street", "", "code", now_ms)
    registry.enrol("code", Newcomer(DEVICE, "", "door", "1"), hashed(TOKEN), now_ms)
    store.close()
    with HubThread(database, ManualClock(utc=NOW)) as hub:
        yield hub.url


def test_everything_is_described() -> None:
    assert {operation.label for operation in OPERATIONS} == {
        "POST /v1/enrol", "GET /v1/nonce", "POST /v1/token", "POST /v1/batches", "GET /v1/sites", "GET /v1/devices",
        "GET /v1/devices/{device}/notices", "GET /v1/counts", "GET /v1/stays", "GET /v1/occupancy", "PUT /v1/reports",
        "GET /v1/reports", "GET /v1/reports/{device}/{number}/file",
    }  # fmt: skip


@pytest.mark.parametrize(("operation", "mode"), TRIES, ids=lambda one: getattr(one, "label", None) or one.value)
def test_nothing_that_is_sent_makes_the_hub_fail(address: str, operation: Any, mode: GenerationMode) -> None:  # noqa: ANN401 - a library's own
    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case: Any) -> None:  # noqa: ANN401 - as above
        answer = case.call(base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)
        case.validate_response(answer, checks=CHECKS)

    tried()
