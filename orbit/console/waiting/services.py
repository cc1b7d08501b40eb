"""Mark a waiting text as handled."""

from __future__ import annotations

from django.utils import timezone

from messaging.inbound.models import InboundMessage
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import User
from orbit.console.waiting.models import SeenTo

SEEN_TO = "message.seen_to"


def see_to(*, by: Actor, user: User, text: InboundMessage) -> bool:
    """Mark a text as handled; returns False if somebody was quicker. In the caller's
    transaction."""
    _, is_new = SeenTo.objects.get_or_create(
        pk=text.pk, defaults={"by": user, "at": timezone.now()}
    )
    if is_new:
        audit.record(by=by, organization=text.organization, action=SEEN_TO, target=text.pk)
    return is_new
