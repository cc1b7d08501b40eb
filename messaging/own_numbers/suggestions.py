"""Numbers that an organisation could register: senders of its pools to which people can write back,
on the credentials by which answers would come in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from messaging.carriers.models import Carrier
from messaging.credentials.models import BindType
from messaging.numbers import SenderType
from messaging.own_numbers.models import OwnNumber
from messaging.pools.models import PoolCarrier, PoolMember
from orbit.accounts.models import Organization

MOST = 1000
_WRITABLE = (SenderType.LONG_CODE, SenderType.SHORT_CODE)


@dataclass(frozen=True)
class Suggestion:
    number: str
    countries: list[str]
    credential_id: str
    sender_pool_id: str


def suggested(organization: Organization) -> list[Suggestion]:
    """At most `MOST` numbers that are not registered yet. A pool that is attached to no carrier may
    send through all."""
    known = set(
        OwnNumber.objects.filter(organization=organization).values_list("credential_id", "number")
    )
    receiving = Carrier.objects.filter(organization=organization).exclude(
        credential__bind_type=BindType.TRANSMITTER
    )
    credential_of = dict(receiving.order_by("pk").values_list("pk", "credential_id"))
    attached: dict[str, list[str]] = defaultdict(list)
    rows = PoolCarrier.objects.filter(pool__organization=organization).order_by("carrier_id")
    for pool_id, carrier_id in rows.values_list("pool_id", "carrier_id"):
        attached[pool_id].append(carrier_id)
    found: dict[tuple[str, str], Suggestion] = {}
    for number, countries, pool_id in _members(organization):
        for carrier_id in attached.get(pool_id, credential_of):
            credential_id = credential_of.get(carrier_id)
            place = (credential_id or "", number)
            if credential_id and place not in known and place not in found:
                found[place] = Suggestion(number, countries, credential_id, pool_id)
            if len(found) >= MOST:
                return list(found.values())
    return list(found.values())


def _members(organization: Organization) -> list[tuple[str, list[str], str]]:
    """Sender, its countries (of a short code alone) and pool."""
    rows = PoolMember.objects.filter(
        pool__organization=organization, enabled=True, type__in=_WRITABLE
    ).order_by("pool_id", "position")
    return [
        (sender, countries if type == SenderType.SHORT_CODE else [], pool_id)
        for sender, type, countries, pool_id in rows.values_list(
            "sender", "type", "countries", "pool_id"
        )[:MOST]
    ]
