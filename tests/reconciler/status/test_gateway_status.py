"""What passes and probes write down of a gateway."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from messaging.credentials.models import BindState, CredentialStatus
from messaging.webhooks.models import Event, Webhook
from reconciler.jasmin.route_orders import PINNED
from reconciler.models import Gateway, GatewayState
from reconciler.result import Ending
from reconciler.state import Greeting, State
from reconciler.status import gateway_status, run_history
from tests.reconciler.conftest import make_credential, make_tenant
from tests.reconciler.model_objects import Way
from tests.reconciler.passes import run, runs, status

pytestmark = pytest.mark.sqlite


def other_gateway() -> Gateway:
    return Gateway.objects.create(name="other", jcli_host="192.0.2.1", http_url="http://x")


@pytest.fixture
def credential(tenant):
    return make_credential(tenant, port=2775, system_id="acme")


def test_binds_on_a_gateway_that_is_down_are_unknown(modelled, tenant, credential):
    elsewhere = make_credential(make_tenant(other_gateway()), port=1, system_id="acme")
    off = make_credential(tenant, port=1, system_id="off", enabled=False)
    CredentialStatus.objects.update(bind_state="bound", sync_state="synced")
    CredentialStatus.objects.filter(pk=off.pk).update(bind_state="disabled")

    run_history.pass_failed(modelled, "no answer within 10 s", "beat", shown_by_looks=True)

    seen = status(credential)
    assert (seen.bind_state, seen.sync_state) == (BindState.UNKNOWN, "synced")
    assert seen.bind_error == "the gateway is down: no answer within 10 s"
    assert seen.bind_since is not None
    assert status(elsewhere).bind_state == BindState.BOUND
    assert status(off).bind_state == BindState.DISABLED


@pytest.mark.parametrize("closed", [False, True])
def test_a_process_that_is_closed_though_its_row_is_open_is_told_by_the_next_pass(modelled, closed):
    Gateway.objects.update(closed=closed)
    modelled.refresh_from_db()

    found = State(is_draining=True)
    gateway_status.mark_up(modelled, found, Greeting("0.11.0", "2", frozenset()), is_whole=True)

    assert Gateway.objects.get().told_closed is not closed


def test_webhooks_are_told_of_binds_that_become_unknown(modelled, tenant, credential):
    Webhook.objects.create(
        organization=tenant, url="https://127.0.0.1/", events=["*"], secret_set_at=timezone.now()
    )
    CredentialStatus.objects.update(bind_state="bound", sync_state="error", sync_error="no")

    run_history.pass_failed(modelled, "no answer", "beat", shown_by_looks=True)
    run_history.pass_failed(modelled, "connection refused", "beat", shown_by_looks=True)

    event = json.loads(Event.objects.get().body)
    assert event["type"] == "smpp.credential.unbound"
    assert (event["data"]["state"], event["data"]["error"]) == (
        "unknown",
        "the gateway is down: no answer",
    )


def test_another_reason_is_told_too(modelled, credential):
    run_history.pass_failed(modelled, "no answer", "beat", shown_by_looks=True)
    since = status(credential).bind_since

    run_history.pass_failed(modelled, "connection refused", "beat", shown_by_looks=True)

    assert status(credential).bind_error == "the gateway is down: connection refused"
    assert status(credential).bind_since == since


def test_what_waits_for_a_gateway_that_is_down_says_so(modelled, credential):
    run_history.pass_failed(modelled, "no answer", "beat", shown_by_looks=True)

    assert (status(credential).sync_state, status(credential).sync_error) == (
        "pending",
        "the gateway is down: no answer",
    )


def test_the_reason_and_the_moment_are_kept(modelled):
    run_history.pass_failed(modelled, "no answer", "beat", shown_by_looks=True)
    modelled.refresh_from_db()
    since = modelled.state_since

    run_history.pass_failed(modelled, "connection refused", "beat", shown_by_looks=True)

    modelled.refresh_from_db()
    assert (modelled.state, modelled.state_reason) == (GatewayState.DOWN, "connection refused")
    assert modelled.state_since == since
    assert [record.error for record in runs()] == ["no answer", "connection refused"]


def test_a_gateway_that_is_back_says_nothing_of_the_past(modelled, model, credential):
    run(modelled)
    model.dies_at = 0
    run(modelled)
    model.dies_at = None

    run(modelled)

    modelled.refresh_from_db()
    assert (modelled.state, modelled.state_reason) == (GatewayState.UP, "")
    assert (status(credential).bind_state, status(credential).bind_error) == ("bound", "")
    assert (status(credential).sync_state, status(credential).sync_error) == ("synced", "")


def test_only_a_whole_pass_counts_as_the_last_one(modelled, credential):
    run(modelled, organization_id=credential.organization_id)
    modelled.refresh_from_db()
    assert (modelled.state, modelled.last_pass_at) == (GatewayState.UP, None)

    run(modelled)
    modelled.refresh_from_db()
    assert modelled.last_pass_at is not None


def test_what_others_made_in_our_way_is_known_of_the_gateway_until_it_is_gone(modelled, model):
    model.routes[PINNED] = Way(PINNED, "FailoverMTRoute", ("theirs", "theirs"), ("<T>",))
    assert run(modelled).ending is Ending.IN_SYNC
    modelled.refresh_from_db()
    (said,) = modelled.conflicts
    assert said.startswith(f"conflict: route {PINNED} is not ours")

    del model.routes[PINNED]
    run(modelled)
    modelled.refresh_from_db()
    assert modelled.conflicts == []
