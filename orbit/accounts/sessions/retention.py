"""Sessions go when they have expired."""

from __future__ import annotations

from django.utils import timezone

from orbit.accounts.models import Session
from orbit.operations import retention


def prune_sessions() -> int:
    """Delete expired sessions with their refresh tokens; return how many sessions.

    Until then a used token stays, so that a second use of it is recognised.
    """
    return retention.delete_in_chunks(Session.objects.filter(expires_at__lt=timezone.now()))


retention.register("sessions", prune_sessions)
