"""Passwords that are guessed by the gateway's own bind are counted, and too many are not tried.

A credential at port 1 of the model is never bound; one at another port at once.
"""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone

from messaging.credentials import gateway_binds
from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.models import Credential
from reconciler import bind_diagnosis
from tests.reconciler.bind_diagnosis.conftest import DEAD, REFUSED, TAKEN
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.passes import run, status

DEAD_PORT, OPEN_PORT = 1, 2775


@pytest.fixture(autouse=True)
def _limits(settings) -> None:
    settings.REFUSED_BINDS_OF_CREDENTIAL = "2/600"
    settings.REFUSED_BINDS_OF_CALLER = "4/600"
    settings.REFUSED_BINDS_OF_HOST = "6/600"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-08T12:00:00Z", tick=False) as clock:
        yield clock


def running(model, credential: Credential) -> bool:
    link = model.connectors.get(credential.gateway_key)
    return link is not None and link.running


def guess(gateway, tenant, password: str, system_id: str = "acme") -> Credential:
    """Make a credential, let the gateway and the diagnosis try it, and delete it again."""
    made = make_credential(tenant, port=DEAD_PORT, system_id=system_id, password=password)
    run(gateway)
    bind_diagnosis.diagnose(gateway)
    run(gateway)
    Credential.objects.filter(pk=made.pk).update(deleted_at=timezone.now())
    run(gateway)
    return made


def test_credentials_that_are_made_again_guess_only_so_often(modelled, model, tenant, carrier):
    for password in ("wrong1", "wrong2"):
        guess(modelled, tenant, password)
    assert carrier.asked == ["acme"] * 2

    third = make_credential(tenant, port=DEAD_PORT, system_id="acme", password="right")
    run(modelled)
    bind_diagnosis.diagnose(modelled)

    assert not running(model, third)
    assert carrier.asked == ["acme"] * 2


def test_what_is_held_back_says_until_when_and_is_tried_then(
    modelled, model, tenant, carrier, clock
):
    for password in ("wrong1", "wrong2"):
        guess(modelled, tenant, password)
    third = make_credential(tenant, port=OPEN_PORT, system_id="acme")
    run(modelled)
    seen = status(third)
    assert (seen.sync_state, seen.bind_state) == ("synced", "unbound")
    assert "2 binds of this carrier account were refused" in seen.bind_error
    assert seen.bind_error.endswith("Next try at 12:10:00 UTC.")

    clock.shift(300)
    typed = len(model.typed)
    run(modelled)
    assert not running(model, third)
    assert not [line for line in model.typed[typed:] if line.startswith("smppccm -1")]
    clock.shift(301)
    run(modelled)

    assert running(model, third)
    assert status(third).bind_state == "bound"
    assert status(third).bind_error == ""


def test_changes_of_a_bind_are_tried_only_so_often(modelled, model, tenant, carrier):
    made = make_credential(tenant, port=DEAD_PORT, system_id="acme")
    for number in range(4):
        run(modelled)
        bind_diagnosis.diagnose(modelled)
        run(modelled)
        made.refresh_from_db()
        change(made, system_type=f"T{number}")

    assert len(carrier.asked) == 2


def test_off_and_on_again_is_counted(modelled, model, tenant, carrier):
    """Between two rounds of the diagnosis each is one more refused bind of the gateway."""
    made = make_credential(tenant, port=DEAD_PORT, system_id="acme")
    started = []
    for _ in range(4):
        change(made, enabled=True)
        run(modelled)
        started.append(running(model, made))
        made.refresh_from_db()
        change(made, enabled=False)
        run(modelled)
        made.refresh_from_db()

    assert started == [True, True, False, False]


def test_a_pass_that_tries_again_counts_nothing_twice(modelled, model, tenant, carrier):
    made = make_credential(tenant, port=DEAD_PORT, system_id="acme")
    for _ in range(4):
        run(modelled)
        model.connectors.pop(made.gateway_key)  # as if the store was lost
    run(modelled)

    assert running(model, made)
    assert BindAttempt.objects.count() == 1


def test_a_bind_that_the_carrier_takes_is_not_counted(modelled, model, tenant, carrier):
    for number in range(5):
        make_credential(tenant, port=OPEN_PORT, system_id=f"acme{number}")
        run(modelled)

    assert BindAttempt.objects.count() == 0
    assert not [each for each in Credential.objects.all() if not gateway_binds.is_proven(each)]


def test_a_bind_that_was_up_once_is_started_whatever_is_counted(modelled, model, tenant, carrier):
    made = make_credential(tenant, port=OPEN_PORT, system_id="acme")
    run(modelled)
    for password in ("wrong1", "wrong2", "wrong3"):
        guess(modelled, tenant, password)
    model.connectors.clear()
    model.routes.clear()

    run(modelled)

    assert running(model, made)


