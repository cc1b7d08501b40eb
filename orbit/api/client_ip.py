"""The client's IP address of a request, and networks of addresses."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence
from typing import Any

from django.conf import settings

_KEPT = "_client_address"  # attribute of the request: authentication, limits, audit and log use it
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(request: Any) -> str:
    """The client's IP address: the socket's, or, behind `TRUSTED_PROXIES`, the right-most hop of
    X-Forwarded-For that is none of them. "" when the server knows no address (a Unix socket).
    """
    kept = getattr(request, "_request", request).__dict__
    if _KEPT not in kept:
        kept[_KEPT] = _client_address(request)
    return kept[_KEPT]


def _client_address(request: Any) -> str:
    peer = parse_address(request.META.get("REMOTE_ADDR", ""))
    if peer is None:
        return ""
    trusted = parse_networks(tuple(settings.TRUSTED_PROXIES))
    if not within(peer, trusted):
        return str(peer)
    client = peer
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = parse_address(hop)
        if address is None:
            break  # the client may have invented all that stands before it
        client = address
        if not within(address, trusted):
            break
    return str(client)


def is_forwarded(request: Any) -> bool:
    """Whether one of `TRUSTED_PROXIES` hands the request over."""
    peer = parse_address(request.META.get("REMOTE_ADDR", ""))
    return peer is not None and within(peer, parse_networks(tuple(settings.TRUSTED_PROXIES)))


def network_of(address: str) -> str:
    """The network that limits count an address by: of IPv6 the /64, which one customer has."""
    parsed = parse_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


def parse_address(text: str) -> Address | None:
    """Read an IPv4 or IPv6 address, with or without a port; an IPv4-mapped one becomes IPv4.

    A zone (`fe80::1%eth0`) is left out: it is any text, and means nothing on other machines.
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@functools.lru_cache(maxsize=256)
def parse_networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Read addresses or CIDR, host bits allowed; raises ValueError."""
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts)


def within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def outside(texts: Sequence[str], own: Sequence[str]) -> list[str]:
    """The entries of `texts` (addresses or CIDR) that are not wholly inside `own`."""
    networks = parse_networks(tuple(own))
    return [
        text
        for text, network in zip(texts, parse_networks(tuple(texts)), strict=True)
        if not any(network.version == one.version and network.subnet_of(one) for one in networks)
    ]
