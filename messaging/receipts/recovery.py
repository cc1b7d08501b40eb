"""What waits for reports that do not come: other parts of a text, the answer of an early receipt.

Beat comes every few seconds; each function may run many times at once.
"""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from messaging import gateway
from messaging.inbound import services as inbound
from messaging.messages.models import UNFINISHED, Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.receipts import ingest as taking
from messaging.receipts import parts as parts_of
from messaging.receipts import strays
from messaging.receipts.models import StrayKind, StrayReceipt
from messaging.receipts.multipart import PATIENCE
from messaging.receipts.parts import PartRow
from messaging.smpp.protocol.pdu import read
from messaging.smpp.protocol.receipt import State

MOST = 500  # messages, or receipts, in one transaction
ROUNDS = 20  # transactions in one sweep


def sweep() -> None:
    for _ in range(ROUNDS):
        if settle_partly_reported() < MOST:
            break
    look_again()


def settle_partly_reported() -> int:
    """End messages of which some parts are delivered, and the carrier has said nothing of others
    for `PATIENCE`. Not while reports of that time are unread. Return how many were looked at."""
    until = min(timezone.now(), gateway.reported_until())
    with transaction.atomic():
        due = Message.objects.filter(settle_at__lt=until, status__in=UNFINISHED).order_by("id")
        held = list(due.select_for_update(of=("self",), skip_locked=True)[:MOST])
        found = defaultdict(list)
        for part in parts_of.of_owners([message.pk for message in held]):
            found[part.owner, part.attempt].append(part)
        transitions = Transitions()
        for message in held:
            parts = found[message.pk, message.attempt]
            states = {part.state for part in parts}
            if len(parts) < parts[0].of:  # some have no answer yet
                message.settle_at = timezone.now() + PATIENCE
                transitions.note(message, "")
            elif states <= {"", State.DELIVERED}:
                transitions.end(message, MessageStatus.DELIVERED, detail=_said(parts))
            else:  # the carrier does speak of the others: they have their own end
                message.settle_at = None
                transitions.note(message, "")
        transitions.save()
    return len(held)


def look_again() -> None:
    """Look for the messages of early receipts; what only read like one becomes a phone's text."""
    with transaction.atomic():
        taking.receipts(strays.again(strays.early()))
        old = StrayReceipt.objects.filter(
            kind=StrayKind.EARLY, created_at__lt=timezone.now() - strays.EARLY
        ).order_by("id")
        for row in old.select_for_update(of=("self",), skip_locked=True)[:MOST]:
            (bind,) = strays.binds_of([row])
            delivery = strays.delivery_of(row)
            inbound.keep([inbound.Text(delivery, bind, read(delivery.raw))], log=row.log)
            row.delete()


def _said(parts: list[PartRow]) -> str:
    delivered = sum(part.state == State.DELIVERED for part in parts)
    seconds = PATIENCE.total_seconds()
    return (
        f"the carrier reported {delivered} of {len(parts)} parts, delivered, and nothing of the "
        f"others for {seconds:g} s"
    )
