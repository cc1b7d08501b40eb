"""The status that a receipt gives its message, with the `error.code` that people read."""

from __future__ import annotations

from datetime import datetime

from messaging.messages import event_history
from messaging.messages.models import Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.smpp.protocol.receipt import State

_ENDS = {
    State.DELIVERED: MessageStatus.DELIVERED,
    State.UNDELIVERED: MessageStatus.UNDELIVERED,
    State.EXPIRED: MessageStatus.EXPIRED,
}
# `error.code` by how the carrier's word begins.
_CODES = (("REJ", "REJECTD"), ("DELET", "DELETED"), ("FAIL", "FAILED"), ("SKIP", "SKIPPED"))


def apply_receipt(
    transitions: Transitions,
    message: Message,
    state: State,
    *,
    word: str,
    error: str,
    part: str = "",
    at: datetime | None = None,
) -> None:
    """Move the message as a receipt says that decides for all of it.

    `word` and `error` as the carrier wrote them; `part`: of which one it is ("part 2 of 3: "), ""
    if the message has one.
    """
    detail = f"{part}{word or state.upper()} (err {error or 'none'})"
    status = _ENDS.get(state)
    if status is None:  # interim, or the carrier does not know: another receipt may follow
        if message.status != MessageStatus.SENT:
            transitions.sent(message, detail, at)
        elif state is State.UNKNOWN and _is_new(message, detail):
            transitions.note(message, detail, at)
    elif status == MessageStatus.DELIVERED:
        transitions.end(message, status, detail=detail, at=at)
    else:
        why = f"The carrier's receipt says {detail}."
        code = _code(word, state)
        transitions.end(
            message, status, code=code, why=why, detail=detail, at=at, carrier_code=error
        )


def _is_new(message: Message, detail: str) -> bool:
    """Whether no event says so yet: a carrier may repeat that it does not know."""
    said = {each["detail"] for each in message.events}
    return detail not in said and len(message.events) < event_history.MOST


def _code(word: str, state: State) -> str:
    if state is State.EXPIRED:
        return "EXPIRED"
    capitals = word.upper()
    return next((code for begin, code in _CODES if capitals.startswith(begin)), "UNDELIV")
