"""Who is known to be over a limit is refused before anything else is done."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orbit.api import cpu_limits, early_refusal, known_callers, throttling
from orbit.api.throttling import Window
from tests.factories import make_api_key, make_organization

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.orbit.api.probe")]

JSON = "application/json"
OF_EACH_ANSWER = ("X-Request-Id", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture(autouse=True)
def _nobody_is_known():
    known_callers.forget()


@pytest.fixture
def organization(key):
    """Of the client `api`."""
    return key.key.organization


@pytest.fixture
def over_time(monkeypatch):
    """Use up the processor time of an organisation."""
    monkeypatch.setattr(throttling, "charge", lambda *args: 30.0)

    def use_up(organization) -> None:
        monkeypatch.setitem(cpu_limits._accounts, organization.pk, cpu_limits._Account())
        spender = type("Request", (), {"cpu_account": organization.pk})
        cpu_limits.note(spender, 200, 2 * cpu_limits.STEP)

    return use_up


@pytest.fixture
def no_cache(monkeypatch):
    """From now on, nothing may be asked of Redis."""

    def forbid() -> None:
        def fail(*args, **kwargs):
            raise AssertionError("Redis was asked")

        for name in ("spend", "charge", "get"):
            monkeypatch.setattr(cache, name, fail, raising=False)

    return forbid


class Unreadable:
    def read(self, *args):
        raise AssertionError("the body was read")

    readline = read


def test_all_keys_of_an_organisation_over_its_time_are_refused_without_database_and_redis(
    client, over_time, no_cache
):
    organization = make_organization()
    keys = [{"X-API-Key": make_api_key(organization).secret} for _ in range(2)]
    assert [client.get("/v1/me", headers=each).status_code for each in keys] == [200, 200]
    over_time(organization)
    no_cache()

    with CaptureQueriesContext(connection) as asked:
        refused = [client.get("/v1/me", headers=each) for each in keys]

    assert [each.status_code for each in refused] == [429, 429]
    assert {each["Retry-After"] for each in refused} == {"30"}
    assert asked.captured_queries == []


def test_the_early_answer_is_that_of_the_whole_way(api, organization, over_time):
    over_time(organization)
    whole = api.get("/v1/me")
    early = api.get("/v1/me")

    assert (whole.status_code, early.status_code) == (429, 429)
    assert not hasattr(whole.wsgi_request, "early_refusal")
    assert hasattr(early.wsgi_request, "early_refusal")
    del early[throttling.PACE]  # nginx keeps it
    for answer in (whole, early):
        for name in OF_EACH_ANSWER:
            del answer[name]
    assert dict(early.items()) == dict(whole.items())
    assert early.json()["error"] == whole.json()["error"]
    assert early.json()["meta"].keys() == whole.json()["meta"].keys()


@pytest.mark.parametrize(("told", "slower"), [(1, 2), (2, 3), (30, early_refusal.LONGEST + 1)])
def test_who_goes_on_asking_gets_the_answer_after_the_time_it_was_told_to_wait(told, slower):
    """nginx sends the bytes of a second at once, and as many each second that follows."""
    error = throttling.exceeded(throttling.Rate(1, 60), told, "Too many.")

    pace = int(early_refusal._pace(400, error))

    assert pace == (400 + early_refusal.HEAD) // slower


def test_the_body_of_a_refused_request_is_not_read(api, organization, over_time):
    api.get("/v1/me")
    over_time(organization)

    answer = api.post(
        "/v1/probe", "{}", content_type=JSON, **{"wsgi.input": Unreadable(), "CONTENT_LENGTH": 9}
    )

    assert answer.status_code == 429


def test_a_host_that_is_not_served_is_told_so(api, organization, over_time):
    api.get("/v1/me")
    over_time(organization)

    assert api.get("/v1/me", headers={"Host": "evil.example"}).status_code == 400


def test_a_refused_caller_is_led_to_https(api, organization, over_time, settings):
    request = api.get("/v1/me").wsgi_request
    over_time(organization)
    settings.SECURE_SSL_REDIRECT = True

    assert early_refusal.EarlyRefusal()(request).status_code == 301


def test_a_key_that_was_revoked_is_told_so_after_a_moment(api, organization, over_time):
    api.get("/v1/me")
    over_time(organization)
    organization.api_keys.all().update(revoked_at="2026-01-01T00:00:00Z")

    assert api.get("/v1/me").status_code == 429
    known_callers.forget()
    assert api.get("/v1/me").status_code == 401


def test_strangers_are_kept_only_while_they_are_refused(client):
    for number in range(3):
        client.get("/v1/me", headers={"X-API-Key": f"dv_live_sk_{number}"})

    assert known_callers._callers == {}


def test_no_more_callers_are_kept_than_fit(api, client, monkeypatch):
    monkeypatch.setattr(known_callers, "MOST", 2)
    for _ in range(5):
        client.get("/v1/me", headers={"X-API-Key": make_api_key().secret})

    assert len(known_callers._callers) <= 2


def test_a_count_that_is_over_holds_only_in_its_window_and_under_its_limit(settings):
    settings.API_RATE_LIMIT = "5/60"
    rate = throttling.Rate(5, 60)
    far = 99_999_999_999

    assert Window(rate, 6, far).as_of_now().refusal()
    assert not Window(rate, 6, 60).as_of_now().refusal()
    assert not Window(throttling.Rate(6, 60), 7, far).as_of_now().refusal()
