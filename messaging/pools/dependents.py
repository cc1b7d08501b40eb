"""The campaigns that send from a pool.

Campaigns import pools, so this looks their model up by its name.
"""

from __future__ import annotations

from django.apps import apps

from messaging.pools.models import SenderPool


def in_use_by(pool: SenderPool) -> list[str]:
    """Ids of the unfinished campaigns that send from this pool, oldest first."""
    campaigns = apps.get_model("messaging", "Campaign").objects
    rows = campaigns.filter(sender_pool=pool.pk, finished_at=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))
