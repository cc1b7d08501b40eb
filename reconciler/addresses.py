"""Which address of its host a connector is given: Jasmin never gets a name.

All names of a pass are resolved concurrently and with one deadline, so that a slow name server
can't hold it up.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from messaging.credentials.loops import OwnServers
from messaging.credentials.models import Credential
from messaging.net import resolution
from messaging.net.host_policy import HostPolicy, host_policy
from reconciler.models import ConnectorRecord

RESOLVE_TIMEOUT = 3.0  # seconds, for all names of a pass together


def choose(
    credentials: Sequence[Credential], bound: Collection[str]
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Choose each credential's address: (chosen, refused, unresolved), by gateway key.

    Carriers rotate their DNS answers, so the address in use stays while it is among them or its
    bind is up, unless the policy forbids it by now. A connector that is refused keeps its address
    too: it is stopped, not removed.
    """
    policy, own = host_policy(), OwnServers.now()
    owners = dict.fromkeys(own.hosts, "")
    for each in credentials:
        owner = each.organization_id
        # A name of several waits behind none of them.
        owners[each.host] = owner if owners.get(each.host, owner) == owner else ""
    answers = resolution.resolve_many(owners, timeout=RESOLVE_TIMEOUT, owners=owners)
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
        reason = _violation(policy, credential.host, known)
        if not reason and (loop := own.refusal(credential.host, credential.port, known, answers)):
            reason = f"{credential.host} {loop}"
        if reason:
            refused[key] = reason
        stays = current in answer or (key in bound and not policy.violation(current))
        chosen[key] = current if reason or not answer or (current and stays) else answer[0]
    return {key: address for key, address in chosen.items() if address}, refused, unresolved


def _violation(policy: HostPolicy, host: str, addresses: Sequence[str]) -> str:
    for address in addresses:
        if reason := policy.violation(address):
            return str(resolution.HostRefused(host, address, reason))
    return ""
