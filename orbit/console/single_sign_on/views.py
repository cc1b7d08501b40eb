"""Sign-in through the provider: there, and back; and the way out."""

from __future__ import annotations

from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from orbit.accounts.authentication import actor_of_request
from orbit.accounts.sessions import login_limits
from orbit.api.errors import ApiError
from orbit.console import sign_in_audit
from orbit.console.sign_in_audit import FAILED, LOGIN
from orbit.console.single_sign_on import provider
from orbit.console.single_sign_on.people import person_of
from orbit.console.single_sign_on.provider import SignInFailed

# In the session, the ID token: a second factor is the provider's affair, and it wants to see the
# token when the person signs off.
PROVED = "single_sign_on"
_WAY = "console, single sign-on"
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
        vouched = provider.vouched(request)
        email = str(vouched.claims.get("email", ""))
        by = actor_of_request(request, type="operator", id="", name=email)
        user = person_of(vouched.claims, by)
    except SignInFailed as failure:
        sign_in_audit.record(request, FAILED, None, email=email, way=_WAY)
        return _refused(request, str(failure))
    auth.login(request, user, backend=_BACKEND)
    request.session[PROVED] = vouched.id_token
    sign_in_audit.record(request, LOGIN, user, way=_WAY)
    return redirect("admin:index")


def way_out(request: HttpRequest) -> str:
    """Where this session is signed off at the provider, too; "" if it did not begin there."""
    token = request.session.get(PROVED)
    if not provider.is_set_up() or not isinstance(token, str):  # of before: only that it was so
        return ""
    return provider.sign_off_address(token, request.build_absolute_uri(reverse("admin:login")))


def _require_provider() -> None:
    if not provider.is_set_up():
        raise Http404


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    messages.error(request, why)
    return redirect("admin:login")
