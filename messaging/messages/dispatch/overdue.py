"""End messages that have waited too long: for a carrier, for an answer, for a receipt.

Celery beat starts this every few seconds; runs may overlap.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from messaging import gateway
from messaging.messages.dispatch.backlog import waiting_since
from messaging.messages.models import UNSENT, Message, MessageStatus
from messaging.messages.transitions import Transitions

MOST = 500  # messages of a kind in one sweep
# Claimed for the gateway or in it. Must equal the condition of the index `message_in_gateway`.
CLAIMED = Q(status=MessageStatus.SENDING, claimed_at__isnull=False)


def end_overdue() -> None:
    """End overdue messages as `expired` or `submitted_no_receipt`, by what they waited for.

    While records of gateways are unread, the messages that they may be about are not overdue.
    """
    now = timezone.now()
    validity = timedelta(hours=settings.MESSAGE_VALIDITY_HOURS)
    outcome_in = timedelta(seconds=settings.MESSAGE_OUTCOME_TIMEOUT)
    receipt_in = timedelta(hours=settings.MESSAGE_RECEIPT_TIMEOUT_HOURS)
    _end(
        Q(status__in=UNSENT, claimed_at=None) & waiting_since(now - validity),
        lambda transitions, message: transitions.end(
            message,
            MessageStatus.EXPIRED,
            code="NOT_SENT_IN_TIME",
            why=f"No carrier took it within {settings.MESSAGE_VALIDITY_HOURS} h.",
        ),
    )
    _end_reported(CLAIMED, "claimed_at", now, outcome_in, Transitions.end_unknown)
    # A receipt may come on any bind of the account, so any gateway's log may have it.
    known = min(now, gateway.reported_until())
    _end_reported(
        Q(status=MessageStatus.SENT),
        "sent_at",
        known,
        receipt_in,
        lambda transitions, message: transitions.end(
            message,
            MessageStatus.SUBMITTED_NO_RECEIPT,
            code="NO_RECEIPT",
            why="The carrier took it and has sent no receipt within "
            f"{settings.MESSAGE_RECEIPT_TIMEOUT_HOURS:g} h.",
        ),
    )


def _end_reported(
    which: Q,
    since: str,
    known: datetime,
    patience: timedelta,
    end: Callable[[Transitions, Message], None],
) -> None:
    """End messages without a record for `patience`. `known`: all records before it are read, except
    those of lanes that are behind."""
    behind = gateway.reports_behind()
    _end(which & Q(**{f"{since}__lt": known - patience}) & ~Q(lane__in=behind), end)
    for lane, at in behind.items():
        _end(which & Q(**{f"{since}__lt": min(at, known) - patience, "lane": lane}), end)


def _end(condition: Q, end: Callable[[Transitions, Message], None]) -> None:
    with transaction.atomic():
        transitions = Transitions()
        for message in some_locked(Message.objects.filter(condition)):
            end(transitions, message)
        transitions.save()


def some_locked(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Lock at most `MOST`, unordered: ordering by id would walk the table instead of the index.
    Locked rows are skipped, so this can't deadlock."""
    return messages.order_by().select_for_update(of=("self",), skip_locked=True)[:MOST]
