"""Take a page of a gateway's log, in the transaction that stores its offset.

Records may come in any order. Answers become parts, and receipts look up stored parts. Then the
messages of both are locked by id; answers are applied first, then receipts, which may be about an
answer of the same page. Everything is written at the end: a page costs a handful of statements,
however many records it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from messaging.access import counts as access_counts
from messaging.access import logins
from messaging.access.refused_login import RefusedLogin
from messaging.inbound import access_results
from messaging.inbound.access_results import Delivered
from messaging.inbound.pdus import InboundText
from messaging.inbound.services import store
from messaging.receipts import log_records, matching, parts, strays
from messaging.receipts.apply import PageEffects, attempt_of
from messaging.receipts.log_records import AccessSubmit, DeliverSm, NotSent, SubmitAnswer
from messaging.receipts.matching import Bind, IncomingReceipt
from messaging.receipts.models import LONGEST_ID
from messaging.receipts.parts import PartRow
from messaging.smpp.protocol.message_ids import id_key
from messaging.smpp.protocol.pdu import Pdu, PduError
from messaging.smpp.protocol.pdu import read as read_pdu
from messaging.smpp.protocol.receipt import is_marked, read_receipt

Binds = Mapping[str, Bind]


def take(found: Sequence[Mapping[str, Any]], *, log: str) -> None:
    """Take records of this log, all or none. Raises ValueError, KeyError, TypeError if one can't be
    read: the caller passes that one to `set_aside`."""
    read = [each for record in found if (each := log_records.read(record))]
    answers = [each for each in read if isinstance(each, SubmitAnswer)]
    deliveries = [each for each in read if isinstance(each, DeliverSm)]
    binds = matching.binds({each.cid for each in (*answers, *deliveries)})
    new = [part for each in answers if (part := _part(each, binds[each.cid]))]
    incoming, texts = _sort(deliveries, binds, log)
    incoming += strays.waiting_for({(part.account, part.id_key) for part in new if part.id_key})
    unsent = [each for each in read if isinstance(each, NotSent)]
    unmatched = _apply(new, unsent, incoming)
    strays.keep(unmatched, log=log)
    store(texts)
    _count(each for each in read if isinstance(each, AccessSubmit))
    access_results.apply([each for each in read if isinstance(each, Delivered)])
    logins.record([each for each in read if isinstance(each, RefusedLogin)])


def retake(incoming: Sequence[IncomingReceipt]) -> list[IncomingReceipt]:
    """Match stray receipts again; return those that still match nothing."""
    return _apply([], [], incoming)


def inbound_text(delivery: DeliverSm, bind: Bind, pdu: Pdu, *, log: str) -> InboundText:
    """A delivery that is no receipt, as `messaging.inbound` stores it."""
    return InboundText(
        pdu=pdu,
        raw=delivery.raw,
        account=delivery.account,
        session=delivery.session,
        received_at=delivery.at,
        log=log,
        number=delivery.number,
        organization_id=bind.organization_id,
        credential_id=bind.credential_id,
    )


def set_aside(found: Sequence[Mapping[str, Any]], *, log: str) -> None:
    """Store records that can't be read, for the console to show."""
    for record in found:
        strays.set_aside(record, log=log)


def _part(answer: SubmitAnswer, bind: Bind) -> PartRow | None:
    """The part that this answer is for; None if the token names no message or test of ours."""
    attempt = attempt_of(answer.token)
    if attempt is None:
        return None
    return PartRow(
        None,
        *attempt,
        answer.part,
        answer.parts,
        bind.credential_id,
        answer.account,
        answer.status.value if answer.status else None,
        answer.id,
        id_key(answer.id)[:LONGEST_ID] if answer.id else "",
        answer.at,
    )


def _sort(
    deliveries: Iterable[DeliverSm], binds: Binds, log: str
) -> tuple[list[IncomingReceipt], list[InboundText]]:
    """Split deliveries into receipts and inbound texts. A receipt of an unknown form is stored at
    once."""
    incoming, texts = [], []
    for delivery in deliveries:
        bind = binds[delivery.cid]
        try:
            pdu = read_pdu(delivery.raw)
        except PduError as error:
            strays.unreadable(delivery, bind, f"The PDU can't be read: {error}", log=log)
            continue
        receipt = read_receipt(pdu)
        text = inbound_text(delivery, bind, pdu, log=log)
        # A part of a concatenated text is no receipt, even if it reads like one.
        if receipt is not None and (receipt.marked or text.part is None):
            incoming.append(IncomingReceipt(delivery, receipt, bind))
        elif is_marked(pdu):
            strays.unknown_form(delivery, bind, pdu, log=log)
        else:
            texts.append(text)
    return incoming, texts


def _apply(
    new: Sequence[PartRow], unsent: Sequence[NotSent], incoming: Sequence[IncomingReceipt]
) -> list[IncomingReceipt]:
    """Move messages and tests; return the receipts that match none of them."""
    known = parts.with_keys({wanted for each in incoming for wanted in each.wanted})
    given_up = [(attempt, each.why) for each in unsent if (attempt := attempt_of(each.token))]
    others = [attempt.message_id for attempt, _ in given_up]
    with PageEffects(new, known, others) as effects:
        for owner, attempt in dict.fromkeys((part.owner, part.attempt) for part in new):
            effects.apply_answers(owner, attempt)
        for attempt, why in given_up:
            effects.apply_not_sent(*attempt, why)
        unmatched, found = [], []
        for each in incoming:
            part = effects.find(each)
            if part is None:
                unmatched.append(each)
                continue
            effects.apply_receipt(part, each)
            if each.stray_id:
                found.append(each.stray_id)
    strays.forget(found)
    return unmatched


def _count(submits: Iterable[AccessSubmit]) -> None:
    """Count submits of the organisations' own platforms, by user (the organisation's key)."""
    counts: dict[str, int] = {}
    for each in submits:
        counts[each.user] = counts.get(each.user, 0) + 1
    for user in sorted(counts):
        access_counts.add_submits(user, counts[user])
