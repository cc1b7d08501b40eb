"""How a campaign is answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from messaging.campaigns import warnings
from messaging.campaigns.models import Campaign, Recipient
from messaging.campaigns.progress import progress
from messaging.campaigns.recipients import AddResult
from messaging.campaigns.warnings import Warning
from orbit.api.envelope import timestamp
from orbit.api.etags import etag


def represent(
    campaign: Campaign,
    counts: dict[str, int] | None = None,
    warned: Iterable[Warning] | None = None,
) -> dict[str, Any]:
    """One campaign as the API answers it. `counts`: its progress, if it has been read already;
    `warned`: its warnings, if they have. A list has none: they are read from all recipients."""
    return {
        "id": campaign.id,
        **_written(campaign),
        "status": campaign.status,
        "progress": counts or progress(campaign),
        "warnings": _warnings(warnings.of(campaign) if warned is None else warned),
        "created_at": timestamp(campaign.created_at),
        "updated_at": timestamp(campaign.updated_at),
        "started_at": timestamp(campaign.started_at),
        "finished_at": timestamp(campaign.finished_at),
    }


def tag(campaign: Campaign) -> str:
    """ETag over what people wrote, recipients too: what is being sent leaves it alone."""
    return etag({"id": campaign.id, "version": campaign.version})


def added(outcome: AddResult) -> dict[str, Any]:
    """What became of recipients that were to be added."""
    return {
        "accepted": outcome.accepted,
        "rejected": [
            {"line": each.line, "field": each.field, "message": each.message}
            for each in outcome.rejected
        ],
        "rejected_total": outcome.rejected_total,
        "warnings": _warnings(
            [
                *warnings.too_long(outcome.too_long_lines, outcome.too_long_count),
                *warnings.of_upload(outcome.empty_lines, outcome.empty_counts),
            ]
        ),
    }


def represent_recipient(recipient: Recipient) -> dict[str, Any]:
    return {"to": recipient.to, "variables": recipient.variables, "line": recipient.line}


def _warnings(warned: Iterable[Warning]) -> list[dict[str, str]]:
    return [{"field": each.field, "message": each.message} for each in warned]


def _written(campaign: Campaign) -> dict[str, Any]:
    return {
        "name": campaign.name,
        "channel": "sms",
        "body": campaign.body,
        "sender_pool_id": campaign.sender_pool_id,
        "scheduled_at": timestamp(campaign.scheduled_at),
        "throughput": campaign.throughput,
    }
