"""End console sessions that were ended by hand, or left idle for too long.

Pages refresh parts of themselves (htmx). Such requests do not count as activity.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from orbit.accounts.sessions import browser_sessions

_CONSOLE = "/admin/"


class ConsoleSessionMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(_CONSOLE) and request.user.is_authenticated:
            active = request.method != "GET" or "HX-Request" not in request.headers
            if not browser_sessions.is_living(request, active=active):
                request.session.flush()  # not a sign-out of the person's, so none is audited
                request.user = AnonymousUser()
        return self.get_response(request)
