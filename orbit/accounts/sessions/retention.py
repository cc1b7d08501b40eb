"""Sessions go when they have expired, and addresses of logins that were long ago."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session as DjangoSession
from django.utils import timezone

from orbit.accounts.models import BrowserSession, LoginAddress, Session
from orbit.operations import retention


def prune_sessions() -> int:
    """Delete expired sessions with their refresh tokens; return how many sessions.

    Until then a used token stays, so that a second use of it is recognised.
    """
    return retention.delete_in_chunks(Session.objects.filter(expires_at__lt=timezone.now()))


def prune_login_addresses() -> int:
    """Delete addresses that are no longer known (LOGIN_ADDRESS_DAYS); return how many."""
    oldest = timezone.now() - timedelta(days=settings.LOGIN_ADDRESS_DAYS)
    return retention.delete_in_chunks(LoginAddress.objects.filter(at__lt=oldest))


def prune_django_sessions() -> int:
    """Delete Django's own that have expired; return how many. Strangers make some, by beginning a
    single sign-on."""
    return retention.delete_in_chunks(DjangoSession.objects.filter(expire_date__lt=timezone.now()))


def prune_browser_sessions() -> int:
    """Delete those of the console whose time is over; return how many."""
    oldest = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return retention.delete_in_chunks(BrowserSession.objects.filter(created_at__lt=oldest))


retention.register("login_addresses", prune_login_addresses)
retention.register("browser_sessions", prune_browser_sessions)
retention.register("django_sessions", prune_django_sessions)
retention.register("sessions", prune_sessions)
