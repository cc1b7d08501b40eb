"""Store inbound PDUs, each whole and once, and tell each text once.

Everything is written in the caller's transaction, which also stores how far the log was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from messaging.inbound import parts, pdus, reception, redelivery
from messaging.inbound.facts import Facts
from messaging.inbound.joining import AGAIN
from messaging.inbound.models import InboundPdu
from messaging.inbound.parts import Told
from messaging.inbound.pdus import InboundText


def store(texts: Sequence[InboundText]) -> None:
    """Store texts and parts, and tell the texts that are complete."""
    new = pdus.owned(pdus.unknown(texts)) if texts else []
    if not new:
        return
    facts = Facts(text.credential_id for text in new)
    whole = redelivery.new_rows([text for text in new if text.part is None])
    some = [pdus.row_of(text) for text in new if text.part is not None]
    told = [Told([row]) for row in whole]
    told += parts.arrive(some, facts.wait, timezone.now())
    _tell(told, facts)
    pdus.insert([*whole, *some])


def tell_due(keys: Sequence[str], *, since: datetime, now: datetime) -> None:
    """Look at waiting parts with these keys. `since`: when the earliest of them arrived."""
    stored = list(pdus.with_keys(keys, since=since - AGAIN).values())
    facts = Facts(row.credential_id for rows in stored for row in rows)
    told = parts.look(stored, facts.wait, now)
    _tell(told, facts)


def _tell(told: Sequence[Told], facts: Facts) -> None:
    reception.tell(told, facts)
    pdus.write(_stored(told))


def _stored(told: Sequence[Told]) -> list[InboundPdu]:
    return [row for each in told for row in each.rows if row.pk]
