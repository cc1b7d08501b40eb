"""Who uses a credential: carriers.

They build on credentials, so they are asked by the relation of their model and not by import.
"""

from __future__ import annotations

from collections.abc import Sequence

from messaging.credentials.models import Credential


def carriers_of(credential_ids: Sequence[str]) -> dict[str, list[str]]:
    """Ids of the carriers of many credentials, oldest first, in one query; a credential without
    any is missing."""
    rows = Credential.objects.filter(pk__in=credential_ids, carriers__isnull=False)
    rows = rows.order_by("carriers__id").values_list("pk", "carriers__id")
    found: dict[str, list[str]] = {}
    for credential_id, carrier_id in rows:
        found.setdefault(credential_id, []).append(carrier_id)
    return found


def in_use_by(credential: Credential) -> list[str]:
    """Ids of the carriers that send through this credential; empty if none does."""
    return carriers_of([credential.id]).get(credential.id, [])
