"""Which hosts may be connected to, and at which address: the SSRF wall of this system.

A host is resolved once, every answer is judged, and whoever connects uses the address that was
judged, never the name again (the next look-up could say something else: DNS rebinding).
Nothing here reads settings; callers pass them in. `getaddrinfo` is a module name so that tests can
put another resolver in its place.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

import psutil

from messaging.net.hostnames import normalise_host
from messaging.net.public_addresses import Address, Network, not_public, unwrap

__all__ = [
    "HostError",
    "HostPolicy",
    "HostRefused",
    "ResolveError",
    "checked_addresses",
    "normalise_host",
    "own_addresses",
    "resolve",
    "resolve_many",
]

getaddrinfo = socket.getaddrinfo

RESOLVE_TIMEOUT = 5.0  # seconds
_LOOKUPS_AT_A_TIME = 128  # the rest wait for their turn


class HostError(Exception):
    """This host cannot be connected to. The message names host and cause."""


class ResolveError(HostError):
    """The name has no address: it does not exist, or no name server answered in time."""


class HostRefused(HostError):
    """The host policy forbids an address that the name stands for."""

    def __init__(self, host: str, address: str, reason: str) -> None:
        where = host if host == address else f"{host} ({address})"
        super().__init__(f"{where} is not allowed: the address {reason}")
        self.host = host
        self.address = address
        self.reason = reason


@dataclass(frozen=True)
class HostPolicy:
    """The host policy: public unicast addresses only, and none of ours.

    `allowed` wins over everything else for the addresses in it; `forbidden` and `own` are refused
    though they be public. Addresses that wrap IPv4 ones (IPv4-mapped, NAT64, 6to4, Teredo) are
    judged by what they wrap: each inner address must pass.
    """

    allowed: tuple[Network, ...] = ()
    forbidden: tuple[Network, ...] = ()
    own: frozenset[Address] = field(default_factory=frozenset)

    @classmethod
    def build(
        cls,
        *,
        allowed: Iterable[str] = (),
        forbidden: Iterable[str] = (),
        own: Iterable[str] | None = None,
    ) -> HostPolicy:
        """From CIDR texts (`SMPP_ALLOWED_NETWORKS`, `SMPP_FORBIDDEN_NETWORKS`).

        `own` defaults to this machine's interface addresses now; they change, so build a policy
        for each pass or request and do not keep it. Raises ValueError for a text that is no CIDR.
        """
        return cls(
            allowed=_networks(allowed),
            forbidden=_networks(forbidden),
            own=frozenset(ip_address(a) for a in (own_addresses() if own is None else own)),
        )

    def violation(self, address: str | Address) -> str | None:
        """Why `address` must not be connected to, as the end of "the address …"; None if it may."""
        if isinstance(address, str):
            try:
                address = ip_address(address)
            except ValueError:
                return "is not an IP address"
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            return "has a zone (%…), which means something on one machine only"
        return self._judge(address)

    def _judge(self, address: Address) -> str | None:
        form, inner = unwrap(address)
        allowed = _within(address, self.allowed)
        if allowed and not form:
            return None
        if not allowed and (ours := self._ours(address)):
            return ours
        if not form:
            return not_public(address)
        for wrapped in inner:
            reason = self._judge(wrapped)
            if reason:
                return f"stands for {wrapped} ({form}), which {reason}"
        return None

    def _ours(self, address: Address) -> str | None:
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


def resolve(host: str, *, timeout: float = RESOLVE_TIMEOUT) -> list[str]:
    """All addresses of `host`, IPv4 first, each once; an IP address without a look-up.

    `host` is in the spelling of `normalise_host`. Takes at most `timeout` seconds.
    Raises ResolveError.
    """
    answer = resolve_many([host], timeout=timeout)[host]
    if isinstance(answer, ResolveError):
        raise answer
    return answer


def resolve_many(
    hosts: Iterable[str], *, timeout: float = RESOLVE_TIMEOUT
) -> dict[str, list[str] | ResolveError]:
    """`resolve` for many hosts at once: `{host: addresses or the error}`, one deadline for all."""
    deadline = time.monotonic() + timeout
    lookups = {host: _Lookup.of(host) for host in hosts}
    answers: dict[str, list[str] | ResolveError] = {}
    for host, lookup in lookups.items():
        if lookup.done.wait(max(0.0, deadline - time.monotonic())):
            answers[host] = lookup.answer
        else:
            answers[host] = ResolveError(f"{host}: no answer from the name server in {timeout:g} s")
    return answers


def checked_addresses(
    host: str, policy: HostPolicy, *, timeout: float = RESOLVE_TIMEOUT
) -> list[str]:
    """The addresses of `host`, every one of them within `policy`.

    One bad answer spoils all: a name that points at us and elsewhere is not to be trusted with
    either. Raises ResolveError or HostRefused (both HostError).
    """
    addresses = resolve(host, timeout=timeout)
    for address in addresses:
        reason = policy.violation(address)
        if reason:
            raise HostRefused(host, address, reason)
    return addresses


class _Lookup:
    """One name being looked up in a thread of its own, since getaddrinfo cannot be interrupted.

    Callers who ask for a name that is still being looked up join that look-up: a dead name server
    costs one waiting thread a name, however often it is asked.
    """

    _running: dict[str, _Lookup] = {}
    _lock = threading.Lock()
    _slots = threading.Semaphore(_LOOKUPS_AT_A_TIME)

    def __init__(self, host: str) -> None:
        self.host = host
        self.done = threading.Event()
        self.answer: list[str] | ResolveError = ResolveError(f"{host}: not looked up")

    @classmethod
    def of(cls, host: str) -> _Lookup:
        with cls._lock:
            lookup = cls._running.get(host)
            if lookup is None:
                lookup = cls(host)
                literal = _as_literal(host)
                if literal:
                    lookup.answer = [literal]
                    lookup.done.set()
                else:
                    cls._running[host] = lookup
                    threading.Thread(target=lookup._run, name=f"dns-{host}", daemon=True).start()
            return lookup

    @classmethod
    def forget(cls) -> None:
        """In a forked child: the threads did not come along, and a lock may be held by one."""
        cls._running = {}
        cls._lock = threading.Lock()
        cls._slots = threading.Semaphore(_LOOKUPS_AT_A_TIME)

    def _run(self) -> None:
        try:
            with self._slots:
                self.answer = _look_up(self.host)
        finally:
            with self._lock:
                self._running.pop(self.host, None)
            self.done.set()


os.register_at_fork(after_in_child=_Lookup.forget)


def _look_up(host: str) -> list[str] | ResolveError:
    try:
        answers = getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return ResolveError(_cause(host, error))
    except (OSError, UnicodeError) as error:
        return ResolveError(f"{host}: look-up failed ({error})")
    found = dict.fromkeys(answer[4][0] for answer in answers)
    if not found:
        return ResolveError(f"{host} has no address")
    return sorted(found, key=lambda address: ":" in address)  # stable: IPv4 first


def _cause(host: str, error: socket.gaierror) -> str:
    if error.errno == socket.EAI_NONAME:
        return f"{host} does not exist in the DNS"
    if error.errno == getattr(socket, "EAI_NODATA", None):
        return f"{host} exists in the DNS but has no address"
    if error.errno == socket.EAI_AGAIN:
        return f"{host}: the name server did not answer"
    return f"{host}: look-up failed ({error.strerror})"


def _as_literal(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def _networks(texts: Iterable[str]) -> tuple[Network, ...]:
    networks = tuple(ip_network(text.strip()) for text in texts)
    for network in networks:
        # It would never match: wrapped addresses are judged by the IPv4 address inside.
        if isinstance(network.network_address, IPv6Address) and network.prefixlen > 0:
            form, inner = unwrap(network.network_address)
            if form in ("IPv4-mapped", "NAT64") and network.prefixlen > 96:
                raise ValueError(f"{network} is {form}: write the IPv4 network ({inner[0]}/…)")
    return networks


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
