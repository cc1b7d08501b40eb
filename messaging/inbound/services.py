"""Inbound texts: each PDU is stored whole and once. Joining parts and routing come later.

The gateway acknowledges a deliver_sm once it is in the log. A carrier that did not get the answer,
since the gateway died or the connection broke, delivers the same PDU again on its next bind: the
same octets behind the header, from another session of the account, within `AGAIN`. That is no
second text, but a copy of the first row. The same octets on the same bind are another text: a
person says "yes" twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from messaging.receipts.log_records import Delivery
from messaging.receipts.matching import Bind
from messaging.receipts.models import InboundPdu
from messaging.smpp.protocol.pdu import HEADER_LENGTH, Pdu

AGAIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Text:
    delivery: Delivery
    bind: Bind
    pdu: Pdu

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.delivery.raw[HEADER_LENGTH:]).hexdigest()


def keep(texts: Sequence[Text], *, log: str) -> None:
    """A row for each text, but for those that are delivered again."""
    if not texts:
        return
    earlier = _earlier(texts)
    new: list[InboundPdu] = []
    again: dict[int, InboundPdu] = {}
    for text in texts:
        place = text.delivery.account, text.digest
        first = next((row for row in earlier[place] if _is_again(text, row)), None)
        if first is None:
            row = _row(text, log)
            new.append(row)
            earlier[place].append(row)
            continue
        first.copies = [*first.copies, _copy(text, log)]
        if first.pk:
            again[first.pk] = first
    InboundPdu.objects.bulk_create(new, ignore_conflicts=True)
    InboundPdu.objects.bulk_update(again.values(), ["copies"])


def _earlier(texts: Sequence[Text]) -> dict[tuple[str, str], list[InboundPdu]]:
    """Rows with the same octets of the same account, oldest first, locked."""
    oldest = min(text.delivery.at for text in texts) - AGAIN
    rows = InboundPdu.objects.filter(
        account__in={text.delivery.account for text in texts},
        digest__in={text.digest for text in texts},
        received_at__gte=oldest,
    )
    found: dict[tuple[str, str], list[InboundPdu]] = defaultdict(list)
    for row in rows.order_by("id").select_for_update(of=("self",)):
        found[row.account, row.digest].append(row)
    return found


def _is_again(text: Text, row: InboundPdu) -> bool:
    """Whether it is a copy of this row, which has none of this session yet."""
    session = text.delivery.session
    if not session or not row.session or abs(text.delivery.at - row.received_at) > AGAIN:
        return False
    return session not in (row.session, *(copy["session"] for copy in row.copies))


def _copy(text: Text, log: str) -> dict[str, Any]:
    delivery = text.delivery
    at = delivery.at.isoformat(timespec="milliseconds")
    return {"at": at, "session": delivery.session, "log": log, "number": delivery.number}


def _row(text: Text, log: str) -> InboundPdu:
    delivery, pdu = text.delivery, text.pdu
    return InboundPdu(
        organization_id=text.bind.organization_id,
        credential_id=text.bind.credential_id,
        account=delivery.account,
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
        raw=delivery.raw.hex(),
        digest=text.digest,
        session=delivery.session,
        log=log,
        number=delivery.number,
        received_at=delivery.at,
    )


def _clean(text: str) -> str:
    """A NUL fits no column of PostgreSQL; all octets are in `raw`."""
    return text.replace("\0", "")[:64]
