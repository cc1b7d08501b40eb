"""The effects of records of a gateway's log, in the transaction of whoever keeps their offset.

In this order, whatever theirs is: answers become parts, and receipts look for the parts that are
there already; then the messages of both are locked, by their ids in order; then answers move them,
and receipts, which may be about an answer of the same page. All of it is written at the end: a page
is a handful of statements, however many records it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from messaging.access import counts as traffic
from messaging.inbound import services as inbound
from messaging.receipts import apply as owners
from messaging.receipts import log_records, matching, parts, strays
from messaging.receipts.log_records import AccessSubmit, Answer, Delivery, NotSent
from messaging.receipts.matching import Bind, Incoming
from messaging.receipts.models import LONGEST_ID
from messaging.receipts.parts import PartRow
from messaging.smpp.protocol.pdu import PduError
from messaging.smpp.protocol.pdu import read as read_pdu
from messaging.smpp.protocol.receipt import id_key, is_marked, read_receipt

Binds = Mapping[str, Bind]


def take(found: Sequence[Mapping[str, Any]], *, log: str) -> None:
    """Take records of the log with this id, all or none. Raises what a record that can't be read
    makes: `set_aside` is for that one."""
    read = [each for record in found if (each := log_records.read(record))]
    answers = [each for each in read if isinstance(each, Answer)]
    deliveries = [each for each in read if isinstance(each, Delivery)]
    binds = matching.binds({each.cid for each in (*answers, *deliveries)})
    new = [part for each in answers if (part := _part(each, binds[each.cid]))]
    incoming, texts = _sorted_out(deliveries, binds, log)
    incoming += strays.answered({(part.account, part.id_key) for part in new if part.id_key})
    unsent = [each for each in read if isinstance(each, NotSent)]
    left = _move(new, unsent, incoming)
    strays.keep(left, log=log)
    inbound.keep(texts, log=log)
    _count(each for each in read if isinstance(each, AccessSubmit))


def receipts(incoming: Sequence[Incoming]) -> list[Incoming]:
    """Take receipts once more that matched nothing; those that still do not."""
    return _move([], [], incoming)


def set_aside(found: Sequence[Mapping[str, Any]], *, log: str) -> None:
    """Keep records that could not be taken, as they came, for people to look at."""
    for record in found:
        strays.set_aside(record, log=log)


def _part(answer: Answer, bind: Bind) -> PartRow | None:
    """The part that has got this answer; None if we have not sent it."""
    attempt = owners.attempt_of(answer.token)
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


def _sorted_out(
    deliveries: Iterable[Delivery], binds: Binds, log: str
) -> tuple[list[Incoming], list[inbound.Text]]:
    """Receipts, and texts of phones. A receipt of no known form is kept at once."""
    incoming, texts = [], []
    for delivery in deliveries:
        bind = binds[delivery.cid]
        try:
            pdu = read_pdu(delivery.raw)
        except PduError as error:
            strays.unreadable(delivery, bind, f"The PDU can't be read: {error}", log=log)
            continue
        receipt = read_receipt(pdu)
        if receipt is not None:
            incoming.append(Incoming(delivery, receipt, bind))
        elif is_marked(pdu):
            strays.unknown_form(delivery, bind, pdu, log=log)
        else:
            texts.append(inbound.Text(delivery, bind, pdu))
    return incoming, texts


def _move(
    new: Sequence[PartRow], unsent: Sequence[NotSent], incoming: Sequence[Incoming]
) -> list[Incoming]:
    """Move messages and tests; the receipts that match none of them."""
    known = parts.with_keys({wanted for each in incoming for wanted in each.wanted})
    given_up = [
        (attempt, each.why) for each in unsent if (attempt := owners.attempt_of(each.token))
    ]
    others = [attempt.message_id for attempt, _ in given_up]
    with owners.Owners(new, known, others) as held:
        for owner, attempt in dict.fromkeys((part.owner, part.attempt) for part in new):
            held.answered(owner, attempt)
        for attempt, why in given_up:
            held.not_sent(*attempt, why)
        left, found = [], []
        for each in incoming:
            part = held.find(each)
            if part is None:
                left.append(each)
                continue
            held.reported(part, each)
            if each.stray_id:
                found.append(each.stray_id)
    strays.forget(found)
    return left


def _count(submits: Iterable[AccessSubmit]) -> None:
    """Submits of the platforms' own binds, by the key that is their user."""
    counts: dict[str, int] = {}
    for each in submits:
        counts[each.user] = counts.get(each.user, 0) + 1
    for user in sorted(counts):
        traffic.count(user, counts[user])
