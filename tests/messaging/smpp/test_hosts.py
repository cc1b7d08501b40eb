"""Which addresses may be connected to, and how names become addresses."""

from __future__ import annotations

import os
import socket
import threading
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.smpp import hosts
from messaging.smpp.hosts import (
    HostPolicy,
    HostRefused,
    ResolveError,
    checked_addresses,
    resolve,
    resolve_many,
)

POLICY = HostPolicy.build(own=[])

PUBLIC = ["8.8.8.8", "1.1.1.1", "192.0.1.1", "192.88.98.1", "2600::1", "2a00:1450::8"]
NOT_PUBLIC_4 = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.8",  # global for Python 3.11
    "192.0.0.10",
    "192.0.2.1",
    "192.88.99.1",  # global for Python 3.11
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",  # global for Python 3.11
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
]
NOT_PUBLIC_6 = [
    "::",
    "::1",
    "64:ff9b:1::1",
    "64:ff9b:1::808:808",
    "100::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",  # global for Python 3.11
    "::ffff:0:808:808",  # IPv4-translated (RFC 2765)
]


def wrapped_forms(inner: IPv4Address) -> dict[str, IPv6Address]:
    """Every IPv6 spelling of an IPv4 address that a host may route to it."""
    low = int(inner)
    return {
        "IPv4-mapped": IPv6Address(0xFFFF << 32 | low),
        "NAT64": IPv6Address(0x64FF9B << 96 | low),
        "6to4": IPv6Address(0x2002 << 112 | low << 80 | 1),
        "Teredo server": IPv6Address(0x20010000 << 96 | low << 64 | 0xF7F7F7F7),
        "Teredo client": IPv6Address(
            0x20010000 << 96 | int(IPv4Address("8.8.8.8")) << 64 | low ^ 0xFFFFFFFF
        ),
    }


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_connected_to(address):
    assert POLICY.violation(address) is None


@pytest.mark.parametrize("address", NOT_PUBLIC_4 + NOT_PUBLIC_6)
def test_an_address_that_is_not_global_unicast_is_refused(address):
    assert POLICY.violation(address)


@pytest.mark.parametrize("inner", NOT_PUBLIC_4)
@pytest.mark.parametrize("form", wrapped_forms(IPv4Address(0)))
def test_a_refused_address_stays_refused_however_it_is_wrapped(form, inner):
    reason = POLICY.violation(wrapped_forms(IPv4Address(inner))[form])
    assert reason
    assert inner in reason


@pytest.mark.parametrize("form", wrapped_forms(IPv4Address(0)))
def test_a_wrapped_public_address_is_as_good_as_the_plain_one(form):
    assert POLICY.violation(wrapped_forms(IPv4Address("9.9.9.9"))[form]) is None


def test_an_ipv4_compatible_address_is_judged_by_the_address_inside():
    assert "10.0.0.1" in POLICY.violation("::10.0.0.1")
    assert POLICY.violation("::8.8.8.8") is None


def test_an_address_with_a_zone_is_refused():
    assert "zone" in POLICY.violation("fe80::1%eth0")
    assert "zone" in POLICY.violation(IPv6Address("2600::1%2"))


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "8.8.8.8:2775"])
def test_what_is_no_address_is_refused(text):
    assert POLICY.violation(text) == "is not an IP address"


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_gets_through(address):
    if POLICY.violation(address) is None and not hosts.unwrap(address)[0]:
        assert address.is_global
        assert not address.is_multicast


def test_an_allowed_network_wins_for_the_addresses_in_it():
    policy = HostPolicy.build(
        allowed=["127.0.0.0/8", "fd00::/8"], forbidden=["127.0.0.1/32"], own=["127.0.0.1"]
    )
    assert policy.violation("127.0.0.1") is None
    assert policy.violation("fd00::1") is None
    assert policy.violation("10.0.0.1")


@pytest.mark.parametrize("form", wrapped_forms(IPv4Address(0)))
def test_a_wrapped_address_is_allowed_by_what_is_inside_not_by_its_shell(form):
    wrapped = wrapped_forms(IPv4Address("127.0.0.1"))[form]
    assert HostPolicy.build(allowed=["127.0.0.0/8"], own=[]).violation(wrapped) is None
    assert HostPolicy.build(allowed=["::/0"], own=[]).violation(wrapped)


