"""Messages of campaigns are held while their campaign is not sending."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

_SENDING = "sending"  # a state of campaigns, which build on this noun


def waits_since(moment: datetime) -> Q:
    """What could have been sent for as long: time in which a campaign was held does not count."""
    running = Q(campaign__status=_SENDING, campaign__running_since__lt=moment)
    return Q(created_at__lt=moment) & (Q(campaign=None) | running)
