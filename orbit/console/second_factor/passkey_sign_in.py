"""Sign-in by a passkey alone: it is both factors, since it has asked for a PIN or a finger."""

from __future__ import annotations

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orbit.accounts.second_factor import passkeys
from orbit.accounts.second_factor.challenges import Challenge
from orbit.accounts.second_factor.passkeys import Answer, PasskeyRefused
from orbit.accounts.sessions import login_limits
from orbit.api.errors import ApiError
from orbit.console import sign_in_audit
from orbit.console.permissions import perform
from orbit.console.second_factor import ceremonies
from orbit.console.second_factor.proof import proved
from orbit.console.second_factor.return_address import next_page
from orbit.console.sign_in_audit import FAILED, LOGIN

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_POST
def options(request: HttpRequest) -> HttpResponse:
    """Nothing is kept of it here: strangers may ask as often as they like."""
    if why := ceremonies.unusable():
        return ceremonies.refused(why)
    challenge = Challenge.new("sign in", None)
    return ceremonies.asked(challenge, passkeys.options_to_prove(None, challenge))


@never_cache
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    try:
        login_limits.count_address(request)
        taken = _checked(request)
    except ApiError as refusal:
        return _back(request, refusal.message)
    except PasskeyRefused as refusal:
        taken = Answer(None, str(refusal))
    if taken.passkey is None:
        sign_in_audit.record(request, FAILED, None, way=f"console, passkey: {taken.why}")
        return _back(request, taken.why)
    user = taken.passkey.user
    auth.login(request, user, backend=_BACKEND)
    proved(request, taken.passkey)
    sign_in_audit.record(request, LOGIN, user, way=f"console, passkey {taken.passkey.name}")
    return ceremonies.over(redirect(next_page(request)))


def _checked(request: HttpRequest) -> Answer:
    challenge, answer = ceremonies.answered(request, "sign in", None)
    return perform(lambda: passkeys.check_sign_in(challenge=challenge, answer=answer))


def _back(request: HttpRequest, why: str) -> HttpResponse:
    messages.error(request, why)
    again = urlencode({"next": request.POST.get("next", "")})
    return ceremonies.over(redirect(f"{reverse('admin:login')}?{again}"))
