"""Storing inbound texts: each PDU whole and once. Joining parts and routing come later.

The gateway acknowledges a deliver_sm once it is in the log. A carrier that did not get the answer,
since the gateway died or the connection broke, delivers the same PDU again on its next bind: the
same octets behind the header, from another session of the account, within `REDELIVERED_WITHIN`.
That is no second text, but a copy of the first row. The same octets on the same bind are another
text: a person says "yes" twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from messaging.inbound.models import InboundPdu
from messaging.smpp.protocol.pdu import HEADER_LENGTH, Pdu
from orbit.db import sealing

REDELIVERED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class InboundText:
    """A deliver_sm or data_sm that is no receipt. `log` and `number`: its record in the gateway's
    log; `session`: of the bind that it came on, "" if that is not told."""

    pdu: Pdu
    raw: bytes = field(repr=False)
    account: str
    session: str
    received_at: datetime
    log: str
    number: int
    organization_id: str | None = None
    credential_id: str | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.raw[HEADER_LENGTH:]).hexdigest()


def store(texts: Sequence[InboundText]) -> None:
    """Insert a row for each text; of one that is delivered again the first row notes a copy."""
    if not texts:
        return
    earlier = _earlier(texts)
    stored = InboundPdu._meta.get_field("digest").to_store
    new: list[InboundPdu] = []
    redelivered: dict[int, InboundPdu] = {}
    for text in texts:
        place = text.account, stored(text.digest)
        first = next((row for row in earlier[place] if _is_redelivery(text, row)), None)
        if first is None:
            row = _row(text)
            new.append(row)
            earlier[place].append(row)
            continue
        first.copies = [*first.copies, _copy(text)]
        if first.pk:
            redelivered[first.pk] = first
    InboundPdu.objects.bulk_create(new, ignore_conflicts=True)
    InboundPdu.objects.bulk_update(redelivered.values(), ["copies"])


def _earlier(texts: Sequence[InboundText]) -> dict[tuple[str, str], list[InboundPdu]]:
    """Rows with the same octets of the same account, oldest first, locked."""
    oldest = min(text.received_at for text in texts) - REDELIVERED_WITHIN
    rows = InboundPdu.objects.filter(
        account__in={text.account for text in texts},
        digest__in={text.digest for text in texts},
        received_at__gte=oldest,
    )
    found: dict[tuple[str, str], list[InboundPdu]] = defaultdict(list)
    field = InboundPdu._meta.get_field("digest")
    now = {
        form: field.to_store(text.digest)
        for text in texts
        for form in sealing.spellings(text.digest)
    }
    for row in rows.order_by("id").select_for_update(of=("self",)):
        found[row.account, now[row.digest]].append(row)
    return found


def _is_redelivery(text: InboundText, row: InboundPdu) -> bool:
    """Whether it is a copy of this row, which has none of this session yet."""
    session = text.session
    if (
        not session
        or not row.session
        or abs(text.received_at - row.received_at) > REDELIVERED_WITHIN
    ):
        return False
    return session not in (row.session, *(copy["session"] for copy in row.copies))


def _copy(text: InboundText) -> dict[str, Any]:
    at = text.received_at.isoformat(timespec="milliseconds")
    return {"at": at, "session": text.session, "log": text.log, "number": text.number}


def _row(text: InboundText) -> InboundPdu:
    pdu = text.pdu
    return InboundPdu(
        organization_id=text.organization_id,
        credential_id=text.credential_id,
        account=text.account,
        source=_clean(pdu.text("source_addr")),
        destination=_clean(pdu.text("destination_addr")),
        esm_class=pdu.number("esm_class"),
        data_coding=pdu.number("data_coding"),
        octets=pdu.payload.hex(),
        fields={
            name: value if isinstance(value, int) else _clean(value.decode("latin-1"))
            for name, value in pdu.fields.items()
            if name != "short_message"
        },
        tlvs=[{"tag": f"0x{each.tag:04X}", "value": each.value.hex()} for each in pdu.tlvs],
        raw=text.raw.hex(),
        digest=text.digest,
        session=text.session,
        log=text.log,
        number=text.number,
        received_at=text.received_at,
    )


def _clean(text: str) -> str:
    """A NUL fits no column of PostgreSQL; all octets are in `raw`."""
    return text.replace("\0", "")[:64]
