"""Recognise texts that a carrier delivers again.

The gateway answers a deliver_sm once it is in its log. If the answer is lost (the gateway died, the
connection broke), the carrier delivers the PDU again on its next bind: the same octets behind the
header, from another session of the account, for the same organisation, within `REDELIVERED_WITHIN`.
Such a PDU is stored as a copy of the first row.

The same octets are a new text if they come on the same bind (a person may say "yes" twice), or if
the first bind went on: a PDU on it more than `LATER` afterwards shows that the carrier had the
answers, so the second text came by a sibling bind. Parts have a reference besides; `joining`
recognises their repetitions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from messaging.inbound import pdus
from messaging.inbound.models import InboundPdu
from messaging.inbound.pdus import InboundText

REDELIVERED_WITHIN = timedelta(minutes=10)
LATER = timedelta(seconds=10)


def new_rows(texts: Sequence[InboundText]) -> list[InboundPdu]:
    """An unsaved row for each new text; copies are added to the row that they repeat."""
    if not texts:
        return []
    since = min(text.received_at for text in texts) - REDELIVERED_WITHIN
    earlier = pdus.alike(texts, since=since)
    stored = [row for rows in earlier.values() for row in rows]
    last = pdus.last_of_sessions({row.session for row in stored}, since=since) if stored else {}
    new: list[InboundPdu] = []
    redelivered: dict[int, InboundPdu] = {}
    for text in texts:
        place = text.account, text.digest
        again = (row for row in earlier[place] if _is_redelivery(text, row))
        first = next((row for row in again if not _went_on(row, last)), None)
        if first is None:
            row = pdus.row_of(text)
            new.append(row)
            earlier[place].append(row)
            continue
        first.copies = [*first.copies, pdus.copy_of(text)]
        if first.pk:
            redelivered[first.pk] = first
    pdus.note_copies(redelivered.values())
    return new


def _is_redelivery(text: InboundText, row: InboundPdu) -> bool:
    """Whether it may be a redelivery of this row: from another session than the row and its
    copies."""
    session = text.session
    if (
        not session
        or not row.session
        or row.organization_id != text.organization_id
        or abs(text.received_at - row.received_at) > REDELIVERED_WITHIN
    ):
        return False
    return session not in (row.session, *(copy["session"] for copy in row.copies))


def _went_on(row: InboundPdu, last: Mapping[str, datetime]) -> bool:
    """Whether the row's bind has delivered more PDUs later."""
    return row.session in last and last[row.session] > row.received_at + LATER
