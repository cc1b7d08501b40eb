"""One conversation: messages to a number and texts from it, as one list in order of time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from messaging.inbound.models import InboundMessage
from messaging.messages.models import Message
from messaging.opt_outs.models import OptOut
from orbit.accounts.models import Organization
from orbit.console.pages import get_or_404

ROWS = 50
MOST_SCOPES = 5
ID = re.compile(r"msg_[0-9a-f]{32}")
_OUT = (
    "sender", "wanted_sender", "status", "segments", "error_code", "campaign", "created_at",
    "organization",
)  # fmt: skip
_IN = ("receiver", "segments", "complete", "keyword", "received_at", "organization")


@dataclass(frozen=True)
class Conversation:
    """`number`: of the person, or whatever a text came from. `anchor`: the id of the message by
    which it was asked for."""

    organization: Organization
    number: str
    anchor: str


@dataclass(frozen=True)
class Said:
    """One message. `other`: the number of the organisation. `status` of ours; `body` if asked."""

    id: str
    is_inbound: bool
    at: datetime
    other: str
    status: str
    segments: int
    complete: bool = True
    error_code: str = ""
    body: str | None = None


@dataclass(frozen=True)
class Page:
    """`said`: oldest first. `older`: the id before which the page of older ones begins."""

    said: Sequence[Said]
    older: str


def find(message_id: str) -> Conversation:
    """The conversation that a message of either direction belongs to. Raises Http404."""
    of_message = Message.objects.select_related("organization").only("to", "organization")
    if message := of_message.filter(pk=message_id).first() if ID.fullmatch(message_id) else None:
        return Conversation(message.organization, message.to, message.pk)
    of_text = InboundMessage.objects.select_related("organization").only("sender", "organization")
    text = get_or_404(of_text, message_id)
    return Conversation(text.organization, text.sender, text.pk)


def opt_outs(conversation: Conversation) -> list[OptOut]:
    """The person's opt-outs; the newest `MOST_SCOPES`."""
    rows = OptOut.objects.filter(organization=conversation.organization, number=conversation.number)
    return list(rows.order_by("-pk")[:MOST_SCOPES])


def page(conversation: Conversation, *, before: str = "", with_texts: bool = False) -> Page:
    """The newest `ROWS`, or those before a message with this id."""
    found = [
        *(_sent(each) for each in _rows(Message, "to", _OUT, conversation, before, with_texts)),
        *(
            _received(each)
            for each in _rows(InboundMessage, "sender", _IN, conversation, before, with_texts)
        ),
    ]
    found.sort(key=attrgetter("id"), reverse=True)
    older = found[ROWS - 1].id if len(found) > ROWS else ""
    return Page(found[:ROWS][::-1], older)


def _rows(
    model: type[Message] | type[InboundMessage],
    column: str,
    columns: Sequence[str],
    conversation: Conversation,
    before: str,
    with_texts: bool,
) -> Sequence[Message] | Sequence[InboundMessage]:
    rows = model.objects.filter(
        organization=conversation.organization, **{column: conversation.number}
    )
    if before:
        rows = rows.filter(pk__lt=before)
    # No page can show what is not loaded.
    shown = rows.only(*columns, *(["body"] if with_texts else []))
    return list(shown.order_by("-pk")[: ROWS + 1])


def _sent(message: Message) -> Said:
    return Said(
        message.pk,
        False,
        message.created_at,
        message.sender or message.wanted_sender,
        message.status,
        message.segments,
        error_code=message.error_code,
        body=message.__dict__.get("body"),
    )


def _received(text: InboundMessage) -> Said:
    return Said(
        text.pk,
        True,
        text.received_at,
        text.receiver,
        "received",
        text.segments,
        complete=text.complete,
        body=text.__dict__.get("body"),
    )
