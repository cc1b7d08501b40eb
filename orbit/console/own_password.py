"""An operator's change of their own password: throttled and audited.

The form asks for the old password, so without a limit anybody at an open browser could try some.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from orbit.accounts.sessions import login_limits
from orbit.accounts.users import changes
from orbit.api.errors import ApiError
from orbit.console.permissions import actor

_OLD = "old_password"


def guarded(request: HttpRequest, change: Callable[[], HttpResponse]) -> HttpResponse:
    """Run Django's view of the form; 429 in its place when there were too many."""
    try:
        login_limits.count_own(request.user)
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
