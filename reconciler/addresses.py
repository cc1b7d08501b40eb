"""Which address of its host a connector is given: Jasmin never gets a name.

All names of a pass are resolved concurrently and with one deadline, before it holds the gateway's
lock: names of a dead name server keep no pass of others waiting.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from messaging.credentials.loops import OwnServers
from messaging.credentials.models import Credential
from messaging.net import resolution
from messaging.net.host_policy import host_policy
from reconciler.models import ConnectorRecord, Gateway

RESOLVE_TIMEOUT = 3.0  # seconds, for all names of a pass together
# Seconds for names that were written since `look_up`: others wait for this pass. The request that
# wrote them has just asked for them, so a name server that answers knows them.
HASTE = 0.05

Answers = Mapping[str, list[str] | resolution.ResolveError]  # by host


@dataclass(frozen=True)
class Chosen:
    """By gateway key.

    - `addresses`: of the host. `backups`: `{host: address}` of those backups that have one.
    - `refused`: why the host may not be connected to. `unresolved`: why it has no address now.
    - `without`: why some of the backups are left out.
    """

    addresses: Mapping[str, str]
    backups: Mapping[str, Mapping[str, str]]
    refused: Mapping[str, str]
    unresolved: Mapping[str, str]
    without: Mapping[str, str]


def look_up(gateway: Gateway, *, organization_id: str = "") -> Answers:
    """The addresses of all hosts on this gateway, or of one organisation's. Slow (up to 3 s)."""
    rows = Credential.objects.live().filter(
        Q(organization__placement__gateway=gateway) | Q(organization__placement__leaving=gateway)
    )
    if organization_id:
        rows = rows.filter(organization=organization_id)
    found = rows.order_by().values_list("host", "backups", "organization_id")
    hosts = {
        (each, owner)
        for host, backups, owner in found
        for each in (host, *(backup["host"] for backup in backups))
    }
    return _resolve(hosts, OwnServers.now(), {}, timeout=RESOLVE_TIMEOUT)


def choose(
    credentials: Sequence[Credential],
    bound: Mapping[str, Collection[str]],
    answers: Answers | None = None,
) -> Chosen:
    """Choose the addresses of each credential's hosts. `bound`: where each is bound now, by key.

    Carriers rotate their DNS answers, so the address in use stays while it is among them or a bind
    there is up, unless the policy forbids it by now. A connector whose host is refused keeps its
    address too: it is stopped, not removed. A backup that is refused, or has no address, is left
    out. `answers`: of `look_up`; without them it is slow.
    """
    own = OwnServers.now()
    violation = functools.cache(host_policy().violation)  # many credentials share an address
    hosts = {(host, row.organization_id) for row in credentials for host, _ in row.hosts}
    timeout = RESOLVE_TIMEOUT if answers is None else HASTE
    answers = _resolve(hosts, own, answers or {}, timeout=timeout)
    found = Chosen({}, {}, {}, {}, {})
    for credential in credentials:
        key, record = credential.gateway_key, ConnectorRecord.of(credential)
        in_use = bound.get(key, ())
        current = record.address if record.host == credential.host else ""
        main = _choose(credential.hosts[0], current, in_use, violation, own, answers)
        for fate, reason in ((found.refused, main.refused), (found.unresolved, main.unresolved)):
            if reason:
                fate[key] = reason
        if main.address:
            found.addresses[key] = main.address
        known, without = credential.observed.backup_addresses, []
        for place in credential.hosts[1:]:
            backup = _choose(place, known.get(place[0], ""), in_use, violation, own, answers)
            if backup.refused or not backup.address:
                without.append(backup.refused or backup.unresolved)
            else:
                found.backups.setdefault(key, {})[place[0]] = backup.address
        if without:
            found.without[key] = f"of `backups` is left out: {'; '.join(without)}"
    return found


@dataclass(frozen=True)
class _Choice:
    """Of one host: its address, "" for none; why it is refused, or has no address now."""

    address: str
    refused: str = ""
    unresolved: str = ""


def _choose(
    place: tuple[str, int],
    current: str,
    in_use: Collection[str],
    violation: Callable[[str], str],
    own: OwnServers,
    answers: Answers,
) -> _Choice:
    host, port = place
    answer, unresolved = answers[host], ""
    if isinstance(answer, resolution.HostError):
        answer, unresolved = [], str(answer)
    known = answer or ([current] if current else [])
    reason = _violation(violation, host, known)
    if not reason and (loop := own.refusal(host, port, known, answers)):
        reason = f"{host} {loop}"
    stays = current in answer or (current in in_use and not violation(current))
    kept = reason or not answer or (current and stays)
    return _Choice(current if kept else answer[0], reason, unresolved)


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
