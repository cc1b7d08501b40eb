"""What Jasmin should have: database → State. It alone reads what organisations want (`objects`
spells it).

One snapshot; then names are resolved and addresses checked, concurrently and with one deadline,
so that a slow name server can't hold up a pass.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Q

from messaging.access.models import Access
from messaging.carriers.models import Carrier
from messaging.carriers.ranking import in_order
from messaging.carriers.selectors import candidates
from messaging.credentials.models import Credential, SyncState
from messaging.net import resolution
from messaging.net.host_policy import host_policy
from orbit.accounts.models import Organization
from orbit.db.fields import fault
from reconciler.display_names import Names
from reconciler.jasmin import objects, route_compiler
from reconciler.jasmin.route_compiler import Member, compile_routes
from reconciler.models import Gateway, Trunk
from reconciler.snapshot import Snapshot
from reconciler.state import Group, Route, State, User

RESOLVE_TIMEOUT = 3.0  # seconds, for all names of a pass together


@dataclass(frozen=True)
class Desired:
    """The wanted state, and whose it is.

    - `credentials`: by gateway key (cid, uid), as they were in the snapshot.
    - `refused`: gateway key → why its host may not be connected to; the connector is stopped.
    - `unresolved`: gateway key → why its name has no address now.
    - `unfit`: gateway key → why this gateway can't bind it; it has no connector there.
    - `left_out`: gateway key → what of it this gateway does without.
    - `deleted`: by gateway key, credentials that people deleted and Jasmin may still have.
    - `accesses`: by gateway key of their organisation, switched on or off.
    - `carriers`: gateway key of a credential → ids of its carriers, in use or not.
    - `names`: what people call all of it.
    """

    state: State
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    deleted: Mapping[str, Credential] = field(default_factory=dict)
    accesses: Mapping[str, Access] = field(default_factory=dict)
    carriers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    @property
    def changed_accesses(self) -> dict[str, User]:
        """Users of accesses that Jasmin may not have as they are wanted; by key."""
        return {
            key: self.state.users[key]
            for key, access in self.accesses.items()
            if access.enabled and access.sync_state != SyncState.SYNCED and key in self.state.users
        }


def take_snapshot(gateway: Gateway, *, organization_id: str = "") -> Snapshot:
    """Read what organisations on this gateway want, all of them or one, at one moment."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        organizations = Organization.objects.filter(
            Q(placement__gateway=gateway) | Q(placement__leaving=gateway)
        )
        if organization_id:
            organizations = organizations.filter(id=organization_id)
        rows = list(
            Credential.objects.filter(organization__in=organizations)
            .select_related("organization", "status", "trunk")
            .order_by("id")
        )
        return Snapshot(
            list(organizations),
            [row for row in rows if row.deleted_at is None],
            [row for row in rows if row.deleted_at is not None],
            list(
                Access.objects.filter(organization__in=organizations).select_related("organization")
            ),
            candidates(Carrier.objects.filter(organization__in=organizations)),
            bool(organization_id),
        )


def build(
    snapshot: Snapshot, *, bound: Collection[str] = (), capabilities: Collection[str] = ()
) -> Desired:
    """Say it in the gateway's words. `bound`: cids whose bind is up; their address is kept."""
    waiting = {objects.account(credential) for credential in snapshot.deleted}
    addresses, refused, unresolved = _addresses(snapshot.live, bound)
    connectors, users, unreadable = {}, {}, _unreadable(snapshot)
    readable = [row for row in snapshot.live if row.gateway_key not in unreadable]
    unfit, left_out = objects.lacking(readable, capabilities)
    for credential in readable:
        key = credential.gateway_key
        users[key] = objects.user(credential)
        if (address := addresses.get(key)) and key not in unfit:
            running = (
                credential.enabled
                and key not in refused
                and not is_held(credential)
                # One made again after a deletion starts once the old one has stopped.
                and objects.account(credential) not in waiting
            )
            connectors[key] = objects.connector(credential, address, running, capabilities)
    accesses = {access.organization.gateway_key: access for access in snapshot.accesses}
    users |= {
        key: objects.access_user(key, access)
        for key, access in accesses.items()
        if access.enabled and key not in unreadable
    }
    return Desired(
        State(
            groups={row.gateway_key: Group(row.gateway_key) for row in snapshot.organizations},
            users=users,
            connectors=connectors,
            routes=tuple(_routes(snapshot, connectors.keys() | (unreadable.keys() & set(bound)))),
            unreadable=unreadable,
            stopped=frozenset(row.gateway_key for row in snapshot.live if not row.enabled),
        ),
        {credential.gateway_key: credential for credential in snapshot.live},
        refused,
        unresolved,
        unfit,
        left_out,
        {credential.gateway_key: credential for credential in snapshot.deleted},
        accesses,
        snapshot.carriers_by_key,
        snapshot.names,
    )


