"""What the gateway reports about messages: the carrier's answer to the submit, and its receipt.

Reports may come twice, in any order, late, or be made up by a carrier: what a message has reached
stays reached, and a report settles the attempt that its address was made for and no other.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from messaging.gateway import NO_ANSWER, NOT_SENT
from messaging.messages import moves
from messaging.messages.models import UNFINISHED, Message, MessageStatus
from messaging.messages.tokens import Attempt, attempt_of
from messaging.messages.waking import wake_on_commit
from messaging.smpp.receipts import DELIVERED, INTERIM
from messaging.smpp.status import OK, by_name

OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
UNKNOWN_WHY = (
    "It was handed to the carrier, or may have been, and nobody can know what became of it."
)
# "Later", or never written: certainly not with the carrier.
_LATER = frozenset({"ESME_RTHROTTLED", "ESME_RMSGQFUL", NOT_SENT})
LONGEST_PAUSE = 30  # seconds

_ENDS = {
    DELIVERED: MessageStatus.DELIVERED,
    "EXPIRED": MessageStatus.EXPIRED,
    "UNDELIV": MessageStatus.UNDELIVERED,
    "REJECTD": MessageStatus.UNDELIVERED,
    "DELETED": MessageStatus.UNDELIVERED,
}


def receipt(token: str, *, level: int, status: str, message_id: str = "", error: str = "") -> bool:
    """Take one report of the gateway's; False if `token` is no message's.

    Level 1 is the carrier's answer to the submit: `status` is its name (`ESME_ROK`), or one of
    `messaging.gateway`'s that say why there is none. Level 2 is its receipt: `status` is `DELIVRD`,
    `UNDELIV`, …, `message_id` the carrier's id, `error` its code.
    """
    attempt = attempt_of(token)
    if attempt is None:
        return False
    with transaction.atomic():
        message = _open(attempt)
        if message is not None and level == 1:
            _answered(message, status)
        elif message is not None:
            message.gateway_message_id = message_id[:64] or message.gateway_message_id
            _reported(message, status.upper(), error)
    return True


def _open(attempt: Attempt) -> Message | None:
    """The message, locked, while this attempt of it is under way."""
    under_way = Message.objects.select_for_update(of=("self",)).filter(
        pk=attempt.message_id,
        attempt=attempt.number,
        status__in=UNFINISHED,
        claimed_at__isnull=False,
    )
    return next(iter(under_way.order_by()), None)


def _answered(message: Message, name: str) -> None:
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
        unknown(message)
    else:
        moves.end(message, MessageStatus.FAILED, code=name[:40], why=_meaning(name))


def _reported(message: Message, state: str, error: str) -> None:
    detail = f"{state} (err {error or 'none'})"
    if state in INTERIM:
        if message.status != MessageStatus.SENT:
            moves.sent(message, detail)
        return
    status = _ENDS.get(state)
    if status is None:
        why = f"The carrier's receipt says {state}: it does not know."
        unknown(message, why, detail)
    elif status == MessageStatus.DELIVERED:
        moves.end(message, status, detail=detail)
    else:
        why = f"The carrier's receipt says {detail}."
        moves.end(message, status, code=state, why=why, detail=detail)


def unknown(message: Message, why: str = UNKNOWN_WHY, detail: str = "") -> None:
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
