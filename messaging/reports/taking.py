"""The effects of records of a gateway's log, in the transaction of whoever keeps their offset.

In this order, whatever theirs is: answers become parts, so that a receipt finds its own; then the
messages are locked, by their ids in order, and with them their parts; then answers and receipts
move them. A page is a handful of statements, however many records it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from messaging.access import traffic
from messaging.reports import inbound, matching, owners, records, strays
from messaging.reports.matching import Bind, Incoming
from messaging.reports.models import LONGEST_ID, Part
from messaging.reports.records import AccessSubmit, Answer, Delivery, NotSent
from messaging.smpp.protocol.pdu import PduError
from messaging.smpp.protocol.pdu import read as read_pdu
from messaging.smpp.protocol.receipt import id_key, is_marked, read_receipt

Binds = Mapping[str, Bind]


def take(found: Sequence[Mapping[str, Any]], *, log: str) -> None:
    """Take records of the log with this id, all or none. Raises what a record that can't be read
    makes: `set_aside` is for that one."""
    read = [each for record in found if (each := records.read(record))]
    answers = [each for each in read if isinstance(each, Answer) and owners.is_ours(each.token)]
    deliveries = [each for each in read if isinstance(each, Delivery)]
    binds = matching.binds({each.cid for each in (*answers, *deliveries)})
    _keep_parts(answers, binds)
    incoming, texts = _sorted_out(deliveries, binds, log)
    incoming += strays.answered((each.account, id_key(each.id)) for each in answers if each.id)
    unsent = [each for each in read if isinstance(each, NotSent)]
    left = _move(answers, unsent, incoming)
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


def _keep_parts(answers: Iterable[Answer], binds: Binds) -> None:
    Part.objects.bulk_create(
        (
            Part(
                owner=owners.owner_of(each.token),
                attempt=owners.attempt_of(each.token),
                number=each.part,
                of=each.parts,
                credential_id=binds[each.cid].credential_id,
                account=each.account,
                status=each.status.value if each.status else None,
                carrier_id=each.id,
                id_key=id_key(each.id)[:LONGEST_ID] if each.id else "",
                answered_at=each.at,
            )
            for each in answers
        ),
        ignore_conflicts=True,
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
    answers: Sequence[Answer], unsent: Sequence[NotSent], incoming: Sequence[Incoming]
) -> list[Incoming]:
    """Move messages and tests; the receipts that match none of them."""
    parts = matching.candidates((each.delivery.account, each.keys) for each in incoming)
    tokens = [each.token for each in (*answers, *unsent) if owners.is_ours(each.token)]
    named = {owners.owner_of(token) for token in tokens}
    named |= {part.owner for each in parts.values() for part in each}
    with owners.Owners(named, parts) as held:
        for token in {each.token: None for each in answers}:
            held.answered(token)
        for each in unsent:
            held.not_sent(each.token, each.why)
        left = []
        for each in incoming:
            part = matching.find(each, parts, held.sent)
            if part is None:
                left.append(each)
                continue
            held.reported(part, each)
            if each.stray_id:
                strays.forget(each.stray_id)
    return left


def _count(submits: Iterable[AccessSubmit]) -> None:
    """Submits of the platforms' own binds, by the key that is their user."""
    counts: dict[str, int] = {}
    for each in submits:
        counts[each.user] = counts.get(each.user, 0) + 1
    for user in sorted(counts):
        traffic.count(user, counts[user])
