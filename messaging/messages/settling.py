"""What the gateway answered to submits, written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from messaging.gateway import Accepted, Refusal, Refused, Submission
from messaging.messages import claims, moves
from messaging.messages.models import Message, MessageStatus

REJECTED = "GATEWAY_REFUSED"
TOO_FAST_PAUSE = timedelta(seconds=0.2)
# Of a gateway that takes nothing: doubled with each attempt.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=15)


def settle(messages: Sequence[Message], answers: Sequence[Submission], *, at: datetime) -> None:
    """`messages` were claimed at `at`. An answer that was lost leaves the claim as it is."""
    taken: list[str] = []
    released: dict[timedelta, list[tuple[Message, Refused]]] = {}
    for message, answer in zip(messages, answers, strict=True):
        if isinstance(answer, Accepted):
            taken.append(message.pk)
        elif isinstance(answer, Refused) and answer.retryable:
            pause = _pause(answer.kind, message.attempt)
            released.setdefault(pause, []).append((message, answer))
        elif isinstance(answer, Refused):
            _fail(message, answer, at)
    # A report may have come before: then there is no such claim any more, and nothing to write.
    if taken:
        claims.update(taken, at=at, taken_at=timezone.now(), leased_until=None)
    for pause, refused in released.items():
        claims.release(refused, at=at, after=pause)


def _pause(kind: Refusal, attempt: int) -> timedelta:
    """Until a message is due again that was refused: another carrier may take it at once."""
    if kind is Refusal.TOO_FAST:
        return TOO_FAST_PAUSE
    if kind is Refusal.UNAVAILABLE:
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempt - 1, 10))
    return timedelta(0)


def _fail(message: Message, refused: Refused, at: datetime) -> None:
    with transaction.atomic():
        claimed = Message.objects.filter(claimed_at=at, leased_until=message.leased_until)
        mine = claimed.filter(pk=message.pk, status=MessageStatus.SENDING)
        row = mine.select_for_update(of=("self",)).first()
        if row is not None:
            moves.end(row, MessageStatus.FAILED, code=REJECTED, why=refused.reason)
