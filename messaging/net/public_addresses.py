"""Which IP addresses are public unicast addresses. Pure: no settings, no look-ups.

`ipaddress.is_global` is no help here: Python 3.11 calls multicast, 192.0.0.8, 192.88.99.1,
64:ff9b::7f00:1 (127.0.0.1 behind NAT64) and 2002:7f00:1:: (127.0.0.1 behind 6to4) global.
"""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
)

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

# IANA special-purpose registries (RFC 6890 and its updates), with what each range is.
_SPECIAL: tuple[tuple[IpNetwork, str], ...] = tuple(
    (ip_network(text), why)
    for text, why in (
        ("0.0.0.0/8", "is not an address of a host (this network)"),
        ("10.0.0.0/8", "is private"),
        ("100.64.0.0/10", "is shared address space inside a provider (carrier-grade NAT)"),
        ("127.0.0.0/8", "is loopback"),
        ("169.254.0.0/16", "is link-local (cloud metadata services live there)"),
        ("172.16.0.0/12", "is private"),
        ("192.0.0.0/24", "is reserved for protocol assignments"),
        ("192.0.2.0/24", "is for documentation"),
        ("192.31.196.0/24", "is a DNS sink (AS112)"),
        ("192.52.193.0/24", "is a multicast relay (AMT)"),
        ("192.88.99.0/24", "is a 6to4 relay"),
        ("192.168.0.0/16", "is private"),
        ("192.175.48.0/24", "is a DNS sink (AS112)"),
        ("198.18.0.0/15", "is for benchmarks"),
        ("198.51.100.0/24", "is for documentation"),
        ("203.0.113.0/24", "is for documentation"),
        ("224.0.0.0/4", "is multicast"),
        ("255.255.255.255/32", "is broadcast"),
        ("240.0.0.0/4", "is reserved"),
        ("::/128", "is not an address of a host (unspecified)"),
        ("::1/128", "is loopback"),
        ("64:ff9b:1::/48", "is a NAT64 prefix for local use"),
        ("100::/64", "is discarded by routers"),
        ("2001::/23", "is reserved for protocol assignments"),
        ("2001:db8::/32", "is for documentation"),
        ("2620:4f:8000::/48", "is a DNS sink (AS112)"),
        ("3fff::/20", "is for documentation"),
        ("5f00::/16", "is for segment routing"),
        ("fc00::/7", "is private (unique local)"),
        ("fe80::/10", "is link-local"),
        ("fec0::/10", "is site-local"),
        ("ff00::/8", "is multicast"),
    )
)

# RFC 4291 §2.4 calls more of the space global unicast, but only this block is handed out (IANA).
_GLOBAL_UNICAST = IPv6Network("2000::/3")

_IPV4_MAPPED = IPv6Network("::ffff:0:0/96")  # RFC 4291 §2.5.5.2
_IPV4_COMPATIBLE = IPv6Network("::/96")  # RFC 4291 §2.5.5.1
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_SIX_TO_FOUR = IPv6Network("2002::/16")  # RFC 3056
_TEREDO = IPv6Network("2001::/32")  # RFC 4380


def unwrap(address: IpAddress) -> tuple[str, tuple[IPv4Address, ...]]:
    """`(form, inner addresses)` of an IPv6 address that wraps IPv4 ones, else `("", ())`.

    A connection to such an address reaches or passes through the inner one, so the host policy
    judges the inner ones. Teredo has two: the server, and the client with its bits flipped.
    """
    if isinstance(address, IPv4Address):
        return "", ()
    bits = int(address)
    low = IPv4Address(bits & 0xFFFFFFFF)
    if address in _IPV4_MAPPED:
        return "IPv4-mapped", (low,)
    if address in _NAT64:
        return "NAT64", (low,)
    if address in _SIX_TO_FOUR:
        return "6to4", (IPv4Address(bits >> 80 & 0xFFFFFFFF),)
    if address in _TEREDO:
        server = IPv4Address(bits >> 64 & 0xFFFFFFFF)
        return "Teredo", (server, IPv4Address(int(low) ^ 0xFFFFFFFF))
    if address in _IPV4_COMPATIBLE and bits > 1:  # :: and ::1 are themselves
        return "IPv4-compatible", (low,)
    return "", ()


def not_public(address: IpAddress) -> str | None:
    """Why `address`, taken literally, is no ordinary public unicast address; None if it is one."""
    for network, why in _SPECIAL:
        if address in network:
            return why
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "is outside the global unicast range 2000::/3"
    return None
