"""How a pool is answered."""

from __future__ import annotations

from messaging.pools import selectors
from messaging.pools.models import PoolMember, SenderPool
from orbit.api.envelope import timestamp
from orbit.api.etags import etag


def represent(pool: SenderPool) -> dict:
    """One pool as the API answers it."""
    return {
        "id": pool.id,
        **_written(pool),
        "created_at": timestamp(pool.created_at),
        "updated_at": timestamp(pool.updated_at),
    }


def tag(pool: SenderPool) -> str:
    """ETag over what people wrote: choices leave it alone."""
    return etag({"id": pool.id, **_written(pool)})


def _written(pool: SenderPool) -> dict:
    """In the order of the API's documentation."""
    return {
        "name": pool.name,
        "strategy": pool.strategy,
        "sticky": pool.sticky,
        "sticky_ttl_days": pool.sticky_ttl_days,
        "geo_match": pool.geo_match,
        "carrier_ids": selectors.carrier_ids(pool),
        "members": [_member(member) for member in pool.members.all()],
    }


def _member(member: PoolMember) -> dict:
    return {
        "id": member.id,
        "sender": member.sender,
        "type": member.type,
        "weight": member.weight,
        "countries": member.countries,
        "enabled": member.enabled,
    }
