"""Which address a request comes from."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from orbit.api.client_ip import client_address, parse_address, parse_networks


def seen(peer: str, forwarded: str | None = None) -> str:
    meta = {"REMOTE_ADDR": peer}
    if forwarded is not None:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(SimpleNamespace(META=meta))


def test_it_is_the_address_of_the_socket():
    assert seen("198.51.100.7") == "198.51.100.7"


def test_an_untrusted_peer_cannot_name_another_address():
    assert seen("198.51.100.7", "203.0.113.1") == "198.51.100.7"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.1", "203.0.113.1"),
        ("1.1.1.1, 203.0.113.1", "203.0.113.1"),  # the left part is the client's own invention
        ("203.0.113.1, 10.0.0.9", "203.0.113.1"),
        ("10.0.0.8, 10.0.0.9", "10.0.0.8"),
        ("203.0.113.1:4711", "203.0.113.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("1.1.1.1, garbage, 10.0.0.9", "10.0.0.9"),
        ("", "10.0.0.1"),
        ("garbage", "10.0.0.1"),
        ("fe80::1%eth0", "fe80::1"),  # a zone is any text, and as long as one likes
        (f"[2001:db8::1%{'a' * 3000}]:4711", "2001:db8::1"),
    ],
)
def test_behind_our_proxies_it_is_the_first_hop_that_is_not_ours(settings, forwarded, client):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert seen("10.0.0.1", forwarded) == client


def test_a_unix_socket_has_none():
    assert seen("") == ""


def test_networks_are_read_or_refused():
    assert [str(found) for found in parse_networks(("10.0.0.1", "10.0.0.1/8", "::1"))] == [
        "10.0.0.1/32",
        "10.0.0.0/8",
        "::1/128",
    ]
    with pytest.raises(ValueError):
        parse_networks(("10.0.0.0/33",))
    assert parse_address("not an address") is None
