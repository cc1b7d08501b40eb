"""The page with the console's sessions: one's own, and everybody's for superusers."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from orbit.accounts.models import BrowserSession
from orbit.accounts.sessions import browser_sessions
from orbit.console.pages import render
from orbit.console.permissions import actor, perform

_SHOWN = 200


def page(request: HttpRequest) -> HttpResponse:
    context = {
        "sessions": _reachable(request)[:_SHOWN],
        "current": browser_sessions.name_of(request),
        "idle_minutes": browser_sessions.idle_timeout().total_seconds() // 60,
    }
    return render(request, "console/sessions.html", "Sessions", **context)


@require_POST
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    session = get_object_or_404(_reachable(request), pk=session_id)
    perform(lambda: browser_sessions.end(by=actor(request), session=session))
    messages.success(request, f"The session of {session.user.email} has ended.")
    return redirect("console:sessions")


def _reachable(request: HttpRequest) -> QuerySet[BrowserSession]:
    return browser_sessions.living(None if request.user.is_superuser else request.user)
