"""Transitions of messages: queued -> sending -> sent -> an end; never back, never after an end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from messaging import bulk
from messaging.messages import event_history
from messaging.messages.counting import MessageCounts
from messaging.messages.dispatch.enqueue import wake_on_commit
from messaging.messages.dispatch_groups import group_key_of
from messaging.messages.event_history import Event, event
from messaging.messages.events import TYPES, event_of
from messaging.messages.models import UNSENT, Message, MessageStatus
from messaging.webhooks.events import NewEvent, emit_many

OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
_UNKNOWN_WHY = "It was handed to the carrier, or may have been. What became of it is not known."
_ENDS = frozenset(MessageStatus) - {*UNSENT, MessageStatus.SENT}
# What each status may become. An ended message stays as it is; what a carrier has is not unsent.
ALLOWED_TRANSITIONS: dict[str, frozenset[MessageStatus]] = {
    MessageStatus.QUEUED: frozenset(
        {MessageStatus.SENDING, MessageStatus.FAILED, MessageStatus.EXPIRED}
    ),
    MessageStatus.SENDING: frozenset({MessageStatus.SENDING, MessageStatus.SENT} | _ENDS),
    MessageStatus.SENT: _ENDS - {MessageStatus.FAILED},
}
# Columns of a message without a running attempt; carrier and sender of the last one stay.
WAITING = {"claimed_at": None, "leased_until": None, "taken_at": None, "settle_at": None}
# Columns of a message before its first attempt: the next attempt chooses carrier and sender.
UNCHOSEN = {
    "carrier_id": None,
    "credential_id": None,
    "sender_pool_id": None,
    "sender": "",
    "price_amount": None,
    "price_currency": "",
}
_REACHED = (
    "status",
    "sent_at",
    "finished_at",
    "error_code",
    "error_message",
    "carrier_message_id",
    "settle_at",
)
_REQUEUED = tuple(
    dict.fromkeys(
        (
            *_REACHED,
            *WAITING,
            *UNCHOSEN,
            "refusals",
            "passed_over",
            "next_attempt_at",
            "is_final",
            "group_key",
            "events",
        )
    )
)


class ImpossibleTransition(Exception):
    """The message can't change to that status; it is unchanged."""


class Transitions:
    """Collects transitions of messages that the caller has locked or just created.

    `save` writes them with their webhook events and counts, and queues the dispatch of messages
    that are due again, in a few statements however many messages there are.
    """

    def __init__(self) -> None:
        self._reached: dict[str, Message] = {}
        self._requeued: dict[str, Message] = {}
        self._events: dict[str, list[Event]] = defaultdict(list)  # added by this object
        self._webhook_events: list[NewEvent] = []
        self._due: dict[str, datetime] = {}  # by organisation
        self._counts = MessageCounts()

    def sent(self, message: Message, detail: str = "", at: datetime | None = None) -> None:
        """The carrier has accepted the message, at `at` (None: now)."""
        _become(message, MessageStatus.SENT)
        message.sent_at = at or timezone.now()
        self._counts.sent(message)
        self._announce(message, detail, at)

    def end(
        self,
        message: Message,
        status: MessageStatus,
        *,
        code: str = "",
        why: str = "",
        detail: str = "",
        at: datetime | None = None,
        carrier_code: str = "",
    ) -> None:
        """End the message at `at` (None: now). `code` and `why` become the API's `error`;
        `carrier_code` is the carrier's own.

        A message that is reported delivered or undelivered counts as sent even if its answer was
        lost.
        """
        at = at or timezone.now()
        shows_it = status in (MessageStatus.DELIVERED, MessageStatus.UNDELIVERED)
        if shows_it and message.sent_at is None:
            self.sent(message, "its receipt shows it", at)
        _become(message, status)
        message.finished_at = at
        message.error_code, message.error_message = code, why
        message.settle_at = None
        self._counts.ended(message, carrier_code)
        self._announce(message, detail or why, at)

    def end_unknown(self, message: Message) -> None:
        """End a message whose outcome is unknown."""
        status = MessageStatus.SUBMITTED_NO_RECEIPT
        self.end(message, status, code=OUTCOME_UNKNOWN, why=_UNKNOWN_WHY)

    def count_refusal(self, message: Message, status_name: str, at: datetime | None = None) -> None:
        """Count a refusal by this SMPP status, whatever happens to the message next."""
        self._counts.refused(message, status_name, at or timezone.now())

    def wait(self, message: Message, until: datetime, why: str, then: str = "") -> None:
        """Retry from `until` on, at the same carrier with the same sender and price.

        Refusals with the same `why` share one event; `then` says what follows this time.
        """
        self._again(message, until, (why, then), is_final=True)

    def choose_again(self, message: Message, until: datetime, why: str, then: str = "") -> None:
        """Retry from `until` on, at any carrier."""
        self._again(message, until, (why, then), is_final=False)
        _set(message, UNCHOSEN)

    def note(self, message: Message, detail: str, at: datetime | None = None) -> None:
        """Add an event without a transition ("" adds none), and write the row."""
        if detail:
            self._event(message, detail, at)
        self._reached[message.pk] = message

    def save(self) -> None:
        now = timezone.now()
        for message in self._requeued.values():
            message.group_key = group_key_of(message)
        reached = {pk: row for pk, row in self._reached.items() if pk not in self._requeued}
        new = {pk: self._events[pk] for pk in reached if pk in self._events}
        _write(reached, _REACHED, now, events=new)
        _write(self._requeued, _REQUEUED, now)
        self._counts.save()
        emit_many(self._webhook_events)
        for organization_id, until in self._due.items():
            wake_on_commit(organization_id, after=(until - now).total_seconds())

    def _again(
        self, message: Message, until: datetime, said: tuple[str, str], *, is_final: bool
    ) -> None:
        _become(message, MessageStatus.SENDING)
        _set(message, WAITING)
        message.next_attempt_at, message.is_final = until, is_final
        message.events, _ = event_history.after_refusal(message.events, message.status, *said)
        self._requeued[message.pk] = message
        others = self._due.get(message.organization_id, until)
        self._due[message.organization_id] = min(until, others)

    def _announce(self, message: Message, detail: str, at: datetime | None) -> None:
        self._event(message, detail, at)
        self._reached[message.pk] = message
        if message.status in TYPES:
            self._webhook_events.append(event_of(message))

    def _event(self, message: Message, detail: str, at: datetime | None) -> None:
        new = event(message.status, detail, at)
        message.events = [*message.events, new]
        self._events[message.pk].append(new)


def add_event(message: Message, status: str, detail: str = "", at: datetime | None = None) -> None:
    """Add an event to a message that is not saved yet; `at` None: now."""
    message.events = [*message.events, event(status, detail, at)]


def _become(message: Message, status: MessageStatus) -> None:
    if status not in ALLOWED_TRANSITIONS.get(message.status, ()):
        raise ImpossibleTransition(f"{message.pk} is {message.status} and can't become {status}")
    message.status = status


def _set(message: Message, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(message, name, value)


def _write(
    messages: dict[str, Message],
    columns: Sequence[str],
    now: datetime,
    *,
    events: dict[str, list[Event]] | None = None,
) -> None:
    rows = {
        pk: {name: getattr(message, name) for name in columns} for pk, message in messages.items()
    }
    for message in messages.values():
        message.updated_at = now
    append = {"events": events} if events else None
    bulk.update(Message, rows, columns, same={"updated_at": now}, append=append)
