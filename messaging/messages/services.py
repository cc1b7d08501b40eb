"""Making messages. Sending them is the router's."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from messaging.countries import country_of
from messaging.messages import choosing
from messaging.messages.dispatch import enqueue
from messaging.messages.models import Message
from messaging.messages.transitions import add_event
from messaging.pools import naming
from messaging.pools.attaching import check_own
from messaging.smpp.protocol.text import encode
from messaging.webhooks import endpoints
from orbit.accounts.models import Organization


def create(*, organization: Organization, fields: dict[str, Any]) -> Message:
    """Take a message and have it routed on commit. `fields`: as validated by SmsSerializer.

    Raises NO_ROUTE, NO_ELIGIBLE_SENDER, INVALID_WEBHOOK_URL, VALIDATION_ERROR on the pool or the
    carrier. It is not in the audit: messages are their own record.
    """
    pool_id, carrier_id = fields.get("sender_pool_id"), fields.get("carrier_id")
    pool = naming.named(organization=organization, pool_id=pool_id) if pool_id else None
    if carrier_id:
        check_own(organization=organization, carrier_id=carrier_id)
    if webhook_url := fields.get("webhook_url"):
        # Where a name leads is asked by each attempt: a request does not wait for it.
        endpoints.check(webhook_url, field="webhook_url", look_up=False)
    choosing.check(
        organization_id=organization.pk,
        to=fields["to"],
        sender=fields.get("sender", ""),
        pool=pool,
        carrier_id=carrier_id,
    )
    message = build(organization_id=organization.pk, **fields)
    message.save(force_insert=True)
    enqueue.wake_on_commit(organization.pk)
    return message


def build(
    *,
    organization_id: str,
    to: str,
    body: str,
    sender: str = "",
    sender_pool_id: str | None = None,
    carrier_id: str | None = None,
    webhook_url: str = "",
    metadata: dict[str, Any] | None = None,
    tlvs: list[dict[str, Any]] | None = None,
) -> Message:
    """A message that waits for the router, not saved yet. Raises TextTooLong.

    `sender`, `sender_pool_id` and `carrier_id` are what the message asks for. Whoever saves it
    wakes the router.
    """
    text, now = encode(body), timezone.now()
    message = Message(
        organization_id=organization_id,
        to=to,
        country=country_of(to) or "",
        body=body,
        encoding=text.encoding.name,
        segments=text.segments,
        wanted_sender=sender,
        wanted_pool_id=sender_pool_id,
        wanted_carrier_id=carrier_id,
        webhook_url=webhook_url,
        metadata=metadata or {},
        tlvs=tlvs or [],
        next_attempt_at=now,
        created_at=now,
    )
    add_event(message, message.status, at=now)
    return message
