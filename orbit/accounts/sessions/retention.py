"""Sessions go when they have expired."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from orbit.accounts.models import BrowserSession, Session
from orbit.operations import retention


def prune_sessions() -> int:
    """Delete expired sessions with their refresh tokens; return how many sessions.

    Until then a used token stays, so that a second use of it is recognised.
    """
    return retention.delete_in_chunks(Session.objects.filter(expires_at__lt=timezone.now()))


def prune_browser_sessions() -> int:
    """Delete those of the console whose time is over; return how many."""
    oldest = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return retention.delete_in_chunks(BrowserSession.objects.filter(created_at__lt=oldest))


retention.register("browser_sessions", prune_browser_sessions)
retention.register("sessions", prune_sessions)
