"""How a message moves: queued -> sending -> sent -> an end; never back, never after its end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils import timezone

from messaging import batches
from messaging.messages.announcing import TYPES, occurrence
from messaging.messages.models import Message, MessageStatus
from messaging.messages.waking import wake_on_commit
from messaging.webhooks.events import Occurrence, emit_many
from orbit.api.envelope import timestamp

ATTEMPT = "through "  # how the event of an attempt begins
_RECENT = 8  # events: of a few carriers that refuse in turn, each is written once
# No attempt is running; what the last one took stays.
_WAITING = {"claimed_at": None, "leased_until": None, "taken_at": None, "settle_at": None}
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
_MOVED = (
    *_WAITING,
    *_UNCHOSEN,
    "refusals",
    "passed_over",
    "next_attempt_at",
    "is_final",
    "status",
    "events",
    "error_code",
    "error_message",
    "carrier_message_id",
    "sent_at",
    "finished_at",
    "updated_at",
)


class Moves:
    """Moves of rows that the caller has locked, or just made.

    `save` writes them, leaves their webhook events and has the router look when some are due again,
    in a few statements however many they are.
    """

    def __init__(self) -> None:
        self._moved: dict[str, Message] = {}
        self._occurrences: list[Occurrence] = []
        self._due: dict[str, datetime] = {}  # by organisation

    def sent(self, message: Message, detail: str = "", at: datetime | None = None) -> None:
        """The carrier has it, since `at` (None: now)."""
        message.status, message.sent_at = MessageStatus.SENT, at or timezone.now()
        self._reached(message, detail, at)

    def end(
        self,
        message: Message,
        status: MessageStatus,
        *,
        code: str = "",
        why: str = "",
        detail: str = "",
        at: datetime | None = None,
    ) -> None:
        """The last state, since `at` (None: now); `code` and `why` are the `error` that people
        read.

        What is reported delivered or undelivered was sent, though nobody may have said so before.
        """
        shows_it = status in (MessageStatus.DELIVERED, MessageStatus.UNDELIVERED)
        if shows_it and message.sent_at is None:
            self.sent(message, "its receipt shows it", at)
        message.status, message.finished_at = status, at or timezone.now()
        message.error_code, message.error_message = code, why
        message.settle_at = None
        self._reached(message, detail or why, at)

    def wait(self, message: Message, until: datetime, why: str) -> None:
        """The gateway took it and no carrier has it: it is tried again the same way."""
        self._again(message, until, why, is_final=True)

    def choose_again(self, message: Message, until: datetime, why: str) -> None:
        """It is with no carrier, and the next attempt may take any."""
        _set(message, _UNCHOSEN)
        self._again(message, until, why, is_final=False)

    def note(self, message: Message, detail: str, at: datetime | None = None) -> None:
        """An event that is no move; "" for none. The row is written too."""
        if detail:
            add_event(message, message.status, detail, at)
        self._moved[message.pk] = message

    def save(self) -> None:
        write(self._moved.values(), _MOVED)
        emit_many(self._occurrences)
        for organization_id, until in self._due.items():
            wake_on_commit(organization_id, after=(until - timezone.now()).total_seconds())

    def _again(self, message: Message, until: datetime, why: str, *, is_final: bool) -> None:
        _set(message, _WAITING)
        message.next_attempt_at, message.is_final = until, is_final
        add_event(message, MessageStatus.SENDING, why)
        self._moved[message.pk] = message
        others = self._due.get(message.organization_id, until)
        self._due[message.organization_id] = min(until, others)

    def _reached(self, message: Message, detail: str, at: datetime | None) -> None:
        add_event(message, message.status, detail, at)
        self._moved[message.pk] = message
        if message.status in TYPES:
            self._occurrences.append(occurrence(message))


def end(
    message: Message, status: MessageStatus, *, code: str = "", why: str = "", detail: str = ""
) -> None:
    """`Moves.end` of one, saved."""
    moves = Moves()
    moves.end(message, status, code=code, why=why, detail=detail)
    moves.save()


def add_event(message: Message, status: str, detail: str = "", at: datetime | None = None) -> None:
    """As people read it; `at` None: now."""
    moment = timestamp(at or timezone.now())
    message.events = [*message.events, {"status": status, "at": moment, "detail": detail}]


def give_up(message: Message, until: datetime, why: str) -> None:
    """The gateway has certainly not taken it. The caller writes `GIVEN_UP`.

    A reason that is among the last events is not written again, nor is the attempt that met it.
    """
    _set(message, _WAITING if message.is_final else _WAITING | _UNCHOSEN)
    message.next_attempt_at = until
    detail = f"not taken: {why}"
    if any(event["detail"] == detail for event in message.events[-_RECENT:]):
        if message.events[-1]["detail"].startswith(ATTEMPT):
            message.events = message.events[:-1]
    elif why:
        add_event(message, MessageStatus.SENDING, detail)


def write(messages: Collection[Message], fields: Sequence[str]) -> None:
    """These fields of locked rows, in one statement. `bulk_update` would do the same with a CASE of
    all rows for each column, which takes most of a batch's time."""
    if len(messages) == 1:
        for message in messages:
            message.save(update_fields=fields)
    elif messages:
        now = timezone.now()
        rows = {}
        for message in messages:
            rows[message.pk] = {name: getattr(message, name) for name in fields}
            rows[message.pk]["updated_at"] = now
        batches.update(Message, rows, fields)


def _set(message: Message, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(message, name, value)
