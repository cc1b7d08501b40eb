"""Rate limits, and their headers on every kind of answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import redis
import time_machine
from django.test import Client

from orbit.api import throttling
from orbit.api.throttling import Rate, take
from tests.factories import make_api_key, make_member, make_session

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.orbit.api.probe"),
    pytest.mark.stack,  # Redis counts
]

HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
JSON = "application/json"
KEYS = "/v1/settings/api-keys"


@pytest.fixture(autouse=True)
def _cache_is_there(monkeypatch):
    monkeypatch.setattr(throttling._Away, "since", None)
    monkeypatch.setattr(throttling._Away, "until", 0.0)


@pytest.fixture
def away(monkeypatch) -> Iterator[list[bool]]:
    """Redis is away until the list is emptied."""
    gone, spend = [True], throttling.cache.spend

    def fail(*args, **kwargs):
        if gone:
            raise redis.ConnectionError("refused")
        return spend(*args, **kwargs)

    monkeypatch.setattr(throttling.cache, "spend", fail)
    yield gone


def boom(view):
    raise RuntimeError


EVERY_KIND = {
    "200": lambda api: api.get("/v1/me"),
    "204": lambda api: api.options("/v1/me"),
    "400": lambda api: api.post(KEYS, "{", content_type=JSON),
    "400 host": lambda api: api.get("/v1/me", headers={"Host": "evil.example"}),
    "401": lambda api: Client().get("/v1/me"),
    "401 key": lambda api: Client(headers={"X-API-Key": "dv_live_sk_no"}).get("/v1/me"),
    "404": lambda api: api.get("/v1/nothing"),
    "405": lambda api: api.put("/v1/me"),
    "415": lambda api: api.post(KEYS, "x", content_type="text/plain"),
    "422": lambda api: api.get("/v1/me?a=1"),
    "500": lambda api: api.post("/v1/probe"),
}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_answer_says_how_the_caller_stands(api, probe, kind):
    probe(boom)
    before = time.time()
    response = EVERY_KIND[kind](api)
    assert response.status_code == int(kind.split()[0])
    limit, remaining, reset = (int(response[name]) for name in HEADERS)
    assert 0 <= remaining < limit == 100_000
    assert before < reset <= before + 61


def test_the_window_counts_down(api):
    left = [int(api.get("/v1/me")["X-RateLimit-Remaining"]) for _ in range(3)]
    assert left == [99_999, 99_998, 99_997]


def test_one_too_many_is_refused_with_its_headers(api, settings):
    settings.API_RATE_LIMIT = "2/3600"
    answers = [api.get("/v1/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    body = answers[2].json()["error"]
    wait = body["details"]["retry_after"]
    assert body["code"] == "RATE_LIMIT_EXCEEDED"
    assert body["details"] == {"retry_after": wait, "limit": 2, "window": "3600s"}
    assert 1 <= wait <= 3600
    assert answers[2]["Retry-After"] == str(wait)
    assert answers[2]["X-RateLimit-Remaining"] == "0"


def test_the_next_window_starts_afresh(api, settings):
    settings.API_RATE_LIMIT = "1/60"
    with time_machine.travel("2026-03-08T12:00:59Z", tick=False) as clock:
        assert api.get("/v1/me").status_code == 200
        refused = api.get("/v1/me")
        assert (refused.status_code, refused["Retry-After"]) == (429, "1")
        clock.shift(1)
        assert api.get("/v1/me").status_code == 200


def test_each_caller_has_a_window_of_its_own(api, settings):
    settings.API_RATE_LIMIT = "1/3600"
    access = make_session(make_member()).access
    others = [
        Client(headers={"X-API-Key": make_api_key().secret}),
        Client(headers={"Authorization": f"Bearer {access}"}),
    ]
    assert [client.get("/v1/me").status_code for client in (api, *others)] == [200, 200, 200]
    assert [client.get("/v1/me").status_code for client in (api, *others)] == [429, 429, 429]


def test_requests_without_a_valid_key_are_counted_by_address(settings):
    settings.API_RATE_LIMIT = "2/3600"
    guesses = [
        Client(headers={"X-API-Key": f"dv_live_sk_{place}"}, REMOTE_ADDR="203.0.113.9")
        for place in range(3)
    ]
    assert [guess.get("/v1/me").status_code for guess in guesses] == [401, 401, 429]
    elsewhere = Client(REMOTE_ADDR="203.0.113.10")
    assert elsewhere.get("/v1/me").status_code == 401


def test_a_used_up_address_does_not_hold_up_a_key(api, settings):
    settings.API_RATE_LIMIT = "1/3600"
    nobody = Client(REMOTE_ADDR="203.0.113.11")
    for _ in range(3):
        nobody.get("/v1/me")
    assert api.get("/v1/me", REMOTE_ADDR="203.0.113.11").status_code == 200


def test_a_used_up_address_holds_up_no_other_that_presents_nothing(settings):
    settings.API_RATE_LIMIT = "1/3600"
    flood = Client(REMOTE_ADDR="203.0.113.12")
    assert [flood.get("/v1/me").status_code for _ in range(3)] == [401, 429, 429]
    assert Client(REMOTE_ADDR="203.0.113.13").get("/v1/me").status_code == 401


def test_who_is_over_the_limit_asks_no_database(api, settings, django_assert_num_queries):
    settings.API_RATE_LIMIT = "1/3600"
    with time_machine.travel(time.time(), tick=False):
        assert [api.get("/v1/me").status_code for _ in range(2)] == [200, 429]
        with django_assert_num_queries(0):
            assert api.get("/v1/me").status_code == 429


def test_another_limit_holds_at_once(api, settings):
    settings.API_RATE_LIMIT = "1/3600"
    assert [api.get("/v1/me").status_code for _ in range(2)] == [200, 429]
    settings.API_RATE_LIMIT = "10/3600"
    assert api.get("/v1/me").status_code == 200


def test_unknown_paths_count_too(api, settings):
    settings.API_RATE_LIMIT = "1/3600"
    assert [api.get("/v1/nothing").status_code for _ in range(2)] == [404, 429]


def test_concurrent_requests_are_all_counted():
    rate, used = Rate(100, 3600), []

    def run() -> None:
        for _ in range(25):
            used.append(take("test", f"threads {id(used)}", rate).used)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(used) == list(range(1, 201))


def test_without_redis_requests_go_on_uncounted(api, settings, away, caplog):
    settings.API_RATE_LIMIT = "1/3600"
    answers = [api.get("/v1/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert all(name in answers[2] for name in HEADERS)
    assert caplog.text.count("rate limits are off") == 1


def test_requests_count_again_when_redis_is_back(api, settings, away, caplog, monkeypatch):
    settings.API_RATE_LIMIT = "1/3600"
    api.get("/v1/me")
    away.clear()
    monkeypatch.setattr(throttling._Away, "until", 0.0)
    assert [api.get("/v1/me").status_code for _ in range(2)] == [200, 429]
    assert "rate limits are on again" in caplog.text


@pytest.mark.parametrize("text", ["", "10", "10/", "/60", "a/b", "0/60", "10/0", "-1/60", "1.5/60"])
def test_a_malformed_rate_is_refused(text):
    with pytest.raises(ValueError):
        Rate.parse(text)
