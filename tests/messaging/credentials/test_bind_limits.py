"""Refused binds are counted, by account, caller and host, and too many are not tried."""

from __future__ import annotations

import threading

import pytest
import time_machine
from django.db import connections

from messaging.credentials import bind_limits
from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.retention import prune_bind_attempts
from tests.factories import make_organization
from tests.messaging.credentials.conftest import Api, audit_rows, stored


@pytest.fixture(autouse=True)
def _limits(settings) -> None:
    settings.REFUSED_BINDS_OF_CREDENTIAL = "2/600"
    settings.REFUSED_BINDS_OF_CALLER = "4/600"
    settings.REFUSED_BINDS_OF_HOST = "6/600"


def guess(api: Api, credential_id: str, count: int = 1, **body) -> list[int]:
    return [
        api.rotate(credential_id, password=f"wrong{number}", **body).status_code
        for number in range(count)
    ]


def test_a_password_is_guessed_only_so_often(api, carrier, at_carrier):
    assert guess(api, at_carrier, 4) == [422, 422, 429, 429]
    assert carrier.bind_attempts == 2


def test_the_right_password_is_not_told_from_a_wrong_one_then(api, carrier, at_carrier):
    guess(api, at_carrier, 2)
    before = stored(at_carrier).version
    answer = api.rotate(at_carrier, password="secret")
    assert answer.status_code == 429
    assert carrier.bind_attempts == 2
    assert stored(at_carrier).version == before


def test_the_refusal_says_when_to_try_again_and_is_audited(api, at_carrier):
    guess(api, at_carrier, 2)
    answer = api.rotate(at_carrier, password="again")
    error = answer.json()["error"]
    assert error["code"] == "RATE_LIMIT_EXCEEDED"
    assert error["details"]["limit"] == 2
    assert error["details"]["window"] == "600s"
    assert 1 <= int(answer["Retry-After"]) == error["details"]["retry_after"] <= 600
    assert b"again" not in answer.content.replace(b"try again", b"")
    row = audit_rows("credential.rotated")[-1]
    assert row.outcome == "refused"
    assert "were refused" in row.detail


def test_it_goes_on_after_that_time(api, carrier, at_carrier):
    with time_machine.travel("2026-03-08T12:00:00Z", tick=False) as clock:
        guess(api, at_carrier, 2)
        clock.shift(300)
        assert api.rotate(at_carrier, password="third")["Retry-After"] == "300"
        clock.shift(300)
        assert guess(api, at_carrier) == [422]


def test_a_bind_that_the_carrier_takes_is_not_counted(api, at_carrier):
    assert [api.rotate(at_carrier, password="secret").status_code for _ in range(4)] == [200] * 4
    assert BindAttempt.objects.count() == 0


def test_a_password_that_is_given_to_the_gateway_unproven_is_counted(api, at_carrier):
    """Else the gateway's own bind would be the guess."""
    assert guess(api, at_carrier, 3, verify=False) == [200, 200, 429]


def test_another_credential_of_the_same_account_has_no_count_of_its_own(api, carrier, at_carrier):
    guess(api, at_carrier, 2)
    port = stored(at_carrier).port
    twin = api.add(port=port, bind_type="transmitter")
    assert guess(api, twin) == [429]


def test_a_credential_that_is_made_again_is_counted_on(api, at_carrier):
    guess(api, at_carrier, 2)
    port = stored(at_carrier).port
    assert api.delete(f"/{at_carrier}").status_code == 204
    assert guess(api, api.add(port=port)) == [429]


def test_a_caller_guesses_only_so_often_at_all_accounts_together(api, writer, smsc):
    made = [api.add(port=smsc.port, system_id=f"acme{place}") for place in range(5)]
    assert [guess(api, each)[0] for each in made[:4]] == [422] * 4
    refused = api.rotate(made[4], password="wrong")
    assert refused.status_code == 429
    assert refused.json()["error"]["details"]["limit"] == 4
    # A second key of the organisation is no second caller.
    assert guess(writer, made[4]) == [429]


def test_a_carrier_sees_only_so_many_refused_binds_of_all_tenants(api, smsc):
    callers = [api, Api(make_organization()), Api(make_organization())]
    statuses = []
    for caller in callers:
        for place in range(3):
            made = caller.add(port=smsc.port, system_id=f"acme{place}")
            statuses += guess(caller, made)
    assert statuses == [422] * 6 + [429] * 3


def test_another_name_of_the_host_is_the_same_host(api, resolver, smsc):
    resolver |= {"one.example": ["127.0.0.1"], "two.example": ["127.0.0.1"]}
    first = api.add(host="one.example", port=smsc.port)
    second = api.add(host="two.example", port=smsc.port)
    assert guess(api, first, 2) == [422, 422]
    assert guess(api, second) == [429]


def test_binds_that_are_under_way_are_counted(api, at_carrier):
    credential = stored(at_carrier)
    one, other = (bind_limits.attempt(caller="", credential=credential) for _ in range(2))
    with one, other:
        assert guess(api, at_carrier) == [429]
    assert guess(api, at_carrier) == [422]


@pytest.mark.django_db(transaction=True)
@pytest.mark.stack
def test_guesses_at_once_do_not_pass_the_limit_together(api, carrier, at_carrier):
    together, statuses = threading.Barrier(8), []

    def run(number: int) -> None:
        try:
            together.wait()
            statuses.append(api.rotate(at_carrier, password=f"wrong{number}").status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {422, 429}
    assert carrier.bind_attempts <= 2


def test_old_attempts_are_pruned(api, at_carrier):
    with time_machine.travel("2026-03-08T12:00:00Z", tick=False) as clock:
        guess(api, at_carrier)
        assert prune_bind_attempts() == 0
        clock.shift(601)
        assert prune_bind_attempts() == 1


def test_a_rotation_that_would_wait_beside_too_many_others_asks_no_carrier(
    api, carrier, at_carrier, settings
):
    settings.WAITING_REQUESTS_PER_ORGANIZATION = 0
    answer = api.rotate(at_carrier, password="secret")
    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    assert carrier.bind_attempts == 0
    assert BindAttempt.objects.count() == 0
