"""The pool that a message or a campaign names: which one may be."""

from __future__ import annotations

from django.db.models import QuerySet

from messaging.pools.models import SenderPool
from orbit.accounts.models import Organization
from orbit.api.field_errors import refused_value

EXPECTED = "the id of one of your sender pools"


def named(*, organization: Organization, pool_id: str) -> SenderPool:
    """The organisation's own pool; VALIDATION_ERROR on `sender_pool_id` else."""
    return _own(SenderPool.objects.all(), organization, pool_id)


def held(*, organization: Organization, pool_id: str) -> SenderPool:
    """The same, locked until the transaction ends, so that it is not deleted before those who ask
    who names it can see the campaign."""
    return _own(SenderPool.objects.select_for_update(), organization, pool_id)


def _own(pools: QuerySet[SenderPool], organization: Organization, pool_id: str) -> SenderPool:
    pool = pools.filter(organization=organization, pk=pool_id).first()
    if pool is None:
        message = "There is no such sender pool, or it is not yours."
        raise refused_value("sender_pool_id", pool_id, message, expected=EXPECTED)
    return pool
