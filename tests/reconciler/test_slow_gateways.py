"""A gateway that takes messages and can't be read: it is not down, and messages go on."""

from __future__ import annotations

import pytest

from messaging.credentials.models import Credential
from messaging.gateway import Refused
from orbit.accounts.models import Organization
from reconciler import health, placements
from reconciler.gateway_client import gateway_console, readiness
from reconciler.gateway_client.readiness import GatewayDown
from reconciler.gateway_client.trunks import trunks
from reconciler.jcli.errors import Slow
from reconciler.models import GatewayState, RunState
from reconciler.result import Ending
from reconciler.status import run_history
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.passes import run, runs, status

SLOW = "console 192.0.2.99:8990: no answer within 10 s"


@pytest.fixture
def credential(modelled, tenant: Organization) -> Credential:
    """Bound, and everything is as wanted."""
    credential = make_credential(tenant, port=2775, system_id="acme")
    assert run(modelled).ending is Ending.APPLIED
    return credential


@pytest.fixture
def slow(monkeypatch):
    """The console answers nothing in time from now on."""

    def fail(gateway):
        raise Slow(SLOW)

    def begin() -> None:
        monkeypatch.setattr(gateway_console, "connect", fail)

    return begin


def test_a_slow_console_takes_no_message_from_anyone(modelled, credential, slow):
    slow()

    result = run(modelled)

    assert (result.ending, result.error) == (Ending.UNREAD, SLOW)
    modelled.refresh_from_db()
    assert modelled.state == GatewayState.UP
    assert status(credential).bind_state == "bound"
    trunk = trunks([credential.pk])[credential.pk]
    assert not isinstance(trunk, Refused), trunk


def test_the_reason_says_which_of_the_two_it_is(modelled, credential, slow):
    change(credential, system_type="new")
    slow()

    run(modelled)

    modelled.refresh_from_db()
    assert modelled.state_reason == f"it takes messages, and can't be read: {SLOW}"
    found = health.gateway_health(modelled)
    assert (found.ok, found.degraded) == (True, True)
    assert "192.0.2.99" in found.detail
    assert "192.0.2.99" not in found.public
    told = status(credential).sync_error
    assert told == "the gateway can't be changed now: console: no answer within 10 s"
    assert runs()[-1].state == RunState.FAILED
    assert runs()[-1].error.endswith(SLOW)


def test_of_what_waits_the_gateway_tells_that_serves_the_organisation(
    modelled, tenant, credential, second
):
    new, _ = second
    change(credential, system_type="new")
    placements.move(tenant, new)

    run_history.pass_unread(new, SLOW, "beat")
    assert status(credential).sync_error == ""

    run_history.pass_unread(modelled, SLOW, "beat")
    assert status(credential).sync_error.startswith("the gateway can't be changed now")


def test_one_that_stays_slow_is_one_run_with_a_count(modelled, credential, slow):
    before = len(runs())
    slow()

    for _ in range(3):
        run(modelled)

    assert [each.times for each in runs()[before:]] == [3]


def test_a_pass_that_goes_well_ends_it(modelled, model, credential, slow, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(gateway_console, "connect", lambda gateway: (_ for _ in ()).throw(Slow(SLOW)))
        run(modelled)

    assert run(modelled).ending is Ending.IN_SYNC
    modelled.refresh_from_db()
    assert (modelled.state, modelled.state_reason) == (GatewayState.UP, "")


def test_one_that_takes_no_messages_either_is_down(modelled, credential, slow, monkeypatch):
    checks = iter([None, GatewayDown("HTTP API 192.0.2.99:1401: no answer")])

    def check(gateway):
        if down := next(checks):
            raise down

    monkeypatch.setattr(readiness, "check_alive", check)
    slow()

    result = run(modelled)

    assert (result.ending, result.error) == (Ending.DOWN, "HTTP API 192.0.2.99:1401: no answer")
    modelled.refresh_from_db()
    assert modelled.state == GatewayState.DOWN
    assert status(credential).bind_state == "unknown"


def test_a_plan_of_a_slow_one_writes_nothing(modelled, credential, slow):
    before = len(runs())
    slow()

    assert run(modelled, plan_only=True).ending is Ending.UNREAD
    modelled.refresh_from_db()
    assert (modelled.state_reason, len(runs())) == ("", before)
