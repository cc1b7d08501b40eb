"""What a tenant that takes what it can get has at most, and what waits for it."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db.models import Sum

from messaging.campaigns.models import Campaign
from messaging.credentials.models import Credential
from messaging.webhooks.client import MAX_KEPT
from messaging.webhooks.models import Delivery
from orbit.accounts.models import Organization
from orbit.accounts.quotas.services import limit_of


def is_bounded(organization: Organization, redis_url: str) -> None:
    mine = Credential.objects.live().filter(organization=organization)
    assert mine.count() <= limit_of(organization, "credentials")
    with redis.Redis.from_url(redis_url) as broker:
        waiting = {each.name: broker.llen(each.name) for each in settings.CELERY_TASK_QUEUES}
    assert max(waiting.values()) < 100, waiting
    kept = Delivery.objects.filter(event__organization=organization)
    assert max(map(len, kept.values_list("response_body", flat=True)), default=0) <= MAX_KEPT
    own = Campaign.objects.filter(organization=organization)
    stored = own.aggregate(bytes=Sum("recipients_bytes"))["bytes"] or 0
    assert stored <= limit_of(organization, "stored_bytes")


def has_failed(answers: dict[str, dict[str, int]]) -> bool:
    """Whether the site had an error of its own: `answers` is what the tenant has said."""
    return any(status >= "500" for way in answers.values() for status in way if status != "cut")
