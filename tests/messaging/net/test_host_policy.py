"""The host policy: which addresses are allowed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.net import host_policy, public_addresses
from messaging.net.host_policy import HostPolicy

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
    if POLICY.violation(address) is None and not public_addresses.unwrap(address)[0]:
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
    own = host_policy.own_addresses()
    assert "127.0.0.1" in own
    assert "own" in HostPolicy.build().violation("127.0.0.1")


@pytest.mark.parametrize("text", ["10.0.0.1/8", "nonsense", "::ffff:10.0.0.0/104"])
def test_a_network_that_could_never_match_is_an_error(text):
    with pytest.raises(ValueError, match=r"."):
        HostPolicy.build(forbidden=[text])
