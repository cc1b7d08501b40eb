"""Sessions of the console: begun by a sign-in, ended by hand, by sign-out or by idleness.

Django's sessions don't say whose they are. A row beside each does, and a session without its row
has ended: deleting the row is enough. The session's data names the row, because Django changes a
session's key when the password or SECRET_KEY changes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils import timezone

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import BrowserSession, User
from orbit.api.client_ip import client_address

ENDED = "session.ended"
_NOTED_EVERY = timedelta(minutes=1)
_NAME = "browser_session"  # in the session's data


def living(user: User | None = None) -> QuerySet[BrowserSession]:
    """Sessions that have not ended, last used first; of one person, or of all."""
    now = timezone.now()
    rows = BrowserSession.objects.filter(
        last_seen_at__gt=now - idle_timeout(),
        created_at__gt=now - timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
    rows = rows if user is None else rows.filter(user=user)
    return rows.select_related("user").order_by("-last_seen_at", "-pk")


def name_of(request: Any) -> str:
    """The `session_key` of the row of the request's session; "" if it has none."""
    return request.session.get(_NAME, "")


def is_living(request: Any, *, active: bool) -> bool:
    """Whether the person's session is still valid; `active`: note that they did something."""
    row = living(request.user).filter(session_key=name_of(request)).first()
    if row is None:
        return False
    now = timezone.now()
    if active and row.last_seen_at <= now - _NOTED_EVERY:
        BrowserSession.objects.filter(pk=row.pk).update(last_seen_at=now)
    return True


def end(*, by: Actor, session: BrowserSession) -> None:
    """End it at once; in the caller's transaction."""
    session.delete()
    audit.record(
        by=by,
        organization=None,
        action=ENDED,
        target=session.user.email,
        detail=f"console, from {session.address or 'an unknown address'}",
    )


def idle_timeout() -> timedelta:
    return timedelta(minutes=settings.CONSOLE_IDLE_MINUTES)


@receiver(user_logged_in)
def _begin(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    _forget(sender, request)  # a new sign-in in the same browser
    if not request.session.session_key:
        request.session.save()
    request.session[_NAME] = request.session.session_key
    limit = BrowserSession._meta.get_field("user_agent").max_length
    agent = request.META.get("HTTP_USER_AGENT", "").replace("\0", "")
    BrowserSession.objects.create(
        session_key=name_of(request),
        user=user,
        address=client_address(request),
        user_agent=agent.encode("utf-8", "replace").decode()[:limit],
        last_seen_at=timezone.now(),
    )


@receiver(user_logged_out)
def _forget(sender: Any, request: Any, **kwargs: Any) -> None:
    BrowserSession.objects.filter(session_key=name_of(request)).delete()
