"""Organisations that move from one gateway to another: when they start, and when they arrive."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orbit.accounts.models import AuditEvent
from reconciler import placements, tasks
from reconciler.fleet import draining, relocation
from reconciler.models import Gateway
from tests.reconciler.conftest import make_credential, make_tenant
from tests.reconciler.fleet.conftest import fill, where
from tests.reconciler.fleet.test_draining import drained
from tests.reconciler.passes import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def said() -> list[str]:
    return []


def test_what_does_not_arrive_in_time_is_told_and_stays_on_both(
    first, other, by, said, settings, monkeypatch, other_jasmin
):
    settings.GATEWAY_MOVE_PATIENCE = 0
    monkeypatch.setattr(relocation, "PASS_WAIT", 0)
    (organization,) = fill(first, 1)
    other_jasmin.dies_at = 0

    drained(first, by, said)

    assert said[0] == "1 organisation(s) have not arrived on their new gateways yet"
    assert where(organization) == ("second", "modelled")
    assert placements.serving(organization.pk) == first


def test_where_a_carrier_allows_one_bind_the_new_one_comes_up_once_the_old_one_is_gone(
    first, other, by, said, model, other_jasmin
):
    organization = make_tenant(first)
    credential = make_credential(organization, port=2775, system_id="acme", max_binds=1)
    run(first)

    assert drained(first, by, said) == []

    assert where(organization) == ("second", "")
    assert model.connectors == {}
    assert other_jasmin.connectors[credential.gateway_key].running


def test_none_starts_to_a_gateway_that_went_down_since_the_plan(first, other, by):
    (organization,) = fill(first, 1)
    draining.begin(first, by=by)
    plan = relocation.plan(first, gapless=False)
    Gateway.objects.filter(pk=other.pk).update(state="down")

    relocation.begin(
        [replace(each, target=Gateway.objects.get(pk=other.pk)) for each in plan.moves],
        by=by,
        why="x",
    )

    assert where(organization) == ("modelled", "")
    assert not AuditEvent.objects.filter(action="organization.moved").exists()


def test_while_some_are_on_their_way_no_others_start(first, other, by, settings):
    settings.GATEWAY_MOVES_AT_ONCE = 1
    organizations = fill(first, 2)
    draining.begin(first, by=by)
    assert draining.step(first, by=by) == [other]
    before = [where(each) for each in organizations]

    assert draining.step(first, by=by) == [other]  # which needs its pass still

    assert [where(each) for each in organizations] == before
    assert sorted(before) == [("modelled", ""), ("second", "modelled")]


def test_what_people_order_begins_at_once(first, other, by, process, monkeypatch):
    queued: list[tuple] = []
    monkeypatch.setattr(
        tasks.reconcile_gateway, "apply_async", lambda args, **_: queued.append(args)
    )
    (organization,) = fill(first, 1)
    draining.begin(first, by=by)

    tasks.tend(first.pk)

    assert where(organization) == ("second", "modelled")
    assert [pk for pk, *_ in queued] == [other.pk]

    Gateway.objects.filter(pk=first.pk).update(enabled=False)
    tasks.tend(first.pk)
    assert len(queued) == 1
