"""Sign-in through the provider: there, and back."""

from __future__ import annotations

from django.contrib import auth, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from orbit.accounts.audit import services as audit
from orbit.accounts.authentication import actor_of_request
from orbit.accounts.sessions import login_limits
from orbit.api.errors import ApiError
from orbit.console.single_sign_on import provider
from orbit.console.single_sign_on.people import person_of
from orbit.console.single_sign_on.provider import SignInFailed

PROVED = "single_sign_on"  # in the session: a second factor is the provider's affair
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    _require_provider()
    try:
        login_limits.count_address(request)  # it asks the provider, and keeps a session
        return provider.send_there(request)
    except ApiError as limit:
        return _refused(request, limit.message)
    except SignInFailed as failure:
        return _refused(request, str(failure))


@never_cache
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    _require_provider()
    email = ""
    try:
        claims = provider.claims_of(request)
        email = str(claims.get("email", ""))
        by = actor_of_request(request, type="operator", id="", name=email)
        user = person_of(claims, by)
    except SignInFailed as failure:
        _record(request, "session.login_failed", email, outcome="refused")
        return _refused(request, str(failure))
    auth.login(request, user, backend=_BACKEND)
    request.session[PROVED] = True
    _record(request, "session.login", user.email, user_id=str(user.pk))
    return redirect("admin:index")


def _require_provider() -> None:
    if not provider.is_set_up():
        raise Http404


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    messages.error(request, why)
    return redirect("admin:login")


def _record(
    request: HttpRequest,
    action: str,
    email: str,
    *,
    user_id: str = "",
    outcome: audit.Outcome = "ok",
) -> None:
    by = actor_of_request(request, type="operator", id=user_id, name=email)
    with transaction.atomic():
        audit.record(
            by=by,
            organization=None,
            action=action,
            target=email,
            outcome=outcome,
            detail="console, single sign-on",
        )
