"""Rows of the organisations on a gateway, read at one moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum

from messaging.access.models import Access
from messaging.carriers.ranking import RouteCandidate
from messaging.credentials.models import BindState, Credential, SyncState
from orbit.accounts.models import Organization
from reconciler.display_names import Names, Owner


class Lane(IntEnum):
    """Why a credential is to be changed in Jasmin."""

    DELETED = 0
    CHANGED = 1
    OTHER = 2  # nobody has asked for it just now


@dataclass(frozen=True)
class Candidate:
    """A credential whose changes may be put off."""

    key: str
    organization_id: str
    lane: Lane


@dataclass(frozen=True)
class Snapshot:
    """The rows in scope at one moment. `keys` is None when the scope is the whole gateway.

    `arriving`: ids of organisations that another gateway still serves.
    """

    organizations: Sequence[Organization]
    live: Sequence[Credential]
    deleted: Sequence[Credential]
    accesses: Sequence[Access]
    carriers: Sequence[RouteCandidate]
    is_partial: bool
    arriving: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """gid, uid and cid of everything in scope, deleted or not."""
        rows = [*self.organizations, *self.live, *self.deleted]
        return frozenset(row.gateway_key for row in rows)

    @property
    def changed(self) -> frozenset[str]:
        """cids of credentials that people have changed and no pass has tried to bring over yet."""
        return frozenset(
            row.gateway_key for row in self.live if row.observed.sync_state == SyncState.PENDING
        )

    @property
    def candidates(self) -> list[Candidate]:
        """Credentials whose changes a pass may put off. In a pass over the whole gateway these are
        the ones that people have changed: what Jasmin has lost, or gets after a move, comes in one
        pass."""
        changed = self.changed
        found = [(row, Lane.DELETED) for row in self.deleted]
        found += [
            (row, Lane.CHANGED if row.gateway_key in changed else Lane.OTHER) for row in self.live
        ]
        return [
            Candidate(row.gateway_key, row.organization_id, lane)
            for row, lane in found
            if self.is_partial or lane != Lane.OTHER
        ]

    @property
    def has_bind_down(self) -> bool:
        """Whether an earlier pass has found a bind of one organisation that does not come up."""
        down = (BindState.BINDING, BindState.UNBOUND)
        return self.is_partial and any(row.observed.bind_state in down for row in self.live)

    @property
    def keys(self) -> frozenset[str] | None:
        """What a pass reads and changes: `known`; None = all of ours."""
        return self.known if self.is_partial else None

    @property
    def names(self) -> Names:
        """Names of its organisations, credentials and carriers."""
        credentials = [*self.live, *self.deleted]
        owners = {row.pk: Owner(row.pk, row.name) for row in self.organizations}
        return Names(
            owners={row.gateway_key: owners[row.pk] for row in self.organizations}
            | {row.gateway_key: owners[row.organization_id] for row in credentials},
            credentials={row.gateway_key: row.name for row in credentials},
            carriers={carrier.id: carrier.name for carrier in self.carriers},
        )

    @property
    def carriers_by_key(self) -> dict[str, list[str]]:
        """Gateway key of a credential → ids of its carriers, in use or not."""
        keys = {row.pk: row.gateway_key for row in self.live}
        found: dict[str, list[str]] = {}
        for carrier in self.carriers:
            if carrier.credential_id in keys:
                found.setdefault(keys[carrier.credential_id], []).append(carrier.id)
        return found

    def organizations_without(self, keys: Collection[str]) -> list[Organization]:
        """Return the organisations that own none of these keys."""
        rows = [*self.live, *self.deleted]
        owners = {row.organization_id for row in rows if row.gateway_key in keys}
        return [
            row
            for row in self.organizations
            if row.gateway_key not in keys and row.pk not in owners
        ]
