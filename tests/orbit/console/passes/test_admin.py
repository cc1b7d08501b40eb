"""The list of passes: what it is filtered and searched by."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orbit.console.passes import admin as passes
from reconciler.models import Gateway, Run
from tests.factories import made_at

pytestmark = pytest.mark.sqlite

LIST = "/admin/reconciler/run/"


@pytest.fixture
def gateway(db) -> Gateway:
    return Gateway.objects.create(name="main", jcli_host="127.0.0.1", http_url="http://h:1")


def make(gateway: Gateway, **fields) -> Run:
    values = {"trigger": "beat", "state": "applied", "started_at": timezone.now()} | fields
    return Run.objects.create(gateway=gateway, **values)


def found(client, query: str = "") -> list[Run]:
    return list(client.get(LIST + query).context["cl"].result_list)


def test_passes_of_a_state_a_trigger_a_gateway_and_a_time(operator, gateway):
    other = Gateway.objects.create(name="other", jcli_host="127.0.0.1", http_url="http://h:2")
    ago = timezone.now() - timedelta(hours=30)
    old = make(gateway, pk=made_at("run", ago), started_at=ago)
    died = make(gateway, state="died")
    ordered = make(other, trigger="admin")

    assert found(operator) == [ordered, died, old]
    assert found(operator, "?created=day") == [ordered, died]
    assert found(operator, "?state__exact=died") == [died]
    assert found(operator, "?trigger__exact=admin") == [ordered]
    assert found(operator, f"?gateway__id__exact={gateway.pk}") == [died, old]


def test_passes_are_found_by_ids_and_by_recent_errors(operator, gateway, monkeypatch):
    monkeypatch.setattr(passes, "RECENT", 2)
    old, own, failed = (
        make(gateway, error="it said no"),
        make(gateway, organization_id="org_1"),
        make(gateway, error="it said NO again"),
    )
    assert found(operator, f"?q={old.pk}") == [old]
    assert found(operator, "?q=org_1") == [own]
    assert found(operator, "?q=said+no") == [failed]
    assert found(operator, "?q=run_nothing") == []


def test_every_trigger_of_a_pass_can_be_chosen(operator, gateway):
    text = operator.get(LIST).text
    for trigger in ("beat", "push", "moves", "command", "api", "admin"):
        assert f"trigger__exact={trigger}" in text
