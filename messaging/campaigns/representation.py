"""How a campaign is answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from messaging.campaigns import warnings
from messaging.campaigns.models import Campaign
from messaging.campaigns.progress import opted_out as count_opted_out
from messaging.campaigns.progress import progress
from messaging.campaigns.serializers import (
    AddedSerializer,
    CampaignSerializer,
    RecipientSerializer,
    WarningSerializer,
)
from messaging.campaigns.warnings import Warning
from orbit.api.etags import etag


def represent(
    campaign: Campaign,
    counts: dict[str, int] | None = None,
    warned: Iterable[Warning] | None = None,
    opted_out: int | None = None,
) -> dict[str, Any]:
    """One campaign as the API answers it. `counts`, `warned`, `opted_out`: progress, warnings, and
    failed messages to opted-out people, if the caller has read them. A list has no warnings, since
    those are read from all recipients."""
    found = warnings.of(campaign) if warned is None else warned
    return CampaignSerializer.represent(campaign) | {
        "progress": counts or progress(campaign),
        "opted_out": count_opted_out([campaign])[campaign.pk] if opted_out is None else opted_out,
        "warnings": [WarningSerializer.represent(each) for each in found],
    }


def tag(campaign: Campaign) -> str:
    """ETag over what people wrote, recipients too: what is being sent leaves it alone."""
    return etag({"id": campaign.id, "version": campaign.version})


# The result of adding recipients.
added = AddedSerializer.represent
represent_recipient = RecipientSerializer.represent
