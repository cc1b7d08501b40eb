"""What an organisation's passes cost the others on its gateway."""

from __future__ import annotations

import pytest

from messaging.credentials.models import CredentialStatus
from orbit.api import throttling
from reconciler import budgets, desired, push, runs
from reconciler.result import Ending, Result
from tests.reconciler.conftest import make_credential


@pytest.fixture
def charged(monkeypatch) -> list[float]:
    charged: list[float] = []

    def charge(purpose, identity, rate, seconds=0.0):
        charged.append(seconds)
        return max(0.0, sum(charged) - rate.limit)

    monkeypatch.setattr(throttling, "charge", charge)
    return charged


def test_a_long_pass_costs_more_than_many_short_ones(charged):
    budgets.charge_pass("org_1", budgets.LONG / 2)
    budgets.charge_pass("org_1", budgets.LONG * 4)

    assert charged == [budgets.LONG / 2, budgets.LONG * 16]


def test_a_pass_that_leaves_a_bind_down_costs_more(charged):
    budgets.charge_pass("org_1", 0.4)
    budgets.charge_pass("org_1", 0.4, is_down=True)

    assert charged == [0.4, 0.4 * budgets.DOWN]


@pytest.mark.parametrize(
    ("state", "is_down"), [("bound", False), ("binding", False), ("unbound", True)]
)
def test_a_push_says_whether_a_bind_is_down_after_it(
    modelled, tenant, monkeypatch, charged, state, is_down
):
    """One that was just started is not."""
    make_credential(tenant, port=1, system_id="acme")
    CredentialStatus.objects.update(bind_state=state)
    result = Result(Ending.IN_SYNC, "modelled", held=0.4)
    monkeypatch.setattr(runs, "run", lambda gateway, **_: result)

    push.run(tenant.pk, 0, wait=10)

    assert charged[-1] == 0.4 * (budgets.DOWN if is_down else 1)


def test_passes_beyond_the_time_of_an_organisation_are_left_to_beat(charged, settings):
    settings.PASS_TIME_LIMIT = "1/60"

    assert [budgets.charge_pass("org_1", 0.4) for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(
    ("state", "is_down"), [("bound", False), ("disabled", False), ("unbound", True)]
)
def test_a_bind_that_does_not_come_up_is_known_to_the_next_pass(modelled, tenant, state, is_down):
    """It then waits less for the binds that it starts, while others wait for the gateway."""
    make_credential(tenant, port=1, system_id="acme")
    CredentialStatus.objects.update(bind_state=state)

    own = desired.take_snapshot(modelled, organization_id=tenant.pk)

    assert own.has_bind_down is is_down
    assert not desired.take_snapshot(modelled).has_bind_down  # a whole pass is nobody's
