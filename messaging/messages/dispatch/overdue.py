"""Ending messages that have waited too long: for a carrier, for an answer, for a receipt.

Beat comes every few seconds; `end_overdue` may run many times at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from messaging import gateway
from messaging.messages.dispatch.backlog import waiting_since
from messaging.messages.models import UNSENT, Message, MessageStatus
from messaging.messages.transitions import Transitions

MOST = 500  # messages of a kind in one sweep
# Records that can't be read may be lost with the gateway: messages wait no longer for them.
LONGEST_LAG = timedelta(hours=24)
# In the gateway, or claimed for it: as the condition of the index `message_in_gateway` has it.
CLAIMED = Q(status=MessageStatus.SENDING, claimed_at__isnull=False)


def end_overdue() -> None:
    """`expired`, `failed` or `submitted_no_receipt`, as each waits for.

    Records that are not read yet still count, however long the reader was away.
    """
    now = timezone.now()
    validity = timedelta(hours=settings.MESSAGE_VALIDITY_HOURS)
    outcome_in = timedelta(seconds=settings.MESSAGE_OUTCOME_TIMEOUT)
    receipt_in = timedelta(hours=settings.MESSAGE_RECEIPT_TIMEOUT_HOURS)
    known = max(min(now, gateway.reported_until()), now - LONGEST_LAG)
    _end(
        Q(status__in=UNSENT, claimed_at=None) & waiting_since(now - validity),
        lambda transitions, message: transitions.end(
            message,
            MessageStatus.EXPIRED,
            code="NOT_SENT_IN_TIME",
            why=f"No carrier took it within {settings.MESSAGE_VALIDITY_HOURS} h.",
        ),
    )
    _end(CLAIMED & Q(claimed_at__lt=known - outcome_in), Transitions.end_unknown)
    _end(
        Q(status=MessageStatus.SENT, sent_at__lt=known - receipt_in),
        lambda transitions, message: transitions.end(
            message,
            MessageStatus.SUBMITTED_NO_RECEIPT,
            code="NO_RECEIPT",
            why="The carrier took it and has sent no receipt within "
            f"{settings.MESSAGE_RECEIPT_TIMEOUT_HOURS:g} h.",
        ),
    )


def _end(condition: Q, end: Callable[[Transitions, Message], None]) -> None:
    with transaction.atomic():
        transitions = Transitions()
        for message in some_locked(Message.objects.filter(condition)):
            end(transitions, message)
        transitions.save()


def some_locked(messages: QuerySet[Message]) -> QuerySet[Message]:
    """At most `MOST`, in no order: sorted by id, the table would be walked instead of an index. No
    deadlock can come of it: none of them waits for another transaction's lock."""
    return messages.order_by().select_for_update(of=("self",), skip_locked=True)[:MOST]
