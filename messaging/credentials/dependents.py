"""The carriers that send through a credential, and the numbers that receive by it.

Both import credentials, so this reads them through the model's reverse relations.
"""

from __future__ import annotations

from collections.abc import Sequence

from messaging.credentials.models import Credential


def carriers_of(credential_ids: Sequence[str]) -> dict[str, list[str]]:
    """`{credential id: carrier ids, oldest first}`, in one query; without credentials that have no
    carrier."""
    rows = Credential.objects.filter(pk__in=credential_ids, carriers__isnull=False)
    rows = rows.order_by("carriers__id").values_list("pk", "carriers__id")
    found: dict[str, list[str]] = {}
    for credential_id, carrier_id in rows:
        found.setdefault(credential_id, []).append(carrier_id)
    return found


def in_use_by(credential: Credential) -> list[str]:
    """Ids of the carriers that send through this credential."""
    return carriers_of([credential.id]).get(credential.id, [])


def numbers_of(credential: Credential) -> list[str]:
    """Ids of the numbers whose texts come in by this credential, oldest first."""
    return list(credential.numbers.order_by("pk").values_list("pk", flat=True))
