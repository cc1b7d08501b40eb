"""The carrier that takes a message of a pool: it is chosen first, and the sender for it."""

from __future__ import annotations

from collections.abc import Collection

from messaging.carriers.models import Carrier
from messaging.carriers.order import Candidate, for_country
from messaging.carriers.selectors import candidates
from messaging.pools import selectors
from messaging.pools.models import SenderPool


def carrier_of(
    pool: SenderPool,
    country: str | None,
    *,
    carrier_id: str | None = None,
    without: Collection[str] = (),
) -> Candidate | None:
    """The first bound carrier in the order for the country; while none is bound, the first.

    Of those that the pool is attached to, or if that is none, of all that the organisation has.
    `carrier_id`: only this one; `without`: ids of those that have refused the message.
    """
    carriers = Carrier.objects.filter(organization=pool.organization_id)
    attached = selectors.carrier_ids(pool)
    if attached:
        carriers = carriers.filter(pk__in=attached)
    if carrier_id:
        carriers = carriers.filter(pk=carrier_id)
    in_order = for_country(candidates(carriers.exclude(pk__in=without)), country)
    return next((each for each in in_order if each.bound), in_order[0] if in_order else None)
