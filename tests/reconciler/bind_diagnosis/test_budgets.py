"""One organisation's binds that fail never take the trials of another."""

from __future__ import annotations

import pytest

from reconciler import bind_diagnosis, budgets
from tests.reconciler.bind_diagnosis.conftest import record_of
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.passes import run, status


def test_what_the_carrier_does_not_see_changes_nothing_of_its_backoff(modelled, down, carrier):
    bind_diagnosis.diagnose(modelled)
    held_until = record_of(down).retry_at

    for throughput in (11, 12, 13):
        change(down, throughput=throughput)
        run(modelled)
        bind_diagnosis.diagnose(modelled)

    assert carrier.asked == ["acme"]
    assert (record_of(down).held, record_of(down).retry_at) == (True, held_until)


@pytest.mark.parametrize(
    "fields", [{"bind_ton": 1}, {"password": "another"}, {"system_type": "VMA"}]
)
def test_what_the_carrier_sees_is_tried_at_once(modelled, down, carrier, fields):
    bind_diagnosis.diagnose(modelled)

    change(down, **fields)
    run(modelled)
    bind_diagnosis.diagnose(modelled)

    assert carrier.asked == ["acme", "acme"]
    assert record_of(down).failures == 1


def test_a_few_of_each_organisation_are_asked_about_at_once(modelled, down, carrier, settings):
    settings.DIAGNOSIS_AT_ONCE = 2
    for number in range(4):
        make_credential(down.organization, port=1, system_id=f"acme{number}")
    make_credential(make_tenant(modelled), port=1, system_id="other")
    run(modelled)

    bind_diagnosis.diagnose(modelled)

    assert len(carrier.asked) == 3
    assert "other" in carrier.asked


def test_a_trial_beyond_the_budget_is_put_off_and_its_error_says_until_when(
    modelled, down, carrier, monkeypatch
):
    monkeypatch.setattr(budgets, "spend_trial", lambda organization_id: 40)

    assert bind_diagnosis.diagnose(modelled) is False
    assert carrier.asked == []

    monkeypatch.setattr(budgets, "spend_trial", lambda organization_id: 0)
    bind_diagnosis.diagnose(modelled)  # before its time
    run(modelled)
    assert carrier.asked == []
    assert status(down).bind_error.startswith(bind_diagnosis.OVER_BUDGET)


def test_organisations_with_something_to_ask_are_named_once_each(modelled, down, carrier):
    make_credential(down.organization, port=1, system_id="second")
    other = make_tenant(modelled)
    make_credential(other, port=1, system_id="other")
    make_credential(make_tenant(modelled), port=2775, system_id="up")
    run(modelled)

    named = bind_diagnosis.due_organizations(modelled)

    assert sorted(named) == sorted([down.organization_id, other.pk])
    scoped = bind_diagnosis.due_organizations(modelled, organization_id=other.pk)
    assert list(scoped) == [other.pk]
