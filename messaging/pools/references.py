"""The pool that a message or a campaign names: which one may be."""

from __future__ import annotations

from messaging.pools.models import SenderPool
from orbit.accounts.models import Organization
from orbit.api.field_errors import refused_value

EXPECTED = "the id of one of your sender pools"
NO_SUCH_POOL = "There is no such sender pool, or it is not yours."


def check_own(*, organization: Organization, pool_id: str) -> None:
    """VALIDATION_ERROR on `sender_pool_id` if it is no pool of the organisation's."""
    if not SenderPool.objects.filter(organization=organization, pk=pool_id).exists():
        raise refused_value("sender_pool_id", pool_id, NO_SUCH_POOL, expected=EXPECTED)


def held(*, organization: Organization, pool_id: str) -> SenderPool:
    """The organisation's own pool, locked until the transaction ends, so that it is not deleted
    before those who ask who names it can see the campaign; VALIDATION_ERROR on `sender_pool_id` if
    there is none."""
    pools = SenderPool.objects.select_for_update()
    pool = pools.filter(organization=organization, pk=pool_id).first()
    if pool is None:
        raise refused_value("sender_pool_id", pool_id, NO_SUCH_POOL, expected=EXPECTED)
    return pool
