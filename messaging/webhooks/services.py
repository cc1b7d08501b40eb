"""Writes of webhooks: create, replace, delete, test, redeliver. `rotation` has those of secrets.

Every function writes the change and its audit row in the caller's transaction.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from messaging import optimistic_locking
from messaging.webhooks import claims, enqueue, events
from messaging.webhooks.events import NewEvent
from messaging.webhooks.host_queues import lane_of
from messaging.webhooks.models import TEST_EVENT, Delivery, DeliveryStatus, Webhook
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.accounts.quotas import services as quotas
from orbit.api.envelope import timestamp

CREATED, UPDATED, DELETED = "webhook.created", "webhook.updated", "webhook.deleted"
TESTED, REDELIVERED = "webhook.tested", "webhook.redelivered"


def create(*, by: Actor, organization: Organization, fields: dict[str, Any]) -> Webhook:
    """Add a webhook. `fields`: as validated by WebhookSerializer; the URL was checked.

    Raises QUOTA_EXCEEDED: each event is written once for each webhook that wants it.
    """
    quotas.require(organization, "webhooks", Webhook.objects.filter(organization=organization))
    webhook = Webhook(organization=organization, secret_set_at=timezone.now(), **fields)
    webhook.save(force_insert=True)
    _record(by, webhook, CREATED, changes=tuple(fields))
    return webhook


def replace(*, by: Actor, webhook: Webhook, fields: dict[str, Any]) -> None:
    """Make the webhook (from `selectors.lock`) as the whole body says.

    Deliveries that wait go to the new address; those to one that is switched off are given up.
    Raises INVALID_STATE.
    """
    changed = optimistic_locking.changes_of(webhook, fields)
    if changed:
        optimistic_locking.compare_and_set(webhook, changed, among=Webhook.objects.all())
    if "url" in changed:
        _redirect(webhook)
    if changed.get("active") is False:
        claims.abandon(webhook, "the webhook was switched off")
    _record(by, webhook, UPDATED, changes=tuple(changed))


def delete(*, by: Actor, webhook: Webhook) -> None:
    """Delete a webhook (from `selectors.lock`); deliveries that wait for it are given up."""
    claims.abandon(webhook, "the webhook was deleted")
    _record(by, webhook, DELETED)
    Webhook.objects.filter(pk=webhook.pk).delete()


def test(*, by: Actor, webhook: Webhook) -> Delivery:
    """Send the event `webhook.test` to this webhook, be it active or not."""
    event = events.event_row(
        NewEvent(
            organization_id=webhook.organization_id,
            type=TEST_EVENT,
            data={"webhook_id": webhook.id, "at": timestamp(timezone.now())},
        )
    )
    event.save(force_insert=True)
    delivery = events.delivery_row(event, url=webhook.url, webhook_id=webhook.id)
    events.start([delivery])
    _record(by, webhook, TESTED)
    return delivery


def redeliver(*, by: Actor, webhook: Webhook, delivery: Delivery) -> Delivery:
    """Send the event of a delivery again; return the delivery that does.

    A delivery that has ended stays as it is, and a new one is made. One that waits is due now.
    """
    if delivery.status == DeliveryStatus.PENDING:
        waiting = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PENDING, claim="")
        waiting.update(due_at=timezone.now())
        enqueue.wake_on_commit([delivery.lane])
    else:
        delivery = events.delivery_row(delivery.event, url=webhook.url, webhook_id=webhook.id)
        events.start([delivery])
    _record(by, webhook, REDELIVERED, detail=f"{delivery.event_id} as {delivery.id}")
    return delivery


def _redirect(webhook: Webhook) -> None:
    waiting = Delivery.objects.filter(webhook=webhook, status=DeliveryStatus.PENDING)
    waiting.update(url=webhook.url, lane=lane_of(webhook.organization_id, webhook.url))


def _record(
    by: Actor, webhook: Webhook, action: str, changes: tuple[str, ...] = (), detail: str = ""
) -> None:
    audit.record(
        by=by,
        organization=webhook.organization,
        action=action,
        target=webhook.id,
        changes=changes,
        detail=detail,
    )
