"""The sender pools of a carrier, and the campaigns that send from them.

Both import carriers, so this reads them through the models' relations.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps

from messaging.carriers.models import Carrier


def pools_of(carrier_ids: Sequence[str]) -> dict[str, list[str]]:
    """`{carrier id: pool ids, oldest first}`, in one query; without carriers that have no pool."""
    rows = Carrier.objects.filter(pk__in=carrier_ids, pools__isnull=False)
    found: dict[str, list[str]] = {}
    for carrier_id, pool_id in rows.order_by("pools__pool_id").values_list("pk", "pools__pool_id"):
        found.setdefault(carrier_id, []).append(pool_id)
    return found


def in_use_by(carrier: Carrier) -> dict[str, list[str]]:
    """`{"sender_pool_ids": […], "campaign_ids": […]}`, as the API's error says it; without empty
    lists. Finished campaigns do not count.
    """
    pools = pools_of([carrier.pk]).get(carrier.pk, [])
    campaigns = apps.get_model("messaging", "Campaign").objects.filter(
        sender_pool__in=pools, finished_at=None
    )
    ids = list(campaigns.order_by("pk").values_list("pk", flat=True)) if pools else []
    found = {"sender_pool_ids": pools, "campaign_ids": ids}
    return {key: each for key, each in found.items() if each}
