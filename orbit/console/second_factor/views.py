"""The pages that ask for the second factor, and set an authenticator app up."""

from __future__ import annotations

import io

import qrcode
import qrcode.image.svg
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString, mark_safe

from orbit.accounts.models import Authenticator
from orbit.accounts.second_factor import passkeys, relying_party
from orbit.accounts.second_factor import services as second_factor
from orbit.accounts.sessions import login_limits
from orbit.api.errors import ApiError
from orbit.console.form_fields import secret, text
from orbit.console.pages import render
from orbit.console.permissions import actor, perform
from orbit.console.second_factor.own_password import refusal_of_own_password
from orbit.console.second_factor.proof import proved
from orbit.console.second_factor.return_address import next_page

_WRONG = "The code is wrong, or was used before. After a wrong one, wait some seconds."


class CodeForm(forms.Form):
    code = text("Code", "Six digits of your app, or a recovery code.", required=True, max_length=40)


class SetUpForm(forms.Form):
    own_password = secret("Your own password", required=True)
    code = text("Code", "The six digits that your app shows now.", required=True, max_length=6)


def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a code, or for a passkey; the session is verified with a right one."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"].strip()
        try:
            login_limits.count_code(request)
            device = perform(
                lambda: second_factor.check(by=actor(request), user=request.user, code=code)
            )
        except ApiError as refusal:
            form.add_error(None, refusal.message)
        else:
            if device is not None:
                proved(request, device)
                return redirect(next_page(request))
            form.add_error("code", _WRONG)
    if second_factor.authenticator_of(request.user) is None:
        form.fields["code"].label, form.fields["code"].help_text = "Recovery code", ""
    context = {
        "has_passkeys": passkeys.of(request.user).exists(),
        "origin": relying_party.origin(),
        "next": request.GET.get("next", ""),
    }
    return _form(request, form, "Second factor", "Go on", **context)


def set_up_app(request: HttpRequest) -> HttpResponse:
    """Show a new secret; a code of it, and the own password, put it in use."""
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        confirmed = _confirm(request, form)
        if confirmed is not None:
            device, codes = confirmed
            proved(request, device)
            messages.success(request, "The authenticator app is in use.")
            title = "Recovery codes"
            return render(request, "console/recovery_codes.html", title, codes=codes)
    device = perform(lambda: second_factor.pending(request.user, renew=request.method == "GET"))
    shown = {"secret": device.secret, "qr": _qr_code(second_factor.address(device))}
    return _form(
        request,
        form,
        "Set up an authenticator app",
        "Use it",
        back="console:set_up_second_factor",
        **shown,
    )


def _confirm(request: HttpRequest, form: SetUpForm) -> tuple[Authenticator, list[str]] | None:
    if why := refusal_of_own_password(request, form.cleaned_data["own_password"]):
        form.add_error("own_password", why)
        return None
    code = form.cleaned_data["code"].strip()
    confirmed = perform(
        lambda: second_factor.confirm(by=actor(request), user=request.user, code=code)
    )
    if confirmed is None:
        form.add_error("code", _WRONG)
    return confirmed


def _qr_code(address: str) -> SafeString:
    out = io.BytesIO()
    qrcode.make(address, image_factory=qrcode.image.svg.SvgPathImage).save(out)
    picture = out.getvalue().decode().partition("?>")[2]
    return mark_safe(picture)  # nosec B308 B703  # made by the library, of squares alone


def _form(
    request: HttpRequest, form: forms.Form, title: str, button: str, **more: object
) -> HttpResponse:
    return render(request, "console/second_factor.html", title, form=form, button=button, **more)
