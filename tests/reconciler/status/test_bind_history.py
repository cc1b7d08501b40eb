"""The history of binds: a row for each change, with time and reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from messaging.credentials.models import Credential, CredentialStatus
from orbit.accounts.models import Organization
from reconciler import desired
from reconciler.models import BindChange, Gateway
from reconciler.retention import prune_bind_changes
from reconciler.status import bind_history, credential_status, run_history
from tests.reconciler.conftest import make_credential
from tests.reconciler.states import bound, connector, state


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, port=2775, system_id="acme")


def look(gateway: Gateway, *objects) -> None:
    credential_status.observe(
        gateway, desired.build(desired.take_snapshot(gateway)), state(*objects)
    )


def told(credential: Credential) -> list[tuple[str, str, str]]:
    changes = BindChange.objects.filter(credential=credential).order_by("id")
    return list(changes.values_list("before", "state", "reason"))


def test_each_change_is_a_row_and_what_stays_is_none(modelled, credential):
    for _ in range(3):
        look(modelled, bound(credential.gateway_key))
    for _ in range(3):
        look(modelled, connector(credential.gateway_key))
    look(modelled, bound(credential.gateway_key))

    assert told(credential) == [
        ("", "bound", ""),
        ("bound", "binding", ""),
        ("binding", "bound", ""),
    ]


def test_why_a_bind_went_down_is_kept_of_its_first_refusal(modelled, credential):
    look(modelled, connector(credential.gateway_key))
    for said in ("wrong password (failure 1)", "wrong password (failure 2)"):
        bind_history.record([credential.pk], "unbound", said)

    assert told(credential)[1:] == [("binding", "unbound", "wrong password (failure 1)")]


def test_what_a_person_switches_is_a_row_once_a_pass_has_seen_it(modelled, credential):
    look(modelled, bound(credential.gateway_key))
    Credential.objects.update(enabled=False)
    # As `tell_gateway` leaves it.
    CredentialStatus.objects.update(bind_state="disabled", bind_since=None)

    for _ in range(2):
        look(modelled, connector(credential.gateway_key, running=False))

    assert told(credential) == [("", "bound", ""), ("bound", "disabled", "")]
    assert CredentialStatus.objects.get().bind_since is not None


def test_a_gateway_that_is_down_tells_it_once_of_each_bind(modelled, tenant, credential):
    other = make_credential(tenant, port=2776, system_id="other")
    look(modelled, bound(credential.gateway_key), bound(other.gateway_key))

    for _ in range(2):
        run_history.pass_failed(modelled, "no answer", "beat", shown_by_looks=True)

    said = ("bound", "unknown", "the gateway is down: no answer")
    assert [told(each)[1:] for each in (credential, other)] == [[said], [said]]


def test_a_bind_from_before_the_history_was_what_its_status_says(modelled, credential):
    CredentialStatus.objects.update(bind_state="bound", bind_since=timezone.now())

    look(modelled, connector(credential.gateway_key))

    assert told(credential) == [("bound", "binding", "")]


def test_old_changes_are_pruned_but_not_the_last_of_a_credential(modelled, tenant, credential):
    steady = make_credential(tenant, port=2776, system_id="steady")
    bind_history.record([credential.pk, steady.pk], "bound", "")
    bind_history.record([credential.pk], "unbound", "gone")
    long_ago = timezone.now() - timedelta(days=settings.RETENTION_RUNS_DAYS, seconds=1)
    BindChange.objects.update(at=long_ago)

    assert prune_bind_changes() == 1

    assert told(credential) == [("bound", "unbound", "gone")]
    assert told(steady) == [("", "bound", "")]
    assert prune_bind_changes() == 0
