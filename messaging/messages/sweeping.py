"""What nobody works on any more: claims of workers that died, messages whose time is over.

Beat comes every few seconds; each function may run many times at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from messaging import gateway
from messaging.gateway import Refusal, Refused
from messaging.messages import claims, receipts, router, settling
from messaging.messages.holding import not_held, waits_since
from messaging.messages.models import UNSENT, Message, MessageStatus
from messaging.messages.moves import Moves

MOST = 200  # messages of a kind in one sweep
# Our launcher knows for an hour which addresses it has taken (launcher/admission.py).
REMEMBERED = timedelta(minutes=50)


def waiting() -> list[str]:
    """Organisations that have messages which are due."""
    due = Message.objects.filter(
        not_held(), status__in=UNSENT, claimed_at=None, next_attempt_at__lte=timezone.now()
    )
    return list(due.order_by().values_list("organization_id", flat=True).distinct())


def recover() -> None:
    """Hand over again what was claimed and has no answer: taken once, whatever has happened.

    Where that can't be known (another process of the gateway, or one that can't say) only a report
    will tell, or the time.
    """
    now = timezone.now()
    lost = Message.objects.filter(
        status=MessageStatus.SENDING, leased_until__lt=now, taken_at=None
    ).order_by("leased_until")[:MOST]
    for message in lost:
        mine = Message.objects.filter(pk=message.pk, leased_until=message.leased_until)
        message.leased_until = now + claims.LEASE
        if mine.update(leased_until=message.leased_until):
            _hand_over_again(message)


def end_overdue() -> None:
    """End what has waited too long: for a carrier, for its first report, for its receipt."""
    now = timezone.now()
    validity = timedelta(hours=settings.MESSAGE_VALIDITY_HOURS)
    outcome = timedelta(seconds=settings.MESSAGE_OUTCOME_TIMEOUT)
    receipt = timedelta(hours=settings.MESSAGE_RECEIPT_TIMEOUT_HOURS)
    _end(
        Q(status__in=UNSENT, claimed_at=None) & waits_since(now - validity),
        lambda moves, message: moves.end(
            message,
            MessageStatus.EXPIRED,
            code="NOT_SENT_IN_TIME",
            why=f"No carrier took it within {settings.MESSAGE_VALIDITY_HOURS} h.",
        ),
    )
    _end(
        Q(status=MessageStatus.SENDING, claimed_at__lt=now - outcome),
        receipts.unknown,
    )
    _end(
        Q(status=MessageStatus.SENT, sent_at__lt=now - receipt),
        lambda moves, message: moves.end(
            message,
            MessageStatus.SUBMITTED_NO_RECEIPT,
            code="NO_RECEIPT",
            why="The carrier took it and has sent no receipt within "
            f"{settings.MESSAGE_RECEIPT_TIMEOUT_HOURS:g} h.",
        ),
    )


def _hand_over_again(message: Message) -> None:
    trunk = gateway.trunks([message.credential_id])[message.credential_id]
    if isinstance(trunk, Refused):
        return  # the gateway is away: the lease comes to its end again
    if not message.life or message.claimed_at < timezone.now() - REMEMBERED:
        _leave_to_reports(message)
        return
    (answer,) = router.submit([message], {message.credential_id: trunk})
    kind = answer.kind if isinstance(answer, Refused) else None
    if kind is Refusal.ANOTHER_LIFE:
        _leave_to_reports(message)
    elif kind is not Refusal.UNAVAILABLE:  # who can't be reached may have taken it before
        settling.settle([message], [answer], at=message.claimed_at)


def _leave_to_reports(message: Message) -> None:
    mine = Message.objects.filter(pk=message.pk, claimed_at=message.claimed_at, taken_at=None)
    mine.update(taken_at=timezone.now(), leased_until=None)


def _end(condition: Q, end: Callable[[Moves, Message], None]) -> None:
    with transaction.atomic():
        moves = Moves()
        for message in _locked(Message.objects.filter(condition)):
            end(moves, message)
        moves.save()


def _locked(messages: QuerySet[Message]) -> QuerySet[Message]:
    return messages.order_by("id").select_for_update(of=("self",), skip_locked=True)[:MOST]
