"""Stray receipts: receipts without a matching message, kept for a week with their near matches.

A receipt may be early: its message's answer may be in another gateway's log or on the next page. So
it is matched again when an answer with its id arrives, and by beat for two minutes (`early`). A PDU
that is not marked as a receipt becomes an inbound text after `EARLY`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from messaging.carrier_tests import gateway_results as carrier_tests
from messaging.receipts import matching, near_matches
from messaging.receipts.log_records import DeliverSm
from messaging.receipts.matching import Bind, IncomingReceipt
from messaging.receipts.models import StrayKey, StrayKind, StrayReceipt
from messaging.receipts.parts import MOST_OF_A_KEY
from messaging.smpp.protocol.pdu import HEADER_LENGTH, Pdu
from messaging.smpp.protocol.pdu import read as read_pdu
from messaging.smpp.protocol.receipt import read_receipt, receipt_text

EARLY = timedelta(seconds=60)
KEPT = timedelta(days=7)
# The text of SMPP 3.4 Appendix B has the beginning of the message there: personal data.
_MESSAGE = re.compile(r"\btext[ \t]*[:=].*", re.IGNORECASE | re.DOTALL)
MOST = 500  # looked at again in one sweep
LONGEST_TEXT = 1000  # characters
FORM_NOT_KNOWN = "a receipt came whose form is not known"


def keep(unmatched: Sequence[IncomingReceipt], *, log: str) -> None:
    """Store receipts that match nothing now."""
    new = _without_repeats([each for each in unmatched if each.stray_id is None])
    near = near_matches.describe([each for each in new if each.receipt.marked])
    rows = [_of_receipt(each, near.get(number, ""), log) for number, each in enumerate(new)]
    kept = list(zip(StrayReceipt.objects.bulk_create(rows), new, strict=True))
    StrayKey.objects.bulk_create(
        StrayKey(receipt=row, account=row.account, key=key)
        for row, each in kept
        for key in sorted(each.keys)
    )
    tested = carrier_tests.awaited({row.credential_id for row in rows})
    for row, each in kept:
        if each.receipt.marked and row.credential_id in tested:
            said = f"a receipt came for {each.receipt.ids[0]}, which is not this message's id"
            _tell_test(row, f"{said}. {row.near}".rstrip(), each.receipt.numbers)


def unknown_form(delivery: DeliverSm, bind: Bind, pdu: Pdu, *, log: str) -> None:
    """Store a PDU that is marked as a receipt and can't be read as one."""
    text = receipt_text(pdu)
    row = _row(delivery, bind, StrayKind.UNKNOWN_FORM, text, log)
    row.numbers = [pdu.text("source_addr"), pdu.text("destination_addr")]
    row.save()
    numbers = (*row.numbers, *text.replace(";", ",").split(","))
    _tell_test(row, f"{FORM_NOT_KNOWN}: {row.text}", numbers)


def unreadable(delivery: DeliverSm, bind: Bind, why: str, *, log: str) -> None:
    """Store a PDU that ends inside its mandatory parameters."""
    row = _row(delivery, bind, StrayKind.UNKNOWN_FORM, "", log)
    row.near = why[:LONGEST_TEXT]
    row.save()


def of_keys(keys: Iterable[str]) -> list[int]:
    """Stray receipts of any account that name one of these keys, the latest first; of each key
    `MOST_OF_A_KEY` are looked at. Without early ones: they still wait, or are inbound texts."""
    found: set[int] = set()
    for key in keys:
        # In the order of the index.
        rows = StrayKey.objects.filter(key=key).exclude(receipt__kind=StrayKind.EARLY)
        rows = rows.order_by("-account", "-id")
        found.update(rows.values_list("receipt", flat=True)[:MOST_OF_A_KEY])
    return sorted(found, reverse=True)


def set_aside(record: Mapping[str, Any], *, log: str) -> None:
    """Store a record of the log that can't be read, whatever is in it."""
    StrayReceipt.objects.create(
        account=_clean(str(record.get("account", "")))[:64],
        kind=StrayKind.FAULT,
        text=_clean(str({**record, "raw": "…"}))[:LONGEST_TEXT],
        raw=_clean(str(record.get("raw", ""))),
        session="",
        log=log,
        number=record["n"],
        received_at=timezone.now(),
    )


