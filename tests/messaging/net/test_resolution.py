"""Resolution of names to checked addresses."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from messaging.net import resolution
from messaging.net.host_policy import HostPolicy
from messaging.net.resolution import (
    HostRefused,
    ResolveError,
    checked_addresses,
    resolve,
    resolve_many,
)

POLICY = HostPolicy.build(own=[])


def answers(*addresses: str):
    """A resolver that gives these answers."""

    def getaddrinfo(host, port, *args, **kwargs):
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 0))
            for a in addresses
        ]

    return getaddrinfo


def never_called(*args, **kwargs):
    raise AssertionError("an address needs no look-up")


def test_answers_come_ipv4_first_and_once(monkeypatch):
    monkeypatch.setattr(
        resolution, "getaddrinfo", answers("2600::1", "9.9.9.9", "9.9.9.9", "8.8.8.8")
    )
    assert resolve("carrier.example") == ["9.9.9.9", "8.8.8.8", "2600::1"]


def test_an_address_is_its_own_answer(monkeypatch):
    monkeypatch.setattr(resolution, "getaddrinfo", never_called)
    assert resolve("9.9.9.9") == ["9.9.9.9"]
    assert resolve("2600:0::1") == ["2600::1"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (socket.EAI_NONAME, "does not exist"),
        (socket.EAI_NODATA, "exists in the DNS but has no address"),
        (socket.EAI_AGAIN, "did not answer"),
        (socket.EAI_FAIL, "look-up failed"),
    ],
)
def test_a_failed_look_up_names_its_cause(monkeypatch, code, said):
    def fails(*args, **kwargs):
        raise socket.gaierror(code, "as it is")

    monkeypatch.setattr(resolution, "getaddrinfo", fails)
    with pytest.raises(ResolveError, match=f"carrier.example.*{said}"):
        resolve("carrier.example")


def test_a_name_without_addresses_is_an_error(monkeypatch):
    monkeypatch.setattr(resolution, "getaddrinfo", answers())
    with pytest.raises(ResolveError, match="no address"):
        resolve("carrier.example")


@pytest.fixture
def dead_name_server(monkeypatch):
    """Look-ups of `dead…` hang until the test ends; the rest is answered. Yields the calls."""
    release, calls = threading.Event(), []

    def getaddrinfo(host, *args, **kwargs):
        calls.append(host)
        if host.startswith("dead"):
            release.wait(30)
        return answers("9.9.9.9")(host, None)

    monkeypatch.setattr(resolution, "getaddrinfo", getaddrinfo)
    before = set(threading.enumerate())
    yield calls
    release.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)


def test_a_dead_name_server_costs_no_more_than_the_deadline(dead_name_server):
    with pytest.raises(ResolveError, match=r"dead.example.*0\.05 s"):
        resolve("dead.example", timeout=0.05)


def test_many_names_share_one_deadline_and_do_not_wait_for_each_other(dead_name_server):
    names = [f"dead{n}.example" for n in range(20)] + [f"live{n}.example" for n in range(20)]
    found = resolve_many(names, timeout=2)
    assert {name for name, answer in found.items() if answer == ["9.9.9.9"]} == {
        f"live{n}.example" for n in range(20)
    }
    assert all(isinstance(found[f"dead{n}.example"], ResolveError) for n in range(20))


def test_a_name_that_is_being_looked_up_is_not_looked_up_again(dead_name_server):
    for _ in range(5):
        with pytest.raises(ResolveError):
            resolve("dead.example", timeout=0.01)
    assert dead_name_server == ["dead.example"]


def test_a_forked_worker_does_not_wait_for_a_look_up_of_its_parent(dead_name_server, monkeypatch):
    with pytest.raises(ResolveError):
        resolve("dead.example", timeout=0.01)
    monkeypatch.setattr(resolution, "getaddrinfo", answers("9.9.9.9"))
    child = os.fork()
    if child == 0:
        found = resolve_many(["dead.example"], timeout=10)
        os._exit(0 if found == {"dead.example": ["9.9.9.9"]} else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_name_is_asked_again_after_it_was_answered(monkeypatch):
    monkeypatch.setattr(resolution, "getaddrinfo", answers("9.9.9.9"))
    assert resolve("carrier.example") == ["9.9.9.9"]
    monkeypatch.setattr(resolution, "getaddrinfo", answers("8.8.8.8"))
    assert resolve("carrier.example") == ["8.8.8.8"]


def test_a_name_is_refused_when_any_of_its_answers_is(monkeypatch):
    monkeypatch.setattr(resolution, "getaddrinfo", answers("9.9.9.9", "2600::1", "::ffff:10.0.0.1"))
    with pytest.raises(HostRefused, match=r"carrier\.example \(::ffff:10\.0\.0\.1\).*private"):
        checked_addresses("carrier.example", POLICY)


def test_a_name_with_good_answers_gives_all_of_them(monkeypatch):
    monkeypatch.setattr(resolution, "getaddrinfo", answers("2600::1", "9.9.9.9"))
    assert checked_addresses("carrier.example", POLICY) == ["9.9.9.9", "2600::1"]


def test_a_link_local_answer_is_refused_with_its_zone(monkeypatch):
    monkeypatch.setattr(resolution, "getaddrinfo", answers("fe80::1%eth0"))
    with pytest.raises(HostRefused, match="zone"):
        checked_addresses("carrier.example", POLICY)


def test_a_spelling_that_only_the_resolver_knows_is_judged_by_what_it_means():
    with pytest.raises(HostRefused, match="127.0.0.1"):
        checked_addresses("0x7f.1", POLICY)


@pytest.fixture
def two_at_once(settings):
    settings.DNS_LOOKUPS_PER_ORGANIZATION = 2


def threads_of_look_ups() -> int:
    return sum(thread.name.startswith("dns-dead") for thread in threading.enumerate())


def test_one_owners_dead_names_leave_the_others_their_turn(two_at_once, dead_name_server):
    dead = {f"dead{number}.example": "org_a" for number in range(20)}
    found = resolve_many(dead, timeout=0.2, owners=dead)
    assert all(isinstance(each, ResolveError) for each in found.values())

    assert resolve("alive.example", timeout=20, owner="org_b") == ["9.9.9.9"]
    assert len([host for host in dead_name_server if host.startswith("dead")]) == 2


def test_look_ups_that_wait_for_their_turn_have_no_threads(two_at_once, dead_name_server):
    dead = {f"dead{number}.example": "org_a" for number in range(200)}
    resolve_many(dead, timeout=0.01, owners=dead)

    assert threads_of_look_ups() == 2


def test_a_name_that_nobody_waits_for_any_more_is_not_looked_up(two_at_once, monkeypatch):
    let_go, asked = threading.Event(), []

    def answer(host, *args, **options):
        asked.append(host)
        let_go.wait(30)
        return answers("9.9.9.9")(host, None)

    monkeypatch.setattr(resolution, "getaddrinfo", answer)
    dead = {f"dead{number}.example": "org_a" for number in range(4)}
    resolve_many(dead, timeout=0.01, owners=dead)
    let_go.set()

    assert resolve("alive.example", timeout=30, owner="org_a") == ["9.9.9.9"]
    assert set(asked) == {"dead0.example", "dead1.example", "alive.example"}
