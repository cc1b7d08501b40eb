"""Record the gateway's answers to submits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from messaging import bulk
from messaging.gateway import Accepted, Refusal, Refused, Submission
from messaging.messages import event_history
from messaging.messages.dispatch.claim import Claim
from messaging.messages.dispatch_groups import group_key_of
from messaging.messages.models import Message, MessageStatus
from messaging.messages.transitions import UNCHOSEN, WAITING, Transitions

REJECTED = "GATEWAY_REFUSED"
TOO_FAST_PAUSE = timedelta(seconds=0.2)
# While a gateway is unavailable; doubled with each refusal for the same reason.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=15)
_GIVEN_BACK = (*WAITING, *UNCHOSEN, "attempt", "next_attempt_at", "group_key", "events")


def record(
    claims: Sequence[Claim],
    answers: Sequence[Submission],
    *,
    at: datetime,
    leased_until: datetime,
) -> None:
    """Record the answers to messages claimed at `at`. A claim whose answer was lost stays as it is.

    If `recovery` has submitted a claim again, its lease differs. The gateway may have that
    submission, so a refusal of the earlier one is ignored.
    """
    taken: list[str] = []
    given_back: dict[str, Refused] = {}
    failed: dict[str, Refused] = {}
    for claim, answer in zip(claims, answers, strict=True):
        if isinstance(answer, Accepted):
            taken.append(claim.id)
        elif isinstance(answer, Refused):
            (given_back if answer.retryable else failed)[claim.id] = answer
    mine = {"claimed_at": at, "leased_until": leased_until}
    if taken:
        _taken(taken, at)
    if given_back:
        _give_back(given_back, mine)
    if failed:
        _fail(failed, mine)


def _taken(ids: Sequence[str], at: datetime) -> None:
    """Mark claims as taken by the gateway. A claim whose report came first has ended, and is left
    alone."""
    same = {"taken_at": timezone.now(), "leased_until": None}
    bulk.update(Message, dict.fromkeys(ids, {}), (), same=same, where={"claimed_at": at})


def _give_back(refused: Mapping[str, Refused], mine: Mapping[str, datetime]) -> None:
    """Return claims to the queue. The gateway certainly has not taken them, so the attempt does not
    count.

    The next attempt chooses carrier and sender anew, unless the message is to be retried at the
    same carrier (`is_final`).
    """
    now = timezone.now()
    with transaction.atomic():
        values = {row.pk: _given_back(row, refused[row.pk], now) for row in _locked(refused, mine)}
        bulk.update(Message, values, _GIVEN_BACK, same={"updated_at": now})


def _given_back(message: Message, answer: Refused, now: datetime) -> dict[str, Any]:
    if answer.reason:
        why = f"not taken: {answer.reason}"
        events, times = event_history.after_refusal(message.events, MessageStatus.SENDING, why)
    else:
        events, times = event_history.without_attempt(message.events), 1
    kept = WAITING if message.is_final else WAITING | UNCHOSEN
    for name, value in kept.items():
        setattr(message, name, value)
    message.events, message.attempt = events, message.attempt - 1
    message.next_attempt_at = now + _pause(answer.kind, times)
    message.group_key = group_key_of(message)
    return {name: getattr(message, name) for name in _GIVEN_BACK}


def _pause(kind: Refusal, times: int) -> timedelta:
    """The pause until a refused message is due again; 0 if another carrier may take it."""
    if kind is Refusal.TOO_FAST:
        return TOO_FAST_PAUSE
    if kind is Refusal.UNAVAILABLE:
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(times - 1, 10))
    return timedelta(0)


def _fail(refused: Mapping[str, Refused], mine: Mapping[str, datetime]) -> None:
    with transaction.atomic():
        transitions = Transitions()
        for message in _locked(refused, mine):
            why = refused[message.pk].reason
            transitions.end(message, MessageStatus.FAILED, code=REJECTED, why=why)
        transitions.save()


def _locked(refused: Mapping[str, Refused], mine: Mapping[str, datetime]) -> list[Message]:
    """Lock messages that still have this claim and lease, by id: any other order can deadlock."""
    claimed = Message.objects.filter(pk__in=refused, status=MessageStatus.SENDING, **mine)
    return list(claimed.order_by("id").select_for_update(of=("self",)))
