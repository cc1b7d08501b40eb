"""What the result of a trial bind means, and when the next is due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from reconciler import bind_diagnosis, runs
from reconciler.jasmin.connector_settings import RETRY_DELAY
from tests.reconciler.bind_diagnosis.conftest import (
    DEAD,
    REFUSED,
    SILENT,
    TAKEN,
    WRONG,
    due_again,
    record_of,
)
from tests.reconciler.conftest import make_credential
from tests.reconciler.passes import run, status


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 30), (2, 60), (3, 120), (4, 240), (5, 480), (6, 900), (7, 900), (5000, 900)],
)
def test_the_pause_doubles_up_to_fifteen_minutes(failures, seconds):
    assert bind_diagnosis.backoff(failures) == timedelta(seconds=seconds)


def test_a_refused_bind_is_held_and_says_why(modelled, model, down, carrier):
    before = timezone.now()

    assert bind_diagnosis.diagnose(modelled) is True

    seen = record_of(down)
    assert (seen.held, seen.failures, seen.version) == (True, 1, down.version)
    assert timedelta(seconds=30) <= seen.retry_at - before < timedelta(seconds=60)
    assert status(down).bind_state == "unbound"
    said = status(down).bind_error
    assert said.startswith(f"{WRONG.meaning} (ESME_RINVPASWD). {WRONG.hint}")
    assert said.endswith(f"Next try at {seen.retry_at:%H:%M:%S} UTC (failure 1).")


def test_the_next_pass_stops_a_held_connector_and_keeps_the_reason(modelled, model, down, carrier):
    bind_diagnosis.diagnose(modelled)
    said = status(down).bind_error

    result = run(modelled)

    assert [entry["action"] for entry in result.changes] == ["stop"]
    assert model.connectors[down.gateway_key].running is False
    assert (status(down).sync_state, status(down).bind_error) == ("synced", said)
    assert run(modelled).changes == ()


def test_a_carrier_that_answers_nothing_is_held_too(modelled, down, carrier):
    carrier.trial = SILENT

    assert bind_diagnosis.diagnose(modelled) is True

    assert record_of(down).held
    assert status(down).bind_error.startswith("no answer to the bind within 10 s. Next try at")


def test_a_dead_port_is_said_and_jasmin_goes_on(modelled, model, down, carrier):
    carrier.trial = DEAD

    assert bind_diagnosis.diagnose(modelled) is False

    assert (record_of(down).held, record_of(down).failures) == (False, 0)
    assert status(down).bind_error == "connection refused by 127.0.0.1:1."
    assert run(modelled).changes == ()
    assert model.connectors[down.gateway_key].running


def test_a_dead_port_is_looked_at_again_soon_however_long_it_is_dead(modelled, down, carrier):
    carrier.trial = DEAD
    for _ in range(20):
        due_again(down)
        bind_diagnosis.diagnose(modelled)

    assert record_of(down).retry_at <= timezone.now() + timedelta(seconds=RETRY_DELAY)
    carrier.trial = REFUSED
    due_again(down)
    bind_diagnosis.diagnose(modelled)
    assert (record_of(down).held, record_of(down).failures) == (True, 1)


def test_a_carrier_that_takes_the_bind_leaves_it_to_jasmin(modelled, down, carrier):
    carrier.trial = TAKEN

    assert bind_diagnosis.diagnose(modelled) is False

    assert (record_of(down).held, record_of(down).failures) == (False, 0)
    assert status(down).bind_error == ("the carrier takes the bind; Jasmin tries again within 15 s")


def test_failures_add_up_and_nothing_has_to_be_done_again(modelled, down, carrier):
    bind_diagnosis.diagnose(modelled)
    run(modelled)
    for failures, pause in ((2, 60), (3, 120), (4, 240), (5, 480), (6, 900), (7, 900)):
        due_again(down)
        before = timezone.now()
        assert bind_diagnosis.diagnose(modelled) is False
        assert record_of(down).failures == failures
        assert record_of(down).retry_at - before >= timedelta(seconds=pause)
        assert f"(failure {failures})" in status(down).bind_error


def test_a_held_bind_that_the_carrier_takes_again_is_started(modelled, model, down, carrier):
    bind_diagnosis.diagnose(modelled)
    run(modelled)
    carrier.trial = TAKEN
    due_again(down)

    assert bind_diagnosis.diagnose(modelled) is True

    assert (record_of(down).held, record_of(down).failures, record_of(down).diagnosis) == (
        False,
        0,
        "",
    )
    assert (status(down).bind_state, status(down).bind_error) == ("binding", "")
    assert [entry["action"] for entry in run(modelled).changes] == ["start"]


def test_a_held_bind_whose_port_has_died_is_left_to_jasmin(modelled, model, down, carrier):
    bind_diagnosis.diagnose(modelled)
    run(modelled)
    carrier.trial = DEAD
    due_again(down)

    assert bind_diagnosis.diagnose(modelled) is True

    assert (record_of(down).held, record_of(down).failures) == (False, 1)
    assert [entry["action"] for entry in run(modelled).changes] == ["start"]


def test_a_round_takes_a_refused_bind_off_at_once_and_others_stay(
    modelled, model, tenant, down, carrier
):
    good = make_credential(tenant, port=2775, system_id="good")

    runs.run(modelled, trigger="beat")

    assert model.connectors[down.gateway_key].running is False
    assert (status(good).sync_state, status(good).bind_state) == ("synced", "bound")
    assert carrier.asked == ["acme"]


def test_a_round_over_a_held_bind_does_nothing_until_its_time(modelled, model, down, carrier):
    runs.run(modelled, trigger="beat")
    starts = model.connectors[down.gateway_key].starts

    for _ in range(5):
        runs.run(modelled, trigger="beat")

    assert model.connectors[down.gateway_key].starts == starts
    assert carrier.asked == ["acme"]


def test_a_round_starts_what_the_carrier_takes_again(modelled, model, down, carrier):
    runs.run(modelled, trigger="beat")
    carrier.trial = TAKEN
    due_again(down)

    runs.run(modelled, trigger="beat")

    assert model.connectors[down.gateway_key].running is True
