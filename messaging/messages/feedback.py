"""Feedback on messages: whether the recipient did what the message was for. Carriers can fake
receipts, but not this."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.messages import selectors
from messaging.messages.counting import MessageCounts
from messaging.messages.models import Message, MessageFeedback
from messaging.quality.outcomes import Outcome
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.operations.retention import delete_in_chunks


def give(*, organization: Organization, message_id: str, converted: bool) -> MessageFeedback:
    """Store feedback and count it for the message's carrier. The last feedback counts."""
    found = selectors.find(organization=organization, message_id=message_id)
    message = Message.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if message.sent_at is None:
        raise ApiError("INVALID_STATE", "No carrier has taken this message.")
    before = MessageFeedback.objects.filter(pk=message.pk).first()
    if before is not None and before.converted == converted:
        return before
    counts = MessageCounts()
    if before is not None:
        counts.converted(message, _outcome(before.converted), before.created_at, times=-1)
    row = MessageFeedback(message_id=message.pk, converted=converted, created_at=timezone.now())
    row.save()
    counts.converted(message, _outcome(converted), row.created_at)
    counts.save()
    return row


def prune_feedback() -> int:
    """Delete feedback older than RETENTION_MESSAGES_DAYS; return how many."""
    oldest = timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS)
    return delete_in_chunks(MessageFeedback.objects.filter(created_at__lt=oldest))


def _outcome(converted: bool) -> Outcome:
    return Outcome.CONVERTED if converted else Outcome.NOT_CONVERTED
