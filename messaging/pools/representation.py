"""How a pool is answered."""

from __future__ import annotations

from messaging.pools.models import SenderPool
from messaging.pools.serializers import PoolSerializer
from orbit.api.etags import etag

represent = PoolSerializer.represent


def tag(pool: SenderPool) -> str:
    """ETag over what people wrote: choices leave it alone."""
    return etag({"id": pool.id, **PoolSerializer.written(pool)})