def test_our_own_addresses_are_refused_though_they_be_public():
    policy = HostPolicy.build(own=["9.9.9.9", "2600::9"])
    assert "own" in policy.violation("9.9.9.9")
    assert "own" in policy.violation("2600::9")
    assert "own" in policy.violation("::ffff:9.9.9.9")
    assert policy.violation("9.9.9.10") is None


def test_forbidden_networks_are_refused_though_they_be_public():
    policy = HostPolicy.build(forbidden=["9.9.9.0/24", "2002::/16"], own=[])
    assert "keeps to itself" in policy.violation("9.9.9.1")
    assert "keeps to itself" in policy.violation("64:ff9b::909:901")
    assert "keeps to itself" in policy.violation("2002:808:808::1")


def test_the_addresses_of_this_machine_are_known_without_being_told():
    own = hosts.own_addresses()
    assert "127.0.0.1" in own
    assert "own" in HostPolicy.build().violation("127.0.0.1")


@pytest.mark.parametrize("text", ["10.0.0.1/8", "nonsense", "::ffff:10.0.0.0/104"])
def test_a_network_that_could_never_match_is_an_error(text):
    with pytest.raises(ValueError, match=r"."):
        HostPolicy.build(forbidden=[text])


# Names


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
    monkeypatch.setattr(hosts, "getaddrinfo", answers("2600::1", "9.9.9.9", "9.9.9.9", "8.8.8.8"))
    assert resolve("carrier.example") == ["9.9.9.9", "8.8.8.8", "2600::1"]


def test_an_address_is_its_own_answer(monkeypatch):
    monkeypatch.setattr(hosts, "getaddrinfo", never_called)
    assert resolve("9.9.9.9") == ["9.9.9.9"]
    assert resolve("2600:0::1") == ["2600::1"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (socket.EAI_NONAME, "does not exist"),
        (socket.EAI_AGAIN, "did not answer"),
        (socket.EAI_FAIL, "look-up failed"),
    ],
)
def test_a_failed_look_up_names_its_cause(monkeypatch, code, said):
    def fails(*args, **kwargs):
        raise socket.gaierror(code, "as it is")

    monkeypatch.setattr(hosts, "getaddrinfo", fails)
    with pytest.raises(ResolveError, match=f"carrier.example.*{said}"):
        resolve("carrier.example")


def test_a_name_without_addresses_is_an_error(monkeypatch):
    monkeypatch.setattr(hosts, "getaddrinfo", answers())
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

    monkeypatch.setattr(hosts, "getaddrinfo", getaddrinfo)
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
    monkeypatch.setattr(hosts, "getaddrinfo", answers("9.9.9.9"))
    child = os.fork()
    if child == 0:
        found = resolve_many(["dead.example"], timeout=10)
        os._exit(0 if found == {"dead.example": ["9.9.9.9"]} else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_name_is_asked_again_after_it_was_answered(monkeypatch):
    monkeypatch.setattr(hosts, "getaddrinfo", answers("9.9.9.9"))
    assert resolve("carrier.example") == ["9.9.9.9"]
    monkeypatch.setattr(hosts, "getaddrinfo", answers("8.8.8.8"))
    assert resolve("carrier.example") == ["8.8.8.8"]


def test_a_name_is_refused_when_any_of_its_answers_is(monkeypatch):
    monkeypatch.setattr(hosts, "getaddrinfo", answers("9.9.9.9", "2600::1", "::ffff:10.0.0.1"))
    with pytest.raises(HostRefused, match=r"carrier\.example \(::ffff:10\.0\.0\.1\).*private"):
        checked_addresses("carrier.example", POLICY)


def test_a_name_with_good_answers_gives_all_of_them(monkeypatch):
    monkeypatch.setattr(hosts, "getaddrinfo", answers("2600::1", "9.9.9.9"))
    assert checked_addresses("carrier.example", POLICY) == ["9.9.9.9", "2600::1"]


def test_a_link_local_answer_is_refused_with_its_zone(monkeypatch):
    monkeypatch.setattr(hosts, "getaddrinfo", answers("fe80::1%eth0"))
    with pytest.raises(HostRefused, match="zone"):
        checked_addresses("carrier.example", POLICY)


def test_a_spelling_that_only_the_resolver_knows_is_judged_by_what_it_means():
    with pytest.raises(HostRefused, match="127.0.0.1"):
        checked_addresses("0x7f.1", POLICY)
