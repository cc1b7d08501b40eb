"""The carriers that a request for a pool or a message names."""

from __future__ import annotations

from collections.abc import Sequence

from messaging.carriers.models import Carrier
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.api.field_errors import refused_value

EXPECTED = "ids of your carriers"
NO_SUCH_CARRIER = "There is no such carrier, or it is not yours."


def lock_own(*, organization: Organization, carrier_ids: Sequence[str]) -> list[Carrier]:
    """The organisation's carriers of these ids, oldest first, locked until the transaction ends.
    Raises VALIDATION_ERROR on the first id that is not its own.

    The lock keeps them from being deleted before the pool that names them is committed
    (`dependents.in_use_by`).
    """
    own = Carrier.objects.filter(organization=organization, pk__in=carrier_ids)
    carriers = list(own.order_by("pk").select_for_update(of=("self",)))
    known = {carrier.pk for carrier in carriers}
    for place, carrier_id in enumerate(carrier_ids):
        if carrier_id not in known:
            raise _no_such_carrier(f"carrier_ids[{place}]", carrier_id)
    return carriers


def check_own(*, organization: Organization, carrier_id: str) -> None:
    """Raise VALIDATION_ERROR on `carrier_id` if the organisation has no such carrier."""
    if not Carrier.objects.filter(organization=organization, pk=carrier_id).exists():
        raise _no_such_carrier("carrier_id", carrier_id)


def _no_such_carrier(field: str, carrier_id: str) -> ApiError:
    return refused_value(field, carrier_id, NO_SUCH_CARRIER, expected=EXPECTED)
