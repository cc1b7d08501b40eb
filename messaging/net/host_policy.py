"""The host policy: to which addresses this system connects (its defence against SSRF)."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

import psutil
from django.conf import settings

from messaging.net.public_addresses import IpAddress, IpNetwork, not_public, unwrap


def host_policy() -> HostPolicy:
    """The policy that the settings say. Build it for one request or pass: this machine's own
    addresses change."""
    return HostPolicy.build(
        allowed=settings.SMPP_ALLOWED_NETWORKS, forbidden=settings.SMPP_FORBIDDEN_NETWORKS
    )


@dataclass(frozen=True)
class HostPolicy:
    """Public unicast addresses are allowed, except this installation's own.

    `allowed` networks win over everything else. `forbidden` networks and `own` addresses are
    refused even where they are public. An IPv6 address that wraps IPv4 ones (IPv4-mapped, NAT64,
    6to4, Teredo) is allowed if each inner address is.
    """

    allowed: tuple[IpNetwork, ...] = ()
    forbidden: tuple[IpNetwork, ...] = ()
    own: frozenset[IpAddress] = field(default_factory=frozenset)

    @classmethod
    def build(
        cls,
        *,
        allowed: Iterable[str] = (),
        forbidden: Iterable[str] = (),
        own: Iterable[str] | None = None,
    ) -> HostPolicy:
        """Build the policy from CIDR texts (`SMPP_ALLOWED_NETWORKS`, `SMPP_FORBIDDEN_NETWORKS`).

        `own` defaults to this machine's interface addresses. They change, so build a policy for
        each pass or request and do not keep it. Raises ValueError for a text that is no CIDR.
        """
        return cls(
            allowed=_networks(allowed),
            forbidden=_networks(forbidden),
            own=frozenset(ip_address(a) for a in (own_addresses() if own is None else own)),
        )

    def violation(self, address: str | IpAddress) -> str | None:
        """Why `address` must not be connected to, as the end of "the address …"; None if it may."""
        if isinstance(address, str):
            try:
                address = ip_address(address)
            except ValueError:
                return "is not an IP address"
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            return "has a zone (%…), which means something on one machine only"
        return self._violation(address)

    def _violation(self, address: IpAddress) -> str | None:
        form, inner = unwrap(address)
        allowed = _within(address, self.allowed)
        if allowed and not form:
            return None
        if not allowed and (reason := self._own_or_forbidden(address)):
            return reason
        if not form:
            return not_public(address)
        for wrapped in inner:
            reason = self._violation(wrapped)
            if reason:
                return f"stands for {wrapped} ({form}), which {reason}"
        return None

    def _own_or_forbidden(self, address: IpAddress) -> str | None:
        if address in self.own:
            return "is one of this machine's own"
        if _within(address, self.forbidden):
            return "is in a network that this installation keeps to itself"
        return None


def own_addresses() -> list[str]:
    """The addresses of this machine's interfaces, IPv4 and IPv6, without zones."""
    return [
        entry.address.partition("%")[0]
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    ]


def _networks(texts: Iterable[str]) -> tuple[IpNetwork, ...]:
    networks = tuple(ip_network(text.strip()) for text in texts)
    for network in networks:
        # It would never match: wrapped addresses are judged by the IPv4 address inside.
        if isinstance(network.network_address, IPv6Address) and network.prefixlen > 0:
            form, inner = unwrap(network.network_address)
            if form in ("IPv4-mapped", "NAT64") and network.prefixlen > 96:
                raise ValueError(f"{network} is {form}: write the IPv4 network ({inner[0]}/…)")
    return networks


def _within(address: IpAddress, networks: Iterable[IpNetwork]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
