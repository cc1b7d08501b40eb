"""What passes write takes as many statements for ten credentials as for two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.access.models import Access
from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.models import Credential, CredentialStatus
from messaging.webhooks.models import Event, Webhook
from reconciler import desired
from reconciler.actual import Traffic
from reconciler.diff import Action, Change
from reconciler.models import BindChange, Gateway
from reconciler.state import Kind
from reconciler.status import access_status, credential_status
from tests.reconciler.conftest import make_credential, make_tenant
from tests.reconciler.states import bound, state

pytestmark = pytest.mark.sqlite

FEW, MORE = 2, 10


def statements(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def credentials(gateway: Gateway, count: int) -> list[Credential]:
    """Each of an organisation of its own that has a webhook."""
    made = []
    for number in range(count):
        tenant = make_tenant(gateway)
        url = "https://hooks.example.com/in"
        Webhook.objects.create(
            organization=tenant, url=url, events=["*"], secret_set_at=timezone.now()
        )
        made.append(make_credential(tenant, host="127.0.0.1", port=2775, system_id=f"a{number}"))
    return made


def failing(gateway: Gateway, rows: list[Credential]) -> Callable[[], None]:
    """A pass of which each change failed for a reason of its own."""
    wanted = desired.build(desired.take_snapshot(gateway))
    outcomes = {
        Change(Kind.CONNECTOR, row.gateway_key, Action.CREATE, "missing"): f"no to {row.system_id}"
        for row in rows
    }
    return lambda: credential_status.observe(gateway, wanted, state(), outcomes)


def test_statuses_are_written_together_whatever_each_says(modelled):
    few = statements(failing(modelled, credentials(modelled, FEW)))
    Credential.objects.all().delete()
    rows = credentials(modelled, MORE)

    assert statements(failing(modelled, rows)) == few
    for row in rows:
        status = CredentialStatus.objects.get(pk=row.pk)
        told = f"no to {row.system_id}"
        assert (status.sync_state, status.sync_error) == ("error", told)
        assert (status.bind_state, status.bind_error) == ("unbound", told)
        assert status.bind_since and not status.synced_at
        assert status.gateway_id == modelled.pk
        change = BindChange.objects.get(credential=row)
        assert (change.before, change.state, change.reason) == ("", "unbound", told)
        assert Event.objects.get(organization=row.organization_id).type.endswith("sync_failed")


def test_a_status_that_has_no_row_gets_one(modelled):
    (row,) = credentials(modelled, 1)
    CredentialStatus.objects.all().delete()

    failing(modelled, [row])()

    status = CredentialStatus.objects.get(pk=row.pk)
    assert (status.bind_state, status.gateway_id) == ("unbound", modelled.pk)
    assert status.bind_since


def test_some_move_and_others_stay(modelled):
    """The time since when a bind is as it is, and the time of the last sync, are of each alone."""
    first, second = credentials(modelled, 2)
    failing(modelled, [first, second])()
    before = CredentialStatus.objects.in_bulk()

    wanted = desired.build(desired.take_snapshot(modelled))
    outcomes = {Change(Kind.ROUTE, second.gateway_key, Action.CREATE, "missing"): "still no"}
    found = state(bound(first.gateway_key))
    credential_status.observe(modelled, wanted, found, outcomes)

    after = CredentialStatus.objects.in_bulk()
    assert (after[first.pk].bind_state, after[second.pk].bind_state) == ("bound", "unbound")
    assert after[first.pk].bind_since > before[first.pk].bind_since
    assert after[first.pk].synced_at is not None


def test_binds_that_carriers_have_taken_are_proven_together(modelled):
    def taking(count: int) -> Callable[[], None]:
        rows = credentials(modelled, count)
        wanted = desired.build(desired.take_snapshot(modelled))
        found = state(*(bound(row.gateway_key) for row in rows))
        return lambda: credential_status.observe(modelled, wanted, found)

    few = statements(taking(FEW))
    Credential.objects.all().delete()

    assert statements(taking(MORE)) == few
    assert set(Credential.objects.values_list("proven_version", flat=True)) == {1}
    assert not BindAttempt.objects.exists()


def test_accesses_are_written_together(modelled):
    def counting(count: int) -> Callable[[], None]:
        for tenant in [make_tenant(modelled) for _ in range(count)]:
            Access.objects.create(
                organization=tenant,
                enabled=True,
                password="acc3ss!!",
                password_set_at=timezone.now(),
            )
        wanted = desired.build(desired.take_snapshot(modelled))
        traffic = {
            key: Traffic(sessions=number % 3, submits=number + 1)
            for number, key in enumerate(sorted(wanted.accesses))
        }
        about = {"gateway": modelled, "epoch": "now"}
        return lambda: access_status.observe(wanted, {}, traffic, **about)

    few = statements(counting(FEW))
    Access.objects.all().delete()

    assert statements(counting(MORE)) == few
    rows = Access.objects.all()
    assert sorted(row.submits_total for row in rows) == list(range(1, MORE + 1))
    assert {row.bound_sessions for row in rows} == {0, 1, 2}
    assert all(row.sync_state == "synced" and row.synced_at for row in rows)
    assert all(row.submits_seen[modelled.pk][0] == "now" for row in rows)


def test_an_access_that_has_changed_meanwhile_is_left_alone(modelled):
    tenant = make_tenant(modelled)
    Access.objects.create(
        organization=tenant, enabled=True, password="acc3ss!!", password_set_at=timezone.now()
    )
    wanted = desired.build(desired.take_snapshot(modelled))
    Access.objects.update(version=2)
    access_status.observe(wanted, {}, {}, gateway=modelled, epoch="now")
    assert Access.objects.get().sync_state == "pending"
