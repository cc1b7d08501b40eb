"""Sweep for receipts: end messages with some parts delivered, and match early receipts again.

Celery beat starts this every few seconds; runs may overlap.
"""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from messaging import gateway
from messaging.inbound import services as inbound
from messaging.messages.models import UNFINISHED, Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.receipts import ingest, strays
from messaging.receipts import parts as part_rows
from messaging.receipts.models import StrayKind, StrayReceipt
from messaging.receipts.multipart import PATIENCE
from messaging.receipts.parts import PartRow
from messaging.smpp.protocol.pdu import read
from messaging.smpp.protocol.receipt import State

MOST = 500  # messages, or receipts, in one transaction
ROUNDS = 20  # transactions in one sweep


def sweep() -> None:
    for _ in range(ROUNDS):
        if end_partly_delivered() < MOST:
            break
    match_early_again()


def end_partly_delivered() -> int:
    """End messages with delivered parts once no other receipt has come for `PATIENCE`; return how
    many were looked at.

    Messages wait while records of that time are unread.
    """
    until = min(timezone.now(), gateway.reported_until())
    with transaction.atomic():
        due = Message.objects.filter(settle_at__lt=until, status__in=UNFINISHED).order_by("id")
        held = list(due.select_for_update(of=("self",), skip_locked=True)[:MOST])
        found = defaultdict(list)
        for part in part_rows.of_owners([message.pk for message in held]):
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
            else:  # another part's receipt has come: it decides
                message.settle_at = None
                transitions.note(message, "")
        transitions.save()
    return len(held)


def match_early_again() -> None:
    """Match early receipts again; PDUs that only read like one become inbound texts in time."""
    with transaction.atomic():
        ingest.retake(strays.read_again(strays.early()))
        old = StrayReceipt.objects.filter(
            kind=StrayKind.EARLY, created_at__lt=timezone.now() - strays.EARLY
        ).order_by("id")
        for row in old.select_for_update(of=("self",), skip_locked=True)[:MOST]:
            (bind,) = strays.binds_of([row])
            delivery = strays.delivery_of(row)
            inbound.store([ingest.inbound_text(delivery, bind, read(delivery.raw), log=row.log)])
            row.delete()


def _said(parts: list[PartRow]) -> str:
    delivered = sum(part.state == State.DELIVERED for part in parts)
    seconds = PATIENCE.total_seconds()
    return (
        f"the carrier reported {delivered} of {len(parts)} parts, delivered, and nothing of the "
        f"others for {seconds:g} s"
    )