def _unreadable(snapshot: Snapshot) -> dict[str, str]:
    """Keys of rows whose passwords can't be decrypted, and why: of the others all is known."""
    faults = {
        row.gateway_key: fault(row, "password", "gateway_password", "tls_key")
        for row in snapshot.live
    }
    faults |= {
        access.organization.gateway_key: fault(access, "password")
        for access in snapshot.accesses
        if access.enabled
    }
    return {key: said for key, said in faults.items() if said}


def _routes(snapshot: Snapshot, connectors: Collection[str]) -> list[Route]:
    """Routes through the connectors that there are; a credential without an address has none."""
    cids = {credential.pk: credential.gateway_key for credential in snapshot.live}
    usable = {pk: cid for pk, cid in cids.items() if cid in connectors}
    carriers: dict[str, list[Member]] = defaultdict(list)
    for carrier in in_order(snapshot.carriers):
        if cid := usable.get(carrier.credential_id):
            carriers[carrier.organization_id].append(Member(cid, carrier.countries, carrier.id))
    return compile_routes(
        [route_compiler.Trunk(uid=cid, cid=cid) for cid in usable.values()],
        {
            access.organization.gateway_key: carriers[access.organization_id]
            for access in snapshot.accesses
            if access.enabled
        },
    )


def trunk_of(credential: Credential) -> Trunk:
    """Its trunk row; a new one, not saved, if it has none yet."""
    try:
        return credential.trunk
    except Trunk.DoesNotExist:
        return Trunk(credential=credential)


def is_held(credential: Credential) -> bool:
    """Is its bind held back after failures? One that Jasmin has to be told anew is not."""
    trunk = trunk_of(credential)
    return trunk.held and trunk.version == credential.gateway_version


def _addresses(
    credentials: Sequence[Credential], bound: Collection[str]
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Choose each credential's address: (chosen, refused, unresolved), by gateway key.

    Carriers rotate their answers, so the address in use stays while it is among them or its
    bind is up, unless the policy forbids it by now. One whose name stands for a forbidden address
    keeps it too, only to be stopped.
    """
    policy = host_policy()
    answers = resolution.resolve_many({each.host for each in credentials}, timeout=RESOLVE_TIMEOUT)
    chosen: dict[str, str] = {}
    refused: dict[str, str] = {}
    unresolved: dict[str, str] = {}
    for credential in credentials:
        key, trunk, answer = credential.gateway_key, trunk_of(credential), answers[credential.host]
        current = trunk.address if trunk.host == credential.host else ""
        if isinstance(answer, resolution.HostError):
            unresolved[key] = str(answer)
            answer = []
        reason = _violation(policy, credential.host, answer or ([current] if current else []))
        if reason:
            refused[key] = reason
        stays = current in answer or (key in bound and not policy.violation(current))
        chosen[key] = current if reason or not answer or (current and stays) else answer[0]
    return {key: address for key, address in chosen.items() if address}, refused, unresolved


def _violation(policy: resolution.HostPolicy, host: str, addresses: Sequence[str]) -> str:
    for address in addresses:
        if reason := policy.violation(address):
            return str(resolution.HostRefused(host, address, reason))
    return ""
