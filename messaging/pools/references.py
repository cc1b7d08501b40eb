"""The sender pool that a request for a message or a campaign names."""

from __future__ import annotations

from messaging.pools.models import SenderPool
from orbit.accounts.models import Organization
from orbit.api.field_errors import refused_value

EXPECTED = "the id of one of your sender pools"
NO_SUCH_POOL = "There is no such sender pool, or it is not yours."


def check_own(*, organization: Organization, pool_id: str) -> None:
    """Raise VALIDATION_ERROR on `sender_pool_id` if the organisation has no such pool."""
    if not SenderPool.objects.filter(organization=organization, pk=pool_id).exists():
        raise refused_value("sender_pool_id", pool_id, NO_SUCH_POOL, expected=EXPECTED)


def lock_own(*, organization: Organization, pool_id: str) -> SenderPool:
    """The organisation's pool of this id, locked until the transaction ends. Raises
    VALIDATION_ERROR on `sender_pool_id`.

    The lock keeps it from being deleted before the campaign that names it is committed
    (`dependents.in_use_by`).
    """
    pools = SenderPool.objects.select_for_update()
    pool = pools.filter(organization=organization, pk=pool_id).first()
    if pool is None:
        raise refused_value("sender_pool_id", pool_id, NO_SUCH_POOL, expected=EXPECTED)
    return pool
