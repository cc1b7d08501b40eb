"""Who names a pool: campaigns.

They build on pools, so they are asked by their model's name and not by import.
"""

from __future__ import annotations

from django.apps import apps

from messaging.pools.models import SenderPool


def in_use_by(pool: SenderPool) -> list[str]:
    """Ids of the campaigns that send from this pool, or will, oldest first."""
    campaigns = apps.get_model("messaging", "Campaign").objects
    rows = campaigns.filter(sender_pool=pool.pk, finished_at=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))
