"""Who names a carrier: sender pools, and through them campaigns.

Both build on carriers, so they are asked by the relations of the models and not by import.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps

from messaging.carriers.models import Carrier


def pools_of(carrier_ids: Sequence[str]) -> dict[str, list[str]]:
    """Ids of the sender pools of many carriers, oldest first, in one query; a carrier without any
    is missing."""
    rows = Carrier.objects.filter(pk__in=carrier_ids, pools__isnull=False)
    found: dict[str, list[str]] = {}
    for carrier_id, pool_id in rows.order_by("pools__pool_id").values_list("pk", "pools__pool_id"):
        found.setdefault(carrier_id, []).append(pool_id)
    return found


def in_use_by(carrier: Carrier) -> dict[str, list[str]]:
    """Ids of all that name this carrier, by the key that they have in errors; empty if none does.

    Of campaigns those that are not finished.
    """
    pools = pools_of([carrier.pk]).get(carrier.pk, [])
    campaigns = apps.get_model("messaging", "Campaign").objects.filter(
        sender_pool__in=pools, finished_at=None
    )
    ids = list(campaigns.order_by("pk").values_list("pk", flat=True)) if pools else []
    found = {"sender_pool_ids": pools, "campaign_ids": ids}
    return {key: each for key, each in found.items() if each}
