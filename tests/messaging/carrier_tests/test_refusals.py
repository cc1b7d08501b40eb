"""Direct tests whose binds were refused are limited."""

from __future__ import annotations

import pytest

from messaging.carrier_tests import run, tasks
from tests.messaging.carrier_tests.conftest import names
from tests.messaging.credentials.conftest import Api as Credentials

assert tasks  # registers itself with Celery


@pytest.fixture(autouse=True)
def _limits(settings) -> None:
    settings.REFUSED_BINDS_OF_CREDENTIAL = "2/600"


def wrong(credential) -> None:
    credential.password = "wrong"
    credential.save()


def test_a_direct_test_is_refused_after_too_many_refused_binds(tested, api, system, credential):
    wrong(credential)
    for _ in range(2):
        assert tested(via="direct")["error"]["cause"] == "wrong_password"
    refused = api.test(via="direct")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 600
    assert system.bind_attempts == 2


def test_a_test_that_waited_meanwhile_binds_no_more(api, tested, system, credential, worker):
    wrong(credential)
    tested(via="direct")
    waiting = api.test(via="direct").json()["data"]["id"]
    rotated = Credentials(api.organization).rotate(credential.pk, password="guess")
    assert rotated.status_code == 422
    run.run(waiting)
    test = api.read(waiting)
    assert (test["status"], test["error"]["cause"]) == ("failed", "too_many_refused")
    assert "Try again in" in test["error"]["hint"]
    assert names(test) == []
    assert system.bind_attempts == 2


def test_tests_that_bind_are_not_counted(tested):
    assert [tested(via="direct")["status"] for _ in range(3)] == ["delivered"] * 3


def test_a_refused_text_is_no_refused_bind(tested, system):
    system.faults = ["refuse:0x0B"]
    causes = [tested(via="direct")["error"]["cause"] for _ in range(3)]
    assert causes == ["destination_refused"] * 3


def test_tests_through_the_gateway_go_on(tested, api, credential):
    wrong(credential)
    for _ in range(2):
        tested(via="direct")
    assert api.test(via="gateway").status_code == 202


def test_a_server_that_refused_too_often_is_left_alone_for_a_while(
    tested, system, credential, settings
):
    """Under whatever name: what counts is the address that a test is connected to."""
    settings.REFUSED_BINDS_OF_HOST = "1/600"
    wrong(credential)
    assert tested(via="direct")["error"]["cause"] == "wrong_password"
    credential.host = "localhost"
    credential.save()

    test = tested(via="direct")

    assert test["error"]["cause"] == "too_many_refused"
    assert system.bind_attempts == 1
