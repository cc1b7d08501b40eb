"""The queue of inbound texts for organisations' own platforms, which bind to the gateway.

A PDU waits in its own row until the platform has answered deliver_sm. While the platform is bound,
PDUs are offered to the gateway in batches (`due`, `offer`), in the order in which they arrived.
Each offer has a token, which the gateway's record returns (`access_results`): it tells several
offers of one PDU apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from messaging.inbound.arrival import Arrival
from messaging.inbound.models import AccessState, InboundPdu
from messaging.own_numbers.models import Route
from messaging.smpp.protocol import pdu as pdus
from messaging.smpp.protocol.layouts import LAYOUTS
from messaging.smpp.protocol.tlv import MESSAGE_PAYLOAD, Tlv
from orbit.accounts.models import Organization

_ROUTES = (Route.ACCESS, Route.BOTH)
_MOST = 1_000  # rows in one transaction of `expire`
_LIMITS = {each.name: each.limit for each in LAYOUTS["deliver_sm"]}


@dataclass(frozen=True)
class Offer:
    """A PDU offered to the gateway. `octets`: the whole deliver_sm."""

    id: int
    token: str
    due_at: datetime
    octets: bytes = field(repr=False)


def add(arrivals: Sequence[Arrival]) -> None:
    """Queue the PDUs of texts whose number routes to the access bind; the caller writes the
    rows."""
    now = timezone.now()
    for each in arrivals:
        if each.number is not None and each.number.route in _ROUTES:
            for row in each.told.rows:
                row.access_state, row.access_due_at = AccessState.WAITING, now


def waiting_among(organizations: QuerySet[Organization]) -> dict[str, str]:
    """Organisations among these with texts to deliver now: their ids by gateway key."""
    due = InboundPdu.objects.filter(
        organization=OuterRef("pk"), access_due_at__isnull=False, access_due_at__lte=timezone.now()
    )
    found = organizations.filter(Exists(due), access__enabled=True).order_by()
    return dict(found.values_list("gateway_key", "pk"))


def due(organization_id: str) -> list[InboundPdu]:
    """PDUs to offer now, also those that were offered before, oldest first: at most
    ACCESS_DELIVERIES_AT_ONCE, which is what the gateway may have of one organisation."""
    rows = InboundPdu.objects.filter(
        organization=organization_id,
        access_due_at__isnull=False,  # must equal the index's condition
        access_due_at__lte=timezone.now(),
    )
    return list(rows.order_by("id")[: settings.ACCESS_DELIVERIES_AT_ONCE])


def offer(row: InboundPdu) -> Offer:
    """The offer of a row. Raises PduError, ValueError if it can't become a deliver_sm."""
    return Offer(row.pk, token_of(row), row.access_due_at, deliver_sm(row))


def token_of(row: InboundPdu) -> str:
    """The token of an offer: the log record that brought the PDU, and when it was due."""
    return f"{row.log}:{row.number}:{int(row.access_due_at.timestamp() * 1_000_000)}"


def deliver_sm(row: InboundPdu) -> bytes:
    """The PDU for a platform: as it arrived, but a data_sm becomes a deliver_sm. Fields of data_sm
    alone are left out, and values that are too long for deliver_sm are cut."""
    came = pdus.read(bytes.fromhex(row.raw))
    fields = {name: value for name, value in came.fields.items() if name in _LIMITS}
    tlvs = list(came.tlvs)
    text = fields.get("short_message")
    if isinstance(text, bytes) and len(text) > _LIMITS["short_message"]:
        del fields["short_message"]
        if came.tlv(MESSAGE_PAYLOAD) is None:
            tlvs.append(Tlv(MESSAGE_PAYLOAD, text))
    for name, value in fields.items():
        if isinstance(value, bytes) and _LIMITS[name]:
            fields[name] = value[: _LIMITS[name]]
    return pdus.write("deliver_sm", sequence=0, tlvs=tlvs, **fields)


def expire() -> None:
    """Expire texts older than ACCESS_DELIVERY_HOURS, and the oldest texts of organisations with
    more than ACCESS_DELIVERIES_WAITING."""
    waiting = InboundPdu.objects.filter(access_due_at__isnull=False)
    oldest = timezone.now() - timedelta(hours=settings.ACCESS_DELIVERY_HOURS)
    while len(_give_up(waiting.filter(received_at__lt=oldest).values_list("pk")[:_MOST])) == _MOST:
        pass
    most = settings.ACCESS_DELIVERIES_WAITING
    counts = waiting.order_by().values("organization_id").annotate(count=Count("pk"))
    for each in counts.filter(count__gt=most):
        rows = waiting.filter(organization=each["organization_id"]).order_by("id")
        over = rows.values_list("pk")[: min(each["count"] - most, _MOST)]
        _give_up(over)


def _give_up(found: Iterable[tuple[int]]) -> Collection[int]:
    ids = list(itertools.chain.from_iterable(found))
    settle(ids, AccessState.EXPIRED)
    return ids


def settle(ids: Collection[int], state: AccessState) -> None:
    """End the waiting of these rows. Rows that have ended already stay as they are."""
    if not ids:
        return
    waiting = InboundPdu.objects.filter(pk__in=ids, access_due_at__isnull=False)
    with transaction.atomic():
        # Locked by id, as everywhere: any other order can deadlock.
        locked = list(waiting.order_by("id").select_for_update().values_list("pk", flat=True))
        InboundPdu.objects.filter(pk__in=locked).update(access_state=state, access_due_at=None)
