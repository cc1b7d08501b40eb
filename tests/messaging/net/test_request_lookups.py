"""Look-ups within a request: one that takes longer needs a place of its organisation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from messaging.net import request_lookups, resolution
from messaging.net.host_policy import HostPolicy
from messaging.net.request_lookups import addresses_for_request
from messaging.net.resolution import ResolveError
from orbit.api import waiting
from orbit.api.errors import ApiError
from orbit.api.waiting import for_others

POLICY = HostPolicy.build(own=[])
OWNER = "org_of_this_test"


@pytest.fixture(autouse=True)
def _no_place(settings, monkeypatch):
    settings.WAITING_REQUESTS_PER_ORGANIZATION = 0
    monkeypatch.setattr(request_lookups, "_slow_until", {})
    monkeypatch.setattr(request_lookups, "QUICK", 20.0)  # a busy machine is no dead name server


@pytest.fixture
def dead_name_server(monkeypatch):
    """No answer to names that begin with `dead`. Each test has its own: a look-up that another has
    left is joined, and ends with an answer."""
    monkeypatch.setattr(request_lookups, "QUICK", 0.01)
    monkeypatch.setattr(request_lookups, "SLOW_FOR", 1000.0)
    let_go = threading.Event()

    def answer(host, *args, **options):
        if host.startswith("dead"):
            let_go.wait(30)
        return [(0, 0, 0, "", ("9.9.9.9", 0))]

    monkeypatch.setattr(resolution, "getaddrinfo", answer)
    yield
    let_go.set()


def test_a_name_that_is_answered_needs_no_place(names):
    names["carrier.example"] = ["9.9.9.9"]

    assert addresses_for_request("carrier.example", POLICY, owner=OWNER) == ["9.9.9.9"]
    with pytest.raises(ResolveError):
        addresses_for_request("unknown.example", POLICY, owner=OWNER)


def test_a_name_that_is_not_answered_needs_one_and_the_request_is_refused(dead_name_server):
    with pytest.raises(ApiError) as refused:
        addresses_for_request("dead.example", POLICY, owner=OWNER)

    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "1"})


def test_then_no_other_name_of_its_organisation_keeps_a_thread_for_a_moment(
    dead_name_server, monkeypatch
):
    with pytest.raises(ApiError):
        addresses_for_request("dead-too.example", POLICY, owner=OWNER)
    monkeypatch.setattr(request_lookups, "QUICK", 20.0)

    with pytest.raises(ApiError):
        addresses_for_request("carrier.example", POLICY, owner=OWNER)
    assert addresses_for_request("9.9.9.9", POLICY, owner=OWNER) == ["9.9.9.9"]
    assert addresses_for_request("carrier.example", POLICY, owner="org_b") == ["9.9.9.9"]


@pytest.fixture
def a_place(settings):
    settings.WAITING_REQUESTS_PER_ORGANIZATION = 1


def test_with_a_place_a_name_is_waited_for_and_its_address_taken(a_place, monkeypatch):
    monkeypatch.setattr(request_lookups, "QUICK", 0.01)
    monkeypatch.setattr(request_lookups, "RESOLVE_SECONDS", 30.0)
    let_go = threading.Event()

    def answer(host, *args, **options):
        let_go.wait(30)
        return [(0, 0, 0, "", ("9.9.9.9", 0))]

    @contextmanager
    def place(owner: str) -> Iterator[None]:
        with for_others(owner):
            let_go.set()
            yield

    monkeypatch.setattr(resolution, "getaddrinfo", answer)
    monkeypatch.setattr(waiting, "for_others", place)

    assert addresses_for_request("slow.example", POLICY, owner=OWNER) == ["9.9.9.9"]


def test_with_a_place_a_silent_name_server_is_an_error_of_the_name(
    a_place, dead_name_server, monkeypatch
):
    monkeypatch.setattr(request_lookups, "RESOLVE_SECONDS", 0.01)

    with pytest.raises(ResolveError, match="dead-again.example"):
        addresses_for_request("dead-again.example", POLICY, owner=OWNER)
    assert not waiting._under_way


def test_only_so_many_slow_organisations_are_remembered(dead_name_server, monkeypatch):
    monkeypatch.setattr(request_lookups, "_MOST", 2)
    for number in range(3):
        with pytest.raises(ApiError):
            addresses_for_request(f"dead-{number}.example", POLICY, owner=f"org_{number}")

    assert set(request_lookups._slow_until) == {"org_2"}
