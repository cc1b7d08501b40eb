"""Texts that a carrier delivers again.

The gateway acknowledges a deliver_sm once it is in the log. A carrier that did not get the answer,
since the gateway died or the connection broke, delivers the same PDU again on its next bind: the
same octets behind the header, from another session of the account (and of the same organisation,
where several have it), within `REDELIVERED_WITHIN`.
That is no second text, but a copy of the first row. The same octets on the same bind are another
text: a person says "yes" twice. So they are where the first one's bind went on: what came on it
`LATER` was delivered by a carrier that had its answers, and the second came by a sibling bind.
Parts of texts have a reference besides: `joining` knows theirs.
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
    """A row, not saved, for each text that is no copy of an earlier one, which then notes it."""
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
    """Whether it is a copy of this row, which has none of this session yet."""
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
    """Whether more came on its bind later on."""
    return row.session in last and last[row.session] > row.received_at + LATER
