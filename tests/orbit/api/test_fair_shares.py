"""What the requests of one organisation take of the web processes that all share."""

from __future__ import annotations

import time
from io import BytesIO
from types import SimpleNamespace

import pytest
import redis
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orbit.api import cpu_limits, request_body, throttling, waiting
from orbit.api.errors import ApiError
from orbit.api.throttling import Rate
from tests.factories import make_api_key, make_organization
from tests.fixtures.clocks import give_clock

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.orbit.api.probe")]

JSON = "application/json"
ORG = "org_of_this_test"


@pytest.fixture
def told(monkeypatch) -> list[float]:
    """Seconds that Redis was told of; more than one in all is too many."""
    told: list[float] = []

    def charge(purpose: str, identity: str, rate: Rate, seconds: float, windows: float) -> float:
        told.append(seconds)
        return max(0.0, (sum(told) - 1) * 10)

    monkeypatch.setattr(throttling, "charge", charge)
    return told


@pytest.fixture
def each_takes(monkeypatch):
    """Say how many seconds each request takes of the processor."""

    def take(seconds: float) -> None:
        note = cpu_limits.note
        monkeypatch.setattr(
            "orbit.api.middleware.cpu_limits.note",
            lambda request, status, _: note(request, status, seconds),
        )

    return take


def test_requests_over_the_processor_time_of_their_organisation_are_refused(
    api, told, each_takes, settings
):
    settings.API_CPU_LIMIT = "1/10"
    each_takes(0.6)

    assert [api.get("/v1/me").status_code for _ in range(3)] == [200, 200, 429]
    refused = api.get("/v1/me")

    assert refused.json()["error"]["details"] == {
        "retry_after": int(refused["Retry-After"]), "limit": 1, "window": "10s",
    }  # fmt: skip
    assert told == [0.6, 0.6]  # a 429 is not counted: the organisation comes back by itself


def test_all_keys_of_an_organisation_share_its_processor_time_and_others_have_their_own(
    api, client, told, each_takes
):
    each_takes(1.2)
    organization = make_organization()
    first, second = (make_api_key(organization).secret for _ in range(2))

    assert client.get("/v1/me", headers={"X-API-Key": first}).status_code == 200
    assert client.get("/v1/me", headers={"X-API-Key": second}).status_code == 429
    assert api.get("/v1/me").status_code == 200


def test_unknown_paths_and_refusals_by_other_limits_take_of_the_processor_time(
    api, probe, told, each_takes
):
    """Each of them costs a look at the database."""
    each_takes(0.6)

    def refuse(view):
        raise throttling.exceeded(Rate(1, 60), 60, "Too many of something else.")

    probe(refuse)
    answers = [api.get("/v1/nothing"), api.post("/v1/probe"), api.get("/v1/nothing")]

    assert [each.status_code for each in answers] == [404, 429, 429]
    assert answers[-1].json()["error"]["message"].startswith("Processor time")
    assert told == [0.6, 0.6]


def test_a_long_body_waits_until_all_time_that_long_ones_took_is_paid_off(
    api, probe, told, each_takes, key, settings
):
    """It may take all of the time at once."""
    settings.API_CPU_LIMIT = "1/10"
    each_takes(0.6)
    probe(lambda view: view.ok({}))
    long = f'{{"name": "{"a" * 9}"}}'.ljust(request_body.LONG + 1)
    before = [api.post("/v1/probe", long, content_type=JSON) for _ in range(2)]
    cpu_limits._accounts[f"{key.key.organization_id}:long"].until = time.monotonic() - 4

    after = api.post("/v1/probe", long, content_type=JSON)

    assert [each.status_code for each in (*before, after)] == [200, 200, 429]
    assert after["Retry-After"] == "6"


def test_long_bodies_take_none_of_the_time_of_the_organisations_other_requests(
    api, probe, told, each_takes
):
    each_takes(1.2)
    probe(lambda view: view.ok({}))
    long = "{}".ljust(request_body.LONG + 1)

    assert api.post("/v1/probe", long, content_type=JSON).status_code == 200
    assert api.post("/v1/probe", long, content_type=JSON).status_code == 429
    assert api.get("/v1/me").status_code == 200


class _Thread:
    """A thread's clock that goes on by `work` alone; how long it rested."""

    def __init__(self) -> None:
        self.time, self.rests = 0.0, []

    def work(self, seconds: float) -> None:
        self.time += seconds

    def take_all(self, items) -> None:
        for seconds in items:
            self.work(seconds)


@pytest.fixture
def thread(monkeypatch) -> _Thread:
    thread = _Thread()
    monkeypatch.setattr(cpu_limits, "ITEMS", 2)
    clock = {"thread_time": lambda: thread.time, "sleep": thread.rests.append}
    give_clock(monkeypatch, cpu_limits, **clock)
    return thread


def test_a_long_request_rests_once_it_has_taken_more_than_its_time(told, thread, settings):
    settings.API_CPU_LIMIT = "1/10"
    request = SimpleNamespace(cpu_account="org_that_uploads:long")

    thread.take_all(cpu_limits.paced(request, [0.3] * 6))

    assert told == [pytest.approx(0.6)] * 3  # while it runs
    assert thread.rests == [pytest.approx(0.6 * cpu_limits.REST)] * 2
    cpu_limits.note(request, 200, 2.0)
    assert told[3:] == [pytest.approx(0.2)]  # only what `paced` has not counted


