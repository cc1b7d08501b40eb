"""How a message moves: queued -> sending -> sent -> an end; never back, never after its end.

Each function changes a row that its caller has locked, or claimed, and writes it.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from messaging.messages import announcing
from messaging.messages.models import Message, MessageStatus
from orbit.api.envelope import timestamp

# No attempt is running; what the last one took stays.
_WAITING = {"claimed_at": None, "leased_until": None, "taken_at": None}
# As before any attempt: the next one chooses anew.
_UNCHOSEN = {
    "carrier_id": None,
    "credential_id": None,
    "sender_pool_id": None,
    "sender": "",
    "price_amount": None,
    "price_currency": "",
}
GIVEN_UP = (*_WAITING, *_UNCHOSEN, "next_attempt_at", "events", "updated_at")
_WRITTEN = (
    "status",
    "events",
    "error_code",
    "error_message",
    "gateway_message_id",
    "sent_at",
    "finished_at",
    "updated_at",
)


def add_event(message: Message, status: str, detail: str = "", at: datetime | None = None) -> None:
    """As people read it; `at` None: now."""
    moment = timestamp(at or timezone.now())
    message.events = [*message.events, {"status": status, "at": moment, "detail": detail}]


def sent(message: Message, detail: str = "") -> None:
    """The carrier has it. Saves and announces."""
    _sent(message, detail)
    message.save(update_fields=_WRITTEN)
    announcing.announce(message, MessageStatus.SENT)


def end(
    message: Message, status: MessageStatus, *, code: str = "", why: str = "", detail: str = ""
) -> None:
    """The last state; `code` and `why` are the `error` that people read. Saves and announces.

    What is reported delivered or undelivered was sent, though nobody may have said so before.
    """
    was_sent = message.sent_at is not None
    if status in (MessageStatus.DELIVERED, MessageStatus.UNDELIVERED) and not was_sent:
        _sent(message, "its receipt shows it")
    message.status, message.finished_at = status, timezone.now()
    message.error_code, message.error_message = code, why
    add_event(message, status, detail or why)
    message.save(update_fields=_WRITTEN)
    if message.sent_at and not was_sent:
        announcing.announce(message, MessageStatus.SENT)
    announcing.announce(message, status)


def give_up(message: Message, until: datetime, why: str) -> None:
    """The gateway has certainly not taken it. The caller saves `GIVEN_UP`."""
    _set(message, _WAITING if message.is_final else _WAITING | _UNCHOSEN)
    message.next_attempt_at = until
    if why:
        add_event(message, MessageStatus.SENDING, f"not taken: {why}")


def wait(message: Message, until: datetime, why: str) -> None:
    """The gateway took it and no carrier has it: it is tried again the same way. Saves."""
    _set(message, _WAITING)
    message.next_attempt_at, message.is_final = until, True
    add_event(message, MessageStatus.SENDING, why)
    message.save(update_fields=[*_WAITING, "next_attempt_at", "is_final", "events", "updated_at"])


def _set(message: Message, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(message, name, value)


def _sent(message: Message, detail: str) -> None:
    message.status, message.sent_at = MessageStatus.SENT, timezone.now()
    add_event(message, MessageStatus.SENT, detail)
