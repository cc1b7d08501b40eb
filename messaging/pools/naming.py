"""The pool that a message or a campaign names: which one may be."""

from __future__ import annotations

from messaging.pools.models import SenderPool
from orbit.accounts.models import Organization
from orbit.api.field_errors import refused_value

EXPECTED = "the id of one of your sender pools"


def named(*, organization: Organization, pool_id: str) -> SenderPool:
    """The organisation's own pool; VALIDATION_ERROR on `sender_pool_id` else."""
    pool = SenderPool.objects.filter(organization=organization, pk=pool_id).first()
    if pool is None:
        message = "There is no such sender pool, or it is not yours."
        raise refused_value("sender_pool_id", pool_id, message, expected=EXPECTED)
    return pool
