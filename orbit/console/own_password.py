"""An operator's change of their own password: throttled as a login, and audited.

The form asks for the old password, so a browser left open would let anybody try them.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from orbit.accounts.users import changes
from orbit.api import throttling
from orbit.api.client_ip import client_address
from orbit.api.errors import ApiError
from orbit.console.permissions import actor

_OLD = "old_password"


def guarded(request: HttpRequest, change: Callable[[], HttpResponse]) -> HttpResponse:
    """Run Django's view of the form; 429 in its place when there were too many."""
    try:
        throttle(request)
    except ApiError as refusal:
        return HttpResponse(
            refusal.message, status=429, headers=refusal.headers, content_type="text/plain"
        )
    by, person = actor(request), request.user
    with changes.audited(by, person.pk):
        answer = change()
    form = (getattr(answer, "context_data", None) or {}).get("form")
    if form is not None and _OLD in form.errors:
        changes.password_refused(by, person.email)
    return answer


def throttle(request: HttpRequest) -> None:
    rate = throttling.Rate.parse(settings.LOGIN_RATE_LIMIT)
    for identity in (f"address:{client_address(request)}", f"account:{request.user.email.lower()}"):
        throttling.take("login", identity, rate).check()
