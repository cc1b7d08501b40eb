"""Which member a destination has, in the database."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from messaging.pools.models import SenderPool, StickySender


def kept(pool: SenderPool, destination: str) -> str | None:
    """Id of the member that the destination has, None if it has none or its time is over."""
    if not pool.sticky:
        return None
    rows = StickySender.objects.filter(
        pool=pool, destination=destination, expires_at__gt=timezone.now()
    )
    return rows.values_list("member_id", flat=True).first()


def keep(pool: SenderPool, destination: str, member_id: str, *, instead_of: str | None) -> str:
    """Give the destination this member from now on, if it has the one that was seen (`instead_of`,
    None: none); return the member that it has now.

    Compare-and-set: of two who do so at once the second gets the first one's member.
    """
    now = timezone.now()
    new = {"member_id": member_id, "expires_at": now + timedelta(days=pool.sticky_ttl_days)}
    rows = StickySender.objects.filter(pool=pool, destination=destination)
    as_seen = Q(expires_at__lte=now) | Q(member=member_id)
    if instead_of is not None:
        as_seen |= Q(member=instead_of)
    if rows.filter(as_seen).update(**new):
        return member_id
    row = StickySender(pool=pool, destination=destination, **new)
    StickySender.objects.bulk_create([row], ignore_conflicts=True)
    return rows.values_list("member_id", flat=True).first() or member_id
