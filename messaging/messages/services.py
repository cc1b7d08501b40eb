"""Making messages. Sending them is the router's."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from messaging.countries import country_of
from messaging.messages.dispatch import enqueue
from messaging.messages.models import Message
from messaging.messages.transitions import add_event
from messaging.routing.refusals import refused
from messaging.routing.routes import Routes
from messaging.routing.values import Impossible, Wanted
from messaging.smpp.protocol.text import Encoded, encode
from messaging.webhooks import endpoints
from orbit.accounts.models import Organization


def create(*, organization: Organization, fields: dict[str, Any]) -> Message:
    """Take a message and have it routed on commit. `fields`: as validated by SmsSerializer.

    Raises NO_ROUTE, NO_ELIGIBLE_SENDER, INVALID_WEBHOOK_URL, VALIDATION_ERROR on the pool or the
    carrier. It is not in the audit: messages are their own record.
    """
    if webhook_url := fields.get("webhook_url"):
        # Where a name leads is asked by each attempt: a request does not wait for it.
        endpoints.check(webhook_url, field="webhook_url", look_up=False)
    text = _check(organization, fields)
    message = build(organization_id=organization.pk, text=text, **fields)
    message.save(force_insert=True)
    enqueue.wake_on_commit(organization.pk)
    return message


def _check(organization: Organization, fields: dict[str, Any]) -> Encoded:
    """The text as the first carrier in the order would take it."""
    country = country_of(fields["to"]) or ""
    wanted = Wanted(
        to=fields["to"],
        country=country,
        body=fields["body"],
        sender=fields.get("sender", ""),
        pool_id=fields.get("sender_pool_id"),
        carrier_id=fields.get("carrier_id"),
    )
    try:
        return Routes.read(organization.pk, countries=[country]).check(wanted)
    except Impossible as error:
        raise refused(error, wanted) from None


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
    text: Encoded | None = None,
) -> Message:
    """A message that waits for the router, not saved yet. Raises TextTooLong.

    `sender`, `sender_pool_id` and `carrier_id` are what the message asks for; `text`: the body as
    a carrier would take it, if that is known already: what counts is how the carrier takes it that
    is chosen. Whoever saves the message wakes the router.
    """
    text, now = text or encode(body), timezone.now()
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
