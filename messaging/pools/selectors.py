"""Reading pools: of one organisation, with their members and carriers in a query each."""

from __future__ import annotations

import re

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from messaging.pools.models import PoolCarrier, SenderPool
from orbit.accounts.models import Organization
from orbit.api.errors import not_found

_ID = re.compile(r"pool_[0-9a-f]{32}")
_PARTS = (
    "members",
    Prefetch("attachments", queryset=PoolCarrier.objects.order_by("carrier_id")),
)


def visible(organization: Organization) -> QuerySet[SenderPool]:
    """The organisation's pools."""
    return SenderPool.objects.filter(organization=organization).prefetch_related(*_PARTS)


def find(*, organization: Organization, pool_id: str) -> SenderPool:
    """One pool. Raises NOT_FOUND for an unknown id and for another organisation's alike."""
    return _one(visible(organization), organization, pool_id)


def lock(*, organization: Organization, pool_id: str) -> SenderPool:
    """One pool, locked until the transaction ends; its members change only under this lock."""
    return _one(visible(organization).select_for_update(of=("self",)), organization, pool_id)


def read_parts(pool: SenderPool) -> None:
    """Read members and carriers again after a write."""
    pool._prefetched_objects_cache = {}
    prefetch_related_objects([pool], *_PARTS)


def carrier_ids(pool: SenderPool) -> list[str]:
    """Ids of the carriers that it is attached to, oldest first."""
    return [attachment.carrier_id for attachment in pool.attachments.all()]


def _one(pools: QuerySet[SenderPool], organization: Organization, pool_id: str) -> SenderPool:
    # PostgreSQL fails on a NUL in a text: only look up what has the form of an id.
    pool = pools.filter(pk=pool_id).first() if _ID.fullmatch(pool_id) else None
    if pool is None:
        raise not_found()
    pool.organization = organization  # it is in memory already
    return pool