def test_a_port_that_is_dead_refuses_nothing(modelled, model, tenant, carrier):
    carrier.trial = DEAD
    for password in ("a", "b", "c"):
        guess(modelled, tenant, password)

    assert len(carrier.asked) == 3
    assert BindAttempt.objects.count() == 0


def test_a_port_that_wakes_up_and_refuses_is_counted_once(modelled, tenant, carrier, clock):
    carrier.trial = DEAD
    made = make_credential(tenant, port=DEAD_PORT, system_id="acme")
    run(modelled)
    bind_diagnosis.diagnose(modelled)
    carrier.trial = REFUSED
    for _ in range(3):
        clock.shift(60)
        bind_diagnosis.diagnose(modelled)
        run(modelled)

    assert len(carrier.asked) == 4
    assert BindAttempt.objects.filter(credential_id=made.pk).count() == 1


def test_what_a_trial_bind_has_shown_to_be_right_is_no_guess(modelled, tenant, carrier):
    carrier.trial = TAKEN
    made = make_credential(tenant, port=DEAD_PORT, system_id="acme")
    run(modelled)
    bind_diagnosis.diagnose(modelled)

    made.refresh_from_db()
    assert gateway_binds.is_proven(made)
    assert BindAttempt.objects.count() == 0


def test_guesses_of_one_tenant_keep_out_no_other(modelled, model, tenant, carrier):
    """Neither at the account that was guessed at nor at its host."""
    for number in range(4):
        guess(modelled, tenant, f"wrong{number}", system_id=f"victim{number % 2}")
    other = make_tenant(modelled)

    right = make_credential(other, port=OPEN_PORT, system_id="victim0")
    run(modelled)

    assert running(model, right)
    assert status(right).bind_state == "bound"


def test_many_tenants_together_are_held_at_a_host(modelled, model, tenant, carrier):
    tenants = [make_tenant(modelled) for _ in range(4)]
    for number, each in enumerate(tenants * 2):
        guess(modelled, each, "wrong", system_id=f"acme{number}")

    assert len(carrier.asked) == 6


def test_a_tenant_waits_for_its_own_guesses_at_most(modelled, model, carrier, clock):
    """Others that go on guessing hold it no longer than the time of its own."""
    one, *others = [make_tenant(modelled) for _ in range(6)]
    guess(modelled, one, "wrong", system_id="acme")
    clock.shift(500)
    for number, each in enumerate(others):
        guess(modelled, each, "wrong", system_id=f"other{number}")

    right = make_credential(one, port=OPEN_PORT, system_id="acme2")
    run(modelled)
    assert status(right).bind_error.endswith("Next try at 12:10:00 UTC.")
    clock.shift(101)
    run(modelled)
    assert status(right).bind_state == "bound"


def test_a_customer_who_brings_many_right_ones_waits_for_answers_alone(
    modelled, model, tenant, carrier
):
    made = [make_credential(tenant, port=OPEN_PORT, system_id=f"acme{n}") for n in range(20)]
    run(modelled)
    waiting = [each for each in made if status(each).bind_state == "unbound"]
    assert len(waiting) == 16
    assert "has not answered other new binds" in status(waiting[0]).bind_error

    run(modelled)  # as many more as are up
    run(modelled)

    assert {status(each).bind_state for each in made} == {"bound"}


def test_many_guesses_at_once_do_not_pass_the_limit_together(modelled, model, tenant, carrier):
    made = [make_credential(tenant, port=DEAD_PORT, system_id=f"acme{n}") for n in range(20)]
    for _ in range(3):
        run(modelled)
        bind_diagnosis.diagnose(modelled)

    assert len(carrier.asked) == 4
    assert len([each for each in made if "Next try at" in status(each).bind_error]) == 20


def test_a_caller_is_counted_over_organisations(modelled, model, tenant, carrier):
    for number in range(4):
        each = make_tenant(modelled)
        made = make_credential(each, port=DEAD_PORT, system_id=f"acme{number}")
        Credential.objects.filter(pk=made.pk).update(bind_caller="user:1")
        run(modelled)
        bind_diagnosis.diagnose(modelled)
    last = make_credential(tenant, port=DEAD_PORT, system_id="last")
    Credential.objects.filter(pk=last.pk).update(bind_caller="user:1")

    run(modelled)

    assert not running(model, last)
    assert "4 binds of yours" in status(last).bind_error


def test_a_plan_that_is_only_shown_counts_nothing(modelled, model, tenant, carrier):
    make_credential(tenant, port=DEAD_PORT, system_id="acme")

    run(modelled, plan_only=True)

    assert BindAttempt.objects.count() == 0
