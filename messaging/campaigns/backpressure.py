"""How many more messages of a campaign may be created while others wait to be sent.

Waiting messages to a country without a bound carrier don't count, as long as another carrier of the
pool is bound. Otherwise 5,000 numbers without a carrier would stop a campaign that could reach the
others.
"""

from __future__ import annotations

from django.db.models import Count, QuerySet

from messaging.campaigns import pace
from messaging.campaigns.models import Campaign
from messaging.messages.models import UNSENT, Message
from messaging.routing.router import Router


def room(campaign: Campaign) -> int:
    """How many messages may be created now. (`pace` limits the throughput.)"""
    ahead = pace.ahead(campaign.throughput)
    waiting = _waiting(campaign)[:ahead].count()
    if waiting < ahead:
        return ahead - waiting
    return max(0, ahead - _movable(campaign))


def _waiting(campaign: Campaign) -> QuerySet[Message]:
    """Messages of the campaign that no gateway has."""
    return Message.objects.filter(campaign=campaign, status__in=UNSENT, claimed_at=None).order_by()


def _movable(campaign: Campaign) -> int:
    """How many of these a carrier could take now; all of them if no carrier is bound, since then
    the next message could not be sent either."""
    routes, pool = Router.read(campaign.organization_id), campaign.sender_pool_id
    by_country = dict(_waiting(campaign).values_list("country").annotate(Count("pk")))
    if any(each.bound for each in routes.of_pool(pool)):
        for country in list(by_country):
            if not any(each.bound for each in routes.order(country=country, pool_id=pool)):
                del by_country[country]
    return sum(by_country.values())
