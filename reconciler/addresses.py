"""Which address of its host a connector is given: Jasmin never gets a name.

All names of a pass are resolved concurrently and with one deadline, before it holds the gateway's
lock: names of a dead name server keep no pass of others waiting.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from django.db.models import Q

from messaging.credentials.loops import OwnServers
from messaging.credentials.models import Credential
from messaging.net import resolution
from messaging.net.host_policy import host_policy
from reconciler.models import ConnectorRecord, Gateway

RESOLVE_TIMEOUT = 3.0  # seconds, for all names of a pass together
HASTE = 0.2  # seconds, for names that were written since `look_up`: others wait for this pass

Answers = Mapping[str, list[str] | resolution.ResolveError]  # by host


def look_up(gateway: Gateway, *, organization_id: str = "") -> Answers:
    """The addresses of all hosts on this gateway, or of one organisation's. Slow (up to 3 s)."""
    rows = Credential.objects.live().filter(
        Q(organization__placement__gateway=gateway) | Q(organization__placement__leaving=gateway)
    )
    if organization_id:
        rows = rows.filter(organization=organization_id)
    hosts = rows.order_by().values_list("host", "organization_id").distinct()
    return _resolve(hosts, OwnServers.now(), {}, timeout=RESOLVE_TIMEOUT)


def choose(
    credentials: Sequence[Credential], bound: Collection[str], answers: Answers | None = None
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Choose each credential's address: (chosen, refused, unresolved), by gateway key.

    Carriers rotate their DNS answers, so the address in use stays while it is among them or its
    bind is up, unless the policy forbids it by now. A connector that is refused keeps its address
    too: it is stopped, not removed. `answers`: of `look_up`; without them it is slow.
    """
    own = OwnServers.now()
    violation = functools.cache(host_policy().violation)  # many credentials share an address
    hosts = [(each.host, each.organization_id) for each in credentials]
    timeout = RESOLVE_TIMEOUT if answers is None else HASTE
    answers = _resolve(hosts, own, answers or {}, timeout=timeout)
    chosen: dict[str, str] = {}
    refused: dict[str, str] = {}
    unresolved: dict[str, str] = {}
    for credential in credentials:
        key, record = credential.gateway_key, ConnectorRecord.of(credential)
        answer = answers[credential.host]
        current = record.address if record.host == credential.host else ""
        if isinstance(answer, resolution.HostError):
            unresolved[key] = str(answer)
            answer = []
        known = answer or ([current] if current else [])
        reason = _violation(violation, credential.host, known)
        if not reason and (loop := own.refusal(credential.host, credential.port, known, answers)):
            reason = f"{credential.host} {loop}"
        if reason:
            refused[key] = reason
        stays = current in answer or (key in bound and not violation(current))
        chosen[key] = current if reason or not answer or (current and stays) else answer[0]
    return {key: address for key, address in chosen.items() if address}, refused, unresolved


def _resolve(
    hosts: Iterable[tuple[str, str]], own: OwnServers, known: Answers, *, timeout: float
) -> Answers:
    """`known`, and the answers that are missing there. `hosts`: each with its organisation."""
    owners = dict.fromkeys(own.hosts, "")
    for host, owner in hosts:
        # A name of several waits behind none of them.
        owners[host] = owner if owners.get(host, owner) == owner else ""
    missing = owners.keys() - known.keys()
    return {**known, **resolution.resolve_many(missing, timeout=timeout, owners=owners)}


def _violation(violation: Callable[[str], str], host: str, addresses: Sequence[str]) -> str:
    for address in addresses:
        if reason := violation(address):
            return str(resolution.HostRefused(host, address, reason))
    return ""
