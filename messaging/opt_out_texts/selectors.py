"""Read near misses with their texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet

from messaging.inbound.models import InboundMessage
from messaging.messages.selectors import is_id
from messaging.opt_out_texts.models import NearMiss
from orbit.accounts.models import Organization
from orbit.api.errors import not_found


@dataclass(frozen=True)
class Shown:
    """A near miss with its text, which is None if it was deleted."""

    row: NearMiss
    text: InboundMessage | None = field(default=None, repr=False)


def visible(organization: Organization) -> QuerySet[NearMiss]:
    """The organisation's near misses, decided or not."""
    return NearMiss.objects.filter(organization=organization)


def with_texts(rows: Iterable[NearMiss], *, readable: bool = True) -> list[Shown]:
    """Add the texts, in one query; without them if the reader may not read texts."""
    rows = list(rows)
    if not readable:
        return [Shown(row) for row in rows]
    texts = InboundMessage.objects.in_bulk([row.message_id for row in rows])
    return [Shown(row, texts.get(row.message_id)) for row in rows]


def lock(*, organization: Organization, message_id: str) -> NearMiss:
    """One, locked until the transaction ends. Raises NOT_FOUND, alike for another organisation's
    and one that never was."""
    rows = visible(organization).select_for_update(of=("self",))
    row = rows.filter(pk=message_id).first() if is_id(message_id) else None
    if row is None:
        raise not_found()
    return row