def test_the_rests_of_a_request_end_before_a_proxy_gives_it_up(told, thread, settings):
    settings.API_CPU_LIMIT = "1/10"
    request = SimpleNamespace(cpu_account="org_that_uploads_much:long")

    thread.take_all(cpu_limits.paced(request, [3.0] * 20))

    assert sum(thread.rests) == pytest.approx(cpu_limits.LONGEST_REST)


def test_a_request_of_nobody_is_not_paced(told, thread):
    thread.take_all(cpu_limits.paced(SimpleNamespace(), [3.0] * 20))

    assert (told, thread.rests) == ([], [])


def test_long_bodies_are_taken_while_there_is_time(api, probe, told, each_takes, settings):
    settings.API_CPU_LIMIT = "1/10"
    each_takes(0.3)
    probe(lambda view: view.ok({}))
    long = "{}".ljust(request_body.LONG + 1)

    answers = [api.post("/v1/probe", long, content_type=JSON) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert told == [0.3, 0.3]


def test_what_requests_take_is_told_in_steps(api, told, each_takes):
    each_takes(cpu_limits.STEP * 0.4)

    for _ in range(7):
        api.get("/v1/me")

    assert told == pytest.approx([cpu_limits.STEP * 1.2] * 2)


def test_a_few_requests_of_an_organisation_wait_for_others_at_a_time(settings):
    settings.WAITING_REQUESTS_PER_ORGANIZATION = 2
    with waiting.for_others(ORG), waiting.for_others(ORG):
        with pytest.raises(ApiError) as refused, waiting.for_others(ORG):
            pass
        with waiting.for_others("org_of_another"):
            pass
    with waiting.for_others(ORG), waiting.for_others(ORG):
        pass

    assert refused.value.status == 429
    assert refused.value.headers == {"Retry-After": "1"}
    assert refused.value.details == {"retry_after": 1, "limit": 2, "window": "at once"}


def test_a_second_long_body_of_an_organisation_is_refused_unread(api, probe, settings):
    settings.UPLOADS_PER_ORGANIZATION = 1
    answers = []

    def upload(name: str) -> int:
        body = f'{{"name": "{name}"}}'.ljust(request_body.LONG + 1)
        return api.post("/v1/probe", body, content_type=JSON).status_code

    def behave(view):
        answers.append(upload("b"))
        answers.append(api.post("/v1/probe/none", "{}", content_type=JSON).status_code)
        return view.echoed()

    probe(behave)

    assert upload("a") == 200
    assert answers == [429, 404]
    probe(lambda view: view.echoed())
    assert upload("c") == 200


def test_a_long_body_that_another_process_reads_counts(settings):
    settings.UPLOADS_PER_ORGANIZATION = 2
    cache.add(f"upload:{ORG}:0", 1, 60)
    cache.add(f"upload:{ORG}:1", 1, 60)
    with pytest.raises(ApiError) as refused, waiting.for_body(ORG):
        pass
    cache.delete(f"upload:{ORG}:1")
    assert refused.value.headers.keys() == {"Retry-After", throttling.PACE}

    with waiting.for_body(ORG), pytest.raises(ApiError), waiting.for_body(ORG):
        pass
    with waiting.for_body(ORG):
        pass
    cache.delete(f"upload:{ORG}:0")


def test_without_a_cache_long_bodies_are_counted_in_the_process(settings, monkeypatch):
    def away(*args):
        raise redis.ConnectionError

    settings.UPLOADS_PER_ORGANIZATION = 1
    monkeypatch.setattr(cache, "add", away, raising=False)

    with waiting.for_body(ORG), pytest.raises(ApiError), waiting.for_body(ORG):
        pass


@pytest.mark.parametrize(("proxies", "taken"), [(["127.0.0.1"], 2_000_000), ([], 0)])
def test_what_a_proxy_holds_of_a_refused_body_is_taken_off_it(api, settings, proxies, taken):
    """It would answer 502 in our place. No client is waited for."""
    settings.TRUSTED_PROXIES = proxies
    body = BytesIO(b"a" * 2_000_000)
    sent = {"wsgi.input": body, "CONTENT_LENGTH": 2_000_000, "CONTENT_TYPE": JSON}

    assert api.post("/v1/nothing", **sent).status_code == 404
    assert body.tell() == taken


@pytest.mark.stack
def test_a_caller_that_was_just_refused_is_refused_without_the_database(api, settings):
    settings.API_RATE_LIMIT = "1/3600"
    assert [api.get("/v1/me").status_code for _ in range(2)] == [200, 429]

    with CaptureQueriesContext(connection) as asked:
        again = api.get("/v1/me")

    assert (again.status_code, again["X-RateLimit-Remaining"]) == (429, "0")
    assert int(again["Retry-After"]) >= 1
    assert asked.captured_queries == []


@pytest.mark.stack
def test_work_beyond_a_rate_is_a_pause_and_ends(settings):
    rate = Rate(10, 60)
    assert throttling.charge("test", ORG, rate) == 0
    assert throttling.charge("test", ORG, rate, 9.0) == 0
    assert 5 < throttling.charge("test", ORG, rate, 2.0) <= 6
    assert throttling.charge("test", ORG, rate, 1000.0) <= 60
    assert 100 < throttling.charge("test", ORG, rate, 1000.0, 3.0) <= 120
    assert throttling.charge("test", "org_of_another", rate, 9.0) == 0
