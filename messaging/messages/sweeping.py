"""What nobody works on any more: claims of workers that died, messages whose time is over.

Beat comes every few seconds; each function may run many times at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
# A gateway with a lane knows for an hour after its last word on a token that it has taken it.
REMEMBERED = timedelta(minutes=50)
# Reports that can't be read may be lost for good, as the gateway is: nothing waits longer for them.
LONGEST_LAG = timedelta(hours=24)


def waiting() -> list[str]:
    """Organisations that have messages which are due."""
    due = Message.objects.filter(
        not_held(), status__in=UNSENT, claimed_at=None, next_attempt_at__lte=timezone.now()
    )
    return list(due.order_by().values_list("organization_id", flat=True).distinct())


def recover() -> None:
    """Hand over again what was claimed and has no answer: taken once, whatever has happened.

    Where that can't be known (a stock Jasmin, another gateway or store by now, a claim that is old)
    only a report will tell, or the time.
    """
    now = timezone.now()
    lost = Message.objects.filter(status=MessageStatus.SENDING, leased_until__lt=now, taken_at=None)
    with transaction.atomic():
        messages = list(_locked(lost))
        for message in messages:
            message.leased_until = now + claims.LEASE
        Message.objects.filter(pk__in=[each.pk for each in messages]).update(
            leased_until=now + claims.LEASE
        )
    _hand_over_again(messages)


def end_overdue() -> None:
    """End what has waited too long: for a carrier, for its first report, for its receipt.

    What was reported and not read yet is not overdue, however long the reader was away.
    """
    now = timezone.now()
    validity = timedelta(hours=settings.MESSAGE_VALIDITY_HOURS)
    outcome = timedelta(seconds=settings.MESSAGE_OUTCOME_TIMEOUT)
    receipt = timedelta(hours=settings.MESSAGE_RECEIPT_TIMEOUT_HOURS)
    known = max(min(now, gateway.reported_until()), now - LONGEST_LAG)
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
        Q(status=MessageStatus.SENDING, claimed_at__lt=known - outcome),
        receipts.unknown,
    )
    _end(
        Q(status=MessageStatus.SENT, sent_at__lt=known - receipt),
        lambda moves, message: moves.end(
            message,
            MessageStatus.SUBMITTED_NO_RECEIPT,
            code="NO_RECEIPT",
            why="The carrier took it and has sent no receipt within "
            f"{settings.MESSAGE_RECEIPT_TIMEOUT_HOURS:g} h.",
        ),
    )


def _hand_over_again(messages: Sequence[Message]) -> None:
    trunks = gateway.trunks({each.credential_id for each in messages}) if messages else {}
    oldest = timezone.now() - REMEMBERED
    open_trunks = {pk: each for pk, each in trunks.items() if not isinstance(each, Refused)}
    # While its gateway is away, the lease of a message comes to its end again.
    found = [each for each in messages if each.credential_id in open_trunks]
    known, unknown = [], []
    for message in found:
        same = message.lane and message.lane == open_trunks[message.credential_id].lane
        (known if same and message.claimed_at >= oldest else unknown).append(message)
    _leave_to_reports(unknown)
    answers = router.submit(known, open_trunks)
    for message, answer in zip(known, answers, strict=True):
        # Who can't be reached may have taken it before.
        if not isinstance(answer, Refused) or answer.kind is not Refusal.UNAVAILABLE:
            settling.settle([message], [answer], at=message.claimed_at)


def _leave_to_reports(messages: Sequence[Message]) -> None:
    mine = Message.objects.filter(pk__in=[each.pk for each in messages], taken_at=None)
    mine.filter(status=MessageStatus.SENDING, claimed_at__isnull=False).update(
        taken_at=timezone.now(), leased_until=None
    )


def _end(condition: Q, end: Callable[[Moves, Message], None]) -> None:
    with transaction.atomic():
        moves = Moves()
        for message in _locked(Message.objects.filter(condition)):
            end(moves, message)
        moves.save()


def _locked(messages: QuerySet[Message]) -> QuerySet[Message]:
    return messages.order_by("id").select_for_update(of=("self",), skip_locked=True)[:MOST]
