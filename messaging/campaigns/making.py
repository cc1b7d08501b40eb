"""Messages of recipients: rows for one statement, without a model instance each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from messaging import bulk
from messaging.campaigns.models import Campaign
from messaging.campaigns.rendering import Filled, Filling
from messaging.countries import country_of
from messaging.messages.models import Message, MessageStatus
from messaging.messages.transitions import Transitions
from orbit.api.envelope import timestamp
from orbit.ids import new_id

_COLUMNS = (
    "id",
    "organization_id",
    "campaign_id",
    "wanted_pool_id",
    "to",
    "country",
    "body",
    "encoding",
    "segments",
    "status",
    "events",
    "next_attempt_at",
    "created_at",
    "updated_at",
)


def make(
    campaign: Campaign, recipients: Sequence[tuple[str, dict[str, str]]], now: datetime
) -> None:
    """A message for each (number, variables), in their order, in the caller's transaction.

    One whose text can't be sent is there too, and has failed.
    """
    filling = Filling(campaign.body)
    events = [{"status": MessageStatus.QUEUED, "at": timestamp(now), "detail": ""}]
    rows, faulty = [], {}
    for to, variables in recipients:
        filled = filling.of(variables)
        row = (
            new_id("msg"),
            campaign.organization_id,
            campaign.pk,
            campaign.sender_pool_id,
            to,
            country_of(to) or "",
            filled.body,
            filled.encoding,
            filled.segments,
            MessageStatus.QUEUED,
            events,
            now,
            now,
            now,
        )
        rows.append(row)
        if filled.fault:
            faulty[row[0]] = filled
    bulk.insert(Message, _COLUMNS, rows)
    if faulty:
        _fail(faulty)


def _fail(faulty: Mapping[str, Filled]) -> None:
    """End these messages, by id, that were just made."""
    transitions = Transitions()
    for message in Message.objects.filter(pk__in=faulty).order_by("pk"):
        filled = faulty[message.pk]
        transitions.end(message, MessageStatus.FAILED, code=filled.fault, why=filled.why)
    transitions.save()
