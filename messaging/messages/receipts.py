"""What the gateway reports about messages: the carrier's answer to the submit, and its receipt.

Reports may come twice, in any order, late, or be made up by a carrier: what a message has reached
stays reached, and a report settles the attempt that its address was made for and no other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from messaging.gateway import NO_ANSWER, NOT_SENT, Report
from messaging.messages.models import UNFINISHED, Message, MessageStatus
from messaging.messages.moves import Moves
from messaging.messages.tokens import Attempt, attempt_of
from messaging.messages.waking import wake_on_commit
from messaging.smpp.protocol.receipt import State, state_of
from messaging.smpp.protocol.status import OK, by_name

OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
UNKNOWN_WHY = (
    "It was handed to the carrier, or may have been, and nobody can know what became of it."
)
# "Later", or never written: certainly not with the carrier.
_LATER = frozenset({"ESME_RTHROTTLED", "ESME_RMSGQFUL", NOT_SENT})
LONGEST_PAUSE = 30  # seconds

_ENDS = {
    State.DELIVERED: MessageStatus.DELIVERED,
    State.EXPIRED: MessageStatus.EXPIRED,
    State.UNDELIVERED: MessageStatus.UNDELIVERED,
}


def take(reports: Iterable[Report]) -> int:
    """Take reports in their order, all or none; how many have an address that we gave out."""
    ours = [(attempt, each) for each in reports if (attempt := attempt_of(each.token))]
    with transaction.atomic():
        under_way = _under_way({attempt.message_id for attempt, _ in ours})
        moves = Moves()
        for attempt, report in ours:
            message = under_way.get(attempt.message_id)
            if message is not None and _is_running(message, attempt):
                _apply(moves, message, report)
        moves.save()
    return len(ours)


def _under_way(message_ids: Collection[str]) -> dict[str, Message]:
    """Messages of which an attempt runs, locked: by their ids in order, as everybody locks them."""
    rows = Message.objects.filter(
        pk__in=message_ids, status__in=UNFINISHED, claimed_at__isnull=False
    )
    return {row.pk: row for row in rows.order_by("id").select_for_update(of=("self",))}


def _is_running(message: Message, attempt: Attempt) -> bool:
    """An earlier report may have ended it, or the attempt."""
    return (
        message.attempt == attempt.number
        and message.claimed_at is not None
        and message.finished_at is None
    )


def _apply(moves: Moves, message: Message, report: Report) -> None:
    message.carrier_message_id = report.message_id[:64] or message.carrier_message_id
    if report.level == 1:
        _answered(moves, message, report.status)
    else:
        _reported(moves, message, report.status.upper(), report.error)


def _answered(moves: Moves, message: Message, name: str) -> None:
    if message.status == MessageStatus.SENT:
        return
    if name == OK.name:
        moves.sent(message)
    elif name in _LATER and not message.life:
        return  # a stock Jasmin tries again by itself, and says no more of it
    elif name in _LATER:
        pause = min(LONGEST_PAUSE, 2 ** min(message.attempt - 1, 5))
        why = f"{_meaning(name)}; again in {pause} s"
        moves.wait(message, timezone.now() + timedelta(seconds=pause), why)
        wake_on_commit(message.organization_id, after=pause)
    elif name == NO_ANSWER:
        unknown(moves, message)
    else:
        moves.end(message, MessageStatus.FAILED, code=name[:40], why=_meaning(name))


def _reported(moves: Moves, message: Message, state: str, error: str) -> None:
    detail = f"{state} (err {error or 'none'})"
    if state_of(state) is State.INTERIM:
        if message.status != MessageStatus.SENT:
            moves.sent(message, detail)
        return
    status = _ENDS.get(state_of(state))
    if status is None:
        why = f"The carrier's receipt says {state}: it does not know."
        unknown(moves, message, why, detail)
    elif status == MessageStatus.DELIVERED:
        moves.end(message, status, detail=detail)
    else:
        why = f"The carrier's receipt says {detail}."
        moves.end(message, status, code=state, why=why, detail=detail)


def unknown(moves: Moves, message: Message, why: str = UNKNOWN_WHY, detail: str = "") -> None:
    """The end of a message of which nobody can know what became."""
    status = MessageStatus.SUBMITTED_NO_RECEIPT
    moves.end(message, status, code=OUTCOME_UNKNOWN, why=why, detail=detail)


def _meaning(name: str) -> str:
    if name == NOT_SENT:
        return "The gateway could not give it to the carrier"
    try:
        return f"The carrier answered {name}: {by_name(name).meaning}"
    except KeyError:
        return f"The carrier answered {name}"
