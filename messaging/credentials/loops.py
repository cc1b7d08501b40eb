"""Refuse credentials that lead to a gateway of this site: its messages would come in again as a
platform's, in a loop.

A gateway's SMPP server is known by the address that organisations bind to (perhaps a NAT's) and by
those at which this site reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings

from messaging.net.host_policy import HostPolicy
from messaging.net.public_addresses import IpAddress, unwrap
from messaging.net.resolution import ResolveError

REASON = "is a gateway of this installation: messages would go round in a loop"


_servers: Callable[[], Iterable[tuple[str, int]]] = tuple


def know(servers: Callable[[], Iterable[tuple[str, int]]]) -> None:
    """Register the function that gives host and port of our gateways' SMPP servers, once."""
    global _servers  # noqa: PLW0603 - as of the gateway port
    _servers = servers


@dataclass(frozen=True)
class OwnServers:
    """The SMPP servers of our gateways, by host as written and port."""

    servers: frozenset[tuple[str, int]]

    @classmethod
    def now(cls) -> OwnServers:
        return cls(frozenset((_plain(host), port) for host, port in _servers()))

    @property
    def hosts(self) -> set[str]:
        """The hosts that the caller has to resolve for `refusal`."""
        return {host for host, _ in self.servers}

    def refusal(
        self,
        host: str,
        port: int,
        addresses: Iterable[str],
        answers: Mapping[str, Sequence[str] | ResolveError],
    ) -> str:
        """Say why a credential may not have this host and port, "" if it may.

        `addresses` of the host, `answers` of `hosts`. An address of ours is refused with every
        port, except where SMPP_ALLOWED_NETWORKS names it: carriers may share loopback with us.
        """
        if (_plain(host), port) in self.servers:
            return REASON
        theirs = _forms(addresses)
        for own, own_port in self.servers:
            answer = answers.get(own, [])
            ours = set() if isinstance(answer, ResolveError) else _forms(answer)
            for address in theirs & ours:
                if port == own_port or not _is_allowed(address):
                    return REASON
        return ""


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _forms(addresses: Iterable[str]) -> set[IpAddress]:
    """The addresses with those that they embed (IPv4-mapped, NAT64, …)."""
    found: set[IpAddress] = set()
    for text in addresses:
        address = ip_address(text)
        found |= {address, *_inner(address)}
    return found


def _inner(address: IpAddress) -> Collection[IpAddress]:
    _, inner = unwrap(address)
    return inner


def _is_allowed(address: IpAddress) -> bool:
    policy = HostPolicy.build(allowed=settings.SMPP_ALLOWED_NETWORKS, own=[])
    return any(address in network for network in policy.allowed)
