"""Reading webhooks and deliveries of one organisation; secrets stay in the database."""

from __future__ import annotations

import re

from django.db.models import QuerySet

from messaging.webhooks.models import Delivery, Webhook, WebhookSecret
from orbit.accounts.models import Organization
from orbit.api.errors import not_found

_ID = re.compile(r"wh_[0-9a-f]{32}")
_DELIVERY_ID = re.compile(r"dlv_[0-9a-f]{32}")
# Left in the database until they are needed: a secret that is not in memory can't leak.
SECRETS = ("secret", "previous_secret")


def visible(organization: Organization) -> QuerySet[Webhook]:
    """The organisation's webhooks, without secrets (they load when touched)."""
    return Webhook.objects.filter(organization=organization).defer(*SECRETS)


def find(*, organization: Organization, webhook_id: str) -> Webhook:
    """One webhook. Raises NOT_FOUND, alike for another organisation's id and one that never was."""
    return _one(visible(organization), organization, webhook_id)


def lock(*, organization: Organization, webhook_id: str) -> Webhook:
    """The same, locked until the transaction ends."""
    return _one(visible(organization).select_for_update(of=("self",)), organization, webhook_id)


def own_secret(organization: Organization) -> WebhookSecret | None:
    """The organisation's secret for messages' own addresses; None if it has made none."""
    return WebhookSecret.objects.filter(organization=organization).defer(*SECRETS).first()


def lock_own(organization: Organization) -> WebhookSecret | None:
    """The same, locked until the transaction ends."""
    return WebhookSecret.objects.select_for_update().filter(organization=organization).first()


def deliveries_of(webhook: Webhook) -> QuerySet[Delivery]:
    """The webhook's deliveries, with their events in the same query."""
    return Delivery.objects.filter(webhook=webhook).select_related("event")


def find_delivery(webhook: Webhook, delivery_id: str) -> Delivery:
    """One delivery of the webhook. Raises NOT_FOUND."""
    known = _DELIVERY_ID.fullmatch(delivery_id)
    delivery = deliveries_of(webhook).filter(pk=delivery_id).first() if known else None
    if delivery is None:
        raise not_found()
    return delivery


def _one(webhooks: QuerySet[Webhook], organization: Organization, webhook_id: str) -> Webhook:
    # PostgreSQL fails on a NUL in a text, so what is no id is not asked for.
    webhook = webhooks.filter(pk=webhook_id).first() if _ID.fullmatch(webhook_id) else None
    if webhook is None:
        raise not_found()
    webhook.organization = organization  # it is in memory already
    return webhook
