"""The page of one's own second factor: passkeys, the app, recovery codes."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from orbit.accounts.models import RecoveryCode
from orbit.accounts.second_factor import passkeys, relying_party
from orbit.accounts.second_factor import services as second_factor
from orbit.console.form_fields import secret, text
from orbit.console.pages import render
from orbit.console.permissions import actor, perform
from orbit.console.second_factor.ceremonies import unusable
from orbit.console.second_factor.own_password import refusal_of_own_password


class PasskeyForm(forms.Form):
    name = text("Name", "Of the device that holds it.", required=True, strip=True, max_length=64)
    own_password = secret("Your own password", required=True)


def page(request: HttpRequest) -> HttpResponse:
    context = {
        "passkeys": passkeys.of(request.user),
        "app": second_factor.authenticator_of(request.user),
        "codes_left": RecoveryCode.left(request.user).count(),
        "is_set_up": second_factor.is_set_up(request.user),
        "form": PasskeyForm(),
        "origin": relying_party.origin(),
        "unusable": unusable(request.user),
    }
    return render(request, "console/own_second_factor.html", "Second factor", **context)


@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    why = refusal_of_own_password(request, request.POST.get("own_password", ""))
    if not why and not second_factor.is_set_up(request.user):
        why = "Recovery codes come with a second factor: set one up first."
    if why:
        messages.error(request, why)
        return redirect("console:set_up_second_factor")
    codes = perform(lambda: second_factor.renew_codes(by=actor(request), user=request.user))
    return render(request, "console/recovery_codes.html", "Recovery codes", codes=codes)
