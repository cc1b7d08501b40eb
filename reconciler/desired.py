"""What Jasmin should have: database → State (`jasmin.objects` spells it).

One snapshot of the rows; their hosts were resolved before (`addresses`).
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
from orbit.accounts.models import Organization
from orbit.db.fields import fault
from reconciler import addresses, placements
from reconciler.display_names import Names
from reconciler.jasmin import objects
from reconciler.jasmin.route_compiler import Member, PinnedUser, compile_routes
from reconciler.models import ConnectorRecord, Gateway
from reconciler.snapshot import Snapshot
from reconciler.state import Group, Route, State, User


@dataclass(frozen=True)
class Desired:
    """The wanted state, and the rows behind it.

    - `credentials`: by gateway key (cid, uid), as they were in the snapshot.
    - `refused`: gateway key → why its host may not be connected to; the connector is stopped.
    - `unresolved`: gateway key → why its name has no address now.
    - `held_back`: gateway keys of binds that wait: the carrier allows no second one, and the
      gateway that the organisation leaves still has it.
    - `unfit`: gateway key → why this gateway can't bind it; it has no connector there.
    - `left_out`: gateway key, of an access too → which of its fields this gateway leaves out.
    - `deleted`: by gateway key, credentials that people deleted and Jasmin may still have.
    - `accesses`: by gateway key of their organisation, switched on or off.
    - `carriers`: gateway key of a credential → ids of its carriers, in use or not.
    - `names`: of organisations, credentials and carriers.
    """

    state: State
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)
    held_back: frozenset[str] = frozenset()
    unfit: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    deleted: Mapping[str, Credential] = field(default_factory=dict)
    accesses: Mapping[str, Access] = field(default_factory=dict)
    carriers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    @property
    def changed_accesses(self) -> dict[str, User]:
        """Users of accesses that have changed since they were last in sync; by key."""
        return {
            key: self.state.users[key]
            for key, access in self.accesses.items()
            if access.enabled and access.sync_state != SyncState.SYNCED and key in self.state.users
        }


def take_snapshot(gateway: Gateway, *, organization_id: str = "") -> Snapshot:
    """Read the rows of all organisations on this gateway, or of one, at one moment."""
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
            .select_related("organization", "status", "connector_record")
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
            frozenset(placements.on_their_way_to(gateway)),
        )


def build(
    snapshot: Snapshot,
    *,
    bound: Collection[str] = (),
    capabilities: Collection[str] = (),
    answers: addresses.Answers | None = None,
) -> Desired:
    """Turn rows into Jasmin's objects. `bound`: cids that are bound now and keep their address.
    `answers`: of `addresses.look_up`."""
    waiting = {objects.account(credential) for credential in snapshot.deleted}
    chosen, refused, unresolved = addresses.choose(snapshot.live, bound, answers)
    connectors, users, unreadable = {}, {}, _unreadable(snapshot)
    readable = [row for row in snapshot.live if row.gateway_key not in unreadable]
    unfit, left_out = objects.unsupported(readable, capabilities)
    held_back = {
        each.gateway_key
        for each in readable
        if each.organization_id in snapshot.arriving and not placements.may_bind_twice(each)
    }
    for credential in readable:
        key = credential.gateway_key
        users[key] = objects.user(credential)
        if (address := chosen.get(key)) and key not in unfit:
            running = (
                credential.enabled
                and key not in refused
                and key not in held_back
                and not ConnectorRecord.of(credential).holds(credential)
                # One made again after a deletion starts once the old one has stopped.
                and objects.account(credential) not in waiting
            )
            connectors[key] = objects.connector(credential, address, running, capabilities)
    accesses = {access.organization.gateway_key: access for access in snapshot.accesses}
    users |= {
        key: objects.access_user(key, access, capabilities)
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
        frozenset(held_back),
        unfit,
        left_out | objects.unsupported_access(snapshot.accesses, capabilities),
        {credential.gateway_key: credential for credential in snapshot.deleted},
        accesses,
        snapshot.carriers_by_key,
        snapshot.names,
    )


def _unreadable(snapshot: Snapshot) -> dict[str, str]:
    """Return keys of rows with secrets that can't be decrypted, and why."""
    faults = {
        row.gateway_key: fault(row, "password", "gateway_password", "tls_key")
        for row in snapshot.live
    }
    faults |= {
        access.organization.gateway_key: fault(access, "password")
        for access in snapshot.accesses
        if access.enabled
    }
    return {key: reason for key, reason in faults.items() if reason}


def _routes(snapshot: Snapshot, connectors: Collection[str]) -> list[Route]:
    """Return routes through `connectors`; a credential without an address has none."""
    cids = {credential.pk: credential.gateway_key for credential in snapshot.live}
    usable = {pk: cid for pk, cid in cids.items() if cid in connectors}
    carriers: dict[str, list[Member]] = defaultdict(list)
    for carrier in in_order(snapshot.carriers):
        if cid := usable.get(carrier.credential_id):
            carriers[carrier.organization_id].append(Member(cid, carrier.countries, carrier.id))
    return compile_routes(
        [PinnedUser(uid=cid, cid=cid) for cid in usable.values()],
        {
            access.organization.gateway_key: carriers[access.organization_id]
            for access in snapshot.accesses
            if access.enabled
        },
    )
