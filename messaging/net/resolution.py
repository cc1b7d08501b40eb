"""DNS resolution, and the addresses of a host that the host policy allows.

Resolve a host once, check every address, and connect to a checked address, never to the name: the
next look-up could answer otherwise (DNS rebinding). `getaddrinfo` is a name of this module so that
tests can replace the resolver.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from ipaddress import ip_address

from django.conf import settings

from messaging.net.host_policy import HostPolicy

getaddrinfo = socket.getaddrinfo

RESOLVE_TIMEOUT = 5.0  # seconds
_LOOKUPS_AT_A_TIME = 128  # others wait


class HostError(Exception):
    """Do not connect to this host. The message names host and cause."""


class ResolveError(HostError):
    """The name has no address: it does not exist, or no name server answered in time."""


class NoAnswer(ResolveError):
    """No name server answered in time: it may still."""


class HostRefused(HostError):
    """The host policy refuses an address of the host."""

    def __init__(self, host: str, address: str, reason: str) -> None:
        where = host if host == address else f"{host} ({address})"
        super().__init__(f"{where} is not allowed: the address {reason}")
        self.host = host
        self.address = address
        self.reason = reason


def resolve(host: str, *, timeout: float = RESOLVE_TIMEOUT, owner: str = "") -> list[str]:
    """All addresses of `host`, IPv4 first, each once; an IP address without a look-up.

    `host` is in the spelling of `normalise_host`. Takes at most `timeout` seconds.
    `owner`: whose look-up it is (`resolve_many`). Raises ResolveError.
    """
    answer = resolve_many([host], timeout=timeout, owners={host: owner})[host]
    if isinstance(answer, ResolveError):
        raise answer
    return answer


def resolve_many(
    hosts: Iterable[str],
    *,
    timeout: float = RESOLVE_TIMEOUT,
    owners: Mapping[str, str] | None = None,
) -> dict[str, list[str] | ResolveError]:
    """`resolve` for many hosts at once: `{host: addresses or the error}`, one deadline for all.

    `owners`: the organisation of a host. One has DNS_LOOKUPS_PER_ORGANIZATION under way at a time
    in a process: names of a dead name server keep the other organisations' waiting no longer.
    """
    deadline = time.monotonic() + timeout
    owners = owners or {}
    lookups = {host: _Lookup.of(host, owners.get(host, ""), deadline) for host in hosts}
    answers: dict[str, list[str] | ResolveError] = {}
    for host, lookup in lookups.items():
        if lookup.done.wait(max(0.0, deadline - time.monotonic())):
            answers[host] = lookup.answer
        else:
            answers[host] = NoAnswer(f"{host}: no answer from the name server in {timeout:g} s")
    return answers


def checked_addresses(
    host: str, policy: HostPolicy, *, timeout: float = RESOLVE_TIMEOUT, owner: str = ""
) -> list[str]:
    """All addresses of `host`, if `policy` allows every one of them.

    One refused address refuses the host: a name that points both here and elsewhere is not trusted
    for either. Raises ResolveError or HostRefused (both HostError).
    """
    answer = checked(host, resolve(host, timeout=timeout, owner=owner), policy)
    if isinstance(answer, HostError):
        raise answer
    return answer


def checked(
    host: str, answer: list[str] | ResolveError, policy: HostPolicy
) -> list[str] | HostError:
    """The answer of `resolve_many` for this host, or why the policy refuses it."""
    if isinstance(answer, ResolveError):
        return answer
    for address in answer:
        if reason := policy.violation(address):
            return HostRefused(host, address, reason)
    return answer


class _Lookup:
    """One look-up, in a thread since getaddrinfo cannot be interrupted.

    A second caller for the same name and owner joins the look-up that is running: a dead name
    server costs one waiting thread per name, however often the name is asked for. Those that wait
    for a thread of their owner have none, and are dropped once nobody waits for them.
    """

    _running: dict[tuple[str, str], _Lookup] = {}
    _waiting: dict[str, deque[_Lookup]] = {}  # by owner
    _threads: Counter[str] = Counter()  # by owner
    _lock = threading.Lock()
    _slots = threading.Semaphore(_LOOKUPS_AT_A_TIME)

    def __init__(self, host: str, owner: str, until: float) -> None:
        self.host, self.owner, self.until = host, owner, until
        self.done = threading.Event()
        self.answer: list[str] | ResolveError = ResolveError(f"{host}: not looked up")

    @classmethod
    def of(cls, host: str, owner: str, until: float) -> _Lookup:
        """`until`: the caller's deadline, by the monotonic clock."""
        with cls._lock:
            lookup = cls._running.get((owner, host))
            if lookup is not None:
                lookup.until = max(lookup.until, until)
                return lookup
            lookup = cls(host, owner, until)
            if literal := as_literal(host):
                lookup.answer = [literal]
                lookup.done.set()
                return lookup
            cls._running[owner, host] = lookup
            most = settings.DNS_LOOKUPS_PER_ORGANIZATION if owner else _LOOKUPS_AT_A_TIME
            if cls._threads[owner] < most:
                cls._threads[owner] += 1
                threading.Thread(target=lookup._run, name=f"dns-{host}", daemon=True).start()
            else:
                cls._waiting.setdefault(owner, deque()).append(lookup)
            return lookup

    @classmethod
    def forget(cls) -> None:
        """For a forked child: the parent's threads are missing there and may have held a lock."""
        cls._running, cls._waiting, cls._threads = {}, {}, Counter()
        cls._lock = threading.Lock()
        cls._slots = threading.Semaphore(_LOOKUPS_AT_A_TIME)

    def _run(self) -> None:
        """In a thread of the owner: this one, and then those that wait for a thread."""
        lookup: _Lookup | None = self
        while lookup:
            try:
                with self._slots:
                    lookup.answer = _look_up(lookup.host)
            finally:
                with self._lock:
                    lookup._end()
                    lookup = self._next(self.owner)

    @classmethod
    def _next(cls, owner: str) -> _Lookup | None:
        """The longest waiting one that is still waited for; None ends the thread."""
        waiting = cls._waiting.get(owner, ())
        while waiting:
            lookup = waiting.popleft()
            if lookup.until > time.monotonic():
                return lookup
            lookup._end()
        cls._waiting.pop(owner, None)
        cls._threads[owner] -= 1
        if not cls._threads[owner]:
            del cls._threads[owner]
        return None

    def _end(self) -> None:
        self._running.pop((self.owner, self.host), None)
        self.done.set()


os.register_at_fork(after_in_child=_Lookup.forget)


def _look_up(host: str) -> list[str] | ResolveError:
    try:
        answers = getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return ResolveError(_cause(host, error))
    except Exception as error:  # OSError, UnicodeError; any would end the owner's thread
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


def as_literal(host: str) -> str | None:
    """The address that `host` is, in its usual spelling; None for a name."""
    try:
        return str(ip_address(host))
    except ValueError:
        return None
