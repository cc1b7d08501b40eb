"""Create the messages of a running campaign from its recipients, a batch at a time.

A batch is one transaction under the campaign's lock: its messages and the count `fed` are both
written or neither, wherever a process is killed. The next batch begins behind that count. If it
were ever wrong, the database would still refuse a second message to a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from messaging import bulk
from messaging.campaigns import pace
from messaging.campaigns.backpressure import room
from messaging.campaigns.models import Campaign, CampaignStatus, Recipient
from messaging.campaigns.rendering import TextRenderer
from messaging.countries import country_of
from messaging.messages.dispatch import enqueue
from messaging.messages.models import Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.opt_outs.gate import OPTED_OUT, Gate, Send
from orbit.api.envelope import timestamp
from orbit.ids import new_id

BATCH = 500  # messages
# Plain rows: creating a model instance per message costs more than everything else here.
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


def feed(campaign_id: str) -> int:
    """Create up to `BATCH` messages, as far as state, pace and backpressure allow; return how many.
    None are created while another process holds the campaign's lock."""
    with transaction.atomic():
        campaigns = Campaign.objects.select_for_update(skip_locked=True)
        campaign = campaigns.filter(pk=campaign_id, status=CampaignStatus.SENDING).first()
        if campaign is None or campaign.fed == campaign.recipients_total:
            return 0
        now = timezone.now()
        recipients = _next(campaign, _most(campaign, now))
        if recipients:
            make_messages(campaign, recipients, now)
            _count(campaign, len(recipients), now)
            enqueue.wake_on_commit(campaign.organization_id)
        return len(recipients)


def make_messages(
    campaign: Campaign, recipients: Sequence[tuple[str, dict[str, str]]], now: datetime
) -> None:
    """Create a message for each (number, variables), in their order, in the caller's transaction.

    A text that can't be sent, or goes to a number that has opted out, becomes a failed message.
    """
    gate = Gate(campaign.organization_id, (to for to, _ in recipients))
    renderer = TextRenderer(campaign.body)
    events = [{"status": MessageStatus.QUEUED, "at": timestamp(now), "detail": ""}]
    rows: list[tuple[Any, ...]] = []
    faults: dict[str, tuple[str, str]] = {}
    for to, variables in recipients:
        text = renderer.render(variables)
        row = (
            new_id("msg"),
            campaign.organization_id,
            campaign.pk,
            campaign.sender_pool_id,
            to,
            country_of(to) or "",
            text.body,
            text.encoding,
            text.segments,
            MessageStatus.QUEUED,
            events,
            now,
            now,
            now,
        )
        rows.append(row)
        if refusal := gate.refusal(Send(to, pool_id=campaign.sender_pool_id)):
            faults[row[0]] = OPTED_OUT, refusal.message
        elif text.fault:
            faults[row[0]] = text.fault, text.why
    bulk.insert(Message, _COLUMNS, rows)
    if faults:
        _fail(faults)


def _most(campaign: Campaign, now: datetime) -> int:
    due = pace.due(campaign.throughput, campaign.paced_at, now)
    most = BATCH if due is None else min(BATCH, due)
    return min(most, room(campaign)) if most else 0


def _next(campaign: Campaign, count: int) -> list[tuple[str, dict[str, str]]]:
    """Number and variables of the next `count` recipients; positions have no gaps."""
    if not count:
        return []
    end = campaign.fed + count
    rows = Recipient.objects.filter(campaign=campaign, position__gte=campaign.fed, position__lt=end)
    return list(rows.order_by("position").values_list("to", "variables"))


def _count(campaign: Campaign, made: int, now: datetime) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(
        fed=campaign.fed + made,
        paced_at=pace.after(campaign.throughput, campaign.paced_at, now, made),
    )


def _fail(faults: Mapping[str, tuple[str, str]]) -> None:
    """End messages that were just created, by id: `(code, why)`."""
    transitions = Transitions()
    for message in Message.objects.filter(pk__in=faults).order_by("pk"):
        code, why = faults[message.pk]
        transitions.end(message, MessageStatus.FAILED, code=code, why=why)
    transitions.save()