def waiting_for(wanted: Collection[tuple[str, str]]) -> list[IncomingReceipt]:
    """Stray receipts that may be about parts with these (account, key)."""
    accounts, keys = {account for account, _ in wanted}, {key for _, key in wanted}
    found = StrayKey.objects.filter(account__in=accounts, key__in=keys)
    ids = {
        receipt_id
        for receipt_id, *place in found.values_list("receipt_id", "account", "key")
        if tuple(place) in wanted
    }
    return read_again(StrayReceipt.objects.filter(pk__in=ids).order_by("-pk")) if ids else []


def early() -> list[StrayReceipt]:
    """Recent strays, whose messages may still be answered."""
    young = StrayReceipt.objects.filter(
        created_at__gt=timezone.now() - 2 * EARLY, kind__in=(StrayKind.UNMATCHED, StrayKind.EARLY)
    )
    return list(young[:MOST])


def read_again(rows: Iterable[StrayReceipt]) -> list[IncomingReceipt]:
    """The receipts of stored rows, read with the present settings of their credentials."""
    rows = list(rows)
    found = []
    for row, bind in zip(rows, binds_of(rows), strict=True):
        receipt = read_receipt(read_pdu(bytes.fromhex(row.raw)))
        if receipt is not None:
            found.append(IncomingReceipt(delivery_of(row), receipt, bind, stray_id=row.pk))
    return found


def binds_of(rows: Sequence[StrayReceipt]) -> list[Bind]:
    """The `Bind` of each row's credential, as it is now."""
    known = matching.binds_by_id({row.credential_id for row in rows if row.credential_id})
    return [known[row.credential_id] for row in rows]


def delivery_of(row: StrayReceipt) -> DeliverSm:
    raw = bytes.fromhex(row.raw)
    return DeliverSm(row.number, "", row.account, row.session, raw, row.received_at)


def _without_repeats(found: Sequence[IncomingReceipt]) -> list[IncomingReceipt]:
    """Leave out repetitions: if a gateway dies before it has answered, the carrier sends the same
    octets with another header. (For PDUs not marked as receipts `redelivery` has its own rule.)"""
    wanted = {place for each in found if each.receipt.marked for place in each.wanted}
    kept = {_octets(each) for each in waiting_for(wanted)}
    new = []
    for each in found:
        if each.receipt.marked and _octets(each) in kept:
            continue
        kept.add(_octets(each))
        new.append(each)
    return new


def _octets(each: IncomingReceipt) -> tuple[str, bytes]:
    return each.delivery.account, each.delivery.raw[HEADER_LENGTH:]


def forget(row_ids: Collection[int]) -> None:
    """Delete rows that have matched."""
    if row_ids:
        StrayReceipt.objects.filter(pk__in=row_ids).delete()


def _of_receipt(each: IncomingReceipt, near: str, log: str) -> StrayReceipt:
    kind = StrayKind.UNMATCHED if each.receipt.marked else StrayKind.EARLY
    text = receipt_text(read_pdu(each.delivery.raw))
    row = _row(each.delivery, each.bind, kind, text, log)
    row.ids, row.numbers = list(each.receipt.ids), list(each.receipt.numbers)
    row.word, row.error, row.near = each.receipt.word, each.receipt.error, near
    return row


def _row(delivery: DeliverSm, bind: Bind, kind: StrayKind, text: str, log: str) -> StrayReceipt:
    return StrayReceipt(
        organization_id=bind.organization_id,
        credential_id=bind.credential_id,
        account=delivery.account,
        kind=kind,
        text=_MESSAGE.sub("text:…", _clean(text))[:LONGEST_TEXT],
        raw=delivery.raw.hex(),
        session=delivery.session,
        log=log,
        number=delivery.number,
        received_at=delivery.at,
    )


def _tell_test(row: StrayReceipt, detail: str, numbers: Iterable[str]) -> None:
    if row.credential_id:
        carrier_tests.stray(row.credential_id, detail, tuple(filter(None, numbers)))


def _clean(text: str) -> str:
    return text.replace("\0", "")
