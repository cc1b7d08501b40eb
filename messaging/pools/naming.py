"""The pool that a message or a campaign names: which one may be."""

from __future__ import annotations

from messaging.pools import selectors
from messaging.pools.models import SenderPool
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.api.field_errors import refused_value

FIELD = "sender_pool_id"
EXPECTED = "the id of one of your sender pools"


def named(*, organization: Organization, pool_id: str) -> SenderPool:
    """The organisation's own pool; VALIDATION_ERROR on the field else."""
    try:
        return selectors.find(organization=organization, pool_id=pool_id)
    except ApiError:
        message = "There is no such sender pool, or it is not yours."
        raise refused_value(FIELD, pool_id, message, expected=EXPECTED) from None
