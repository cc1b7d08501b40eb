"""Rotating secrets: the old one signs beside the new one for a grace period."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from messaging import optimistic_locking
from messaging.webhooks.models import SigningKey, Webhook, WebhookSecret
from messaging.webhooks.signing import new_secret
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.db.fields import fault

WEBHOOK_ROTATED, OWN_ROTATED = "webhook.secret_rotated", "webhook_secret.rotated"


def rotate_webhook(*, by: Actor, webhook: Webhook, grace_hours: int) -> None:
    """Give the webhook (from `selectors.lock`) a new secret. Raises INVALID_STATE."""
    fields = _renewed(webhook, grace_hours)
    optimistic_locking.compare_and_set(webhook, fields, among=Webhook.objects.all())
    _record(by, webhook.organization, WEBHOOK_ROTATED, webhook.id, grace_hours)


def rotate_own(
    *, by: Actor, organization: Organization, key: WebhookSecret | None, grace_hours: int
) -> WebhookSecret:
    """Give the organisation a new secret for messages' own addresses, or its first one.

    `key` comes from `selectors.lock_own`. Raises INVALID_STATE.
    """
    if key is None:
        key, is_new = WebhookSecret.objects.get_or_create(
            organization=organization, defaults={"secret_set_at": timezone.now()}
        )
        if not is_new:
            raise optimistic_locking.changed_meanwhile(key)
    else:
        fields = _renewed(key, grace_hours)
        optimistic_locking.compare_and_set(key, fields, among=WebhookSecret.objects.all())
    _record(by, organization, OWN_ROTATED, organization.pk, grace_hours)
    return key


def _renewed(key: SigningKey, grace_hours: int) -> dict[str, Any]:
    """The new values. The secret before the old one signs no more, and an old one that can't be
    read has no grace period."""
    now = timezone.now()
    is_kept = grace_hours and not fault(key, "secret")
    until = now + timedelta(hours=grace_hours) if is_kept else None
    return {
        "secret": new_secret(),
        "secret_set_at": now,
        "previous_secret": key.secret if until else None,
        "previous_until": until,
    }


def _record(
    by: Actor, organization: Organization, action: str, target: str, grace_hours: int
) -> None:
    audit.record(
        by=by,
        organization=organization,
        action=action,
        target=target,
        changes=("secret",),
        detail=f"grace_hours: {grace_hours}",
    )
