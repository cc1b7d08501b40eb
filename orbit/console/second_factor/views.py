"""The pages that ask for the second factor, and set it up."""

from __future__ import annotations

import io

import django_otp
import qrcode
import qrcode.image.svg
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe

from orbit.accounts.models import Authenticator, User
from orbit.accounts.second_factor import services as second_factor
from orbit.accounts.sessions import login_limits
from orbit.api.errors import ApiError
from orbit.console.form_fields import secret, text
from orbit.console.pages import render
from orbit.console.permissions import actor, perform

_WRONG = "The code is wrong, or was used before. After a wrong one, wait some seconds."


class CodeForm(forms.Form):
    code = text("Code", "Six digits of your app, or a recovery code.", required=True, max_length=40)


class SetUpForm(forms.Form):
    own_password = secret("Your own password", required=True)
    code = text("Code", "The six digits that your app shows now.", required=True, max_length=6)


def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a code; the session is verified with a right one."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"].strip()
        try:
            login_limits.count_own(request.user)
            device = perform(
                lambda: second_factor.check(by=actor(request), user=request.user, code=code)
            )
        except ApiError as refusal:
            form.add_error(None, refusal.message)
        else:
            if device is not None:
                django_otp.login(request, device)
                return redirect(_next(request))
            form.add_error("code", _WRONG)
    return _form(request, form, "Second factor", "Go on")


def set_up(request: HttpRequest) -> HttpResponse:
    """Show a new secret; a code of it, and the own password, put it in use."""
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            login_limits.count_own(request.user)
        except ApiError as refusal:
            form.add_error(None, refusal.message)
        else:
            confirmed = _confirm(request, form)
            if confirmed is not None:
                device, codes = confirmed
                django_otp.login(request, device)
                messages.success(request, "The second factor is in use.")
                title = "Recovery codes"
                return render(request, "console/recovery_codes.html", title, codes=codes)
    device = perform(lambda: second_factor.pending(request.user, renew=request.method == "GET"))
    shown = {"secret": device.secret, "qr": _qr_code(second_factor.address(device))}
    return _form(request, form, "Set up the second factor", "Use it", **shown)


def _confirm(request: HttpRequest, form: SetUpForm) -> tuple[Authenticator, list[str]] | None:
    person = User.objects.get(pk=request.user.pk)
    if not person.check_password(form.cleaned_data["own_password"]):
        form.add_error("own_password", "This is not your password.")
        return None
    code = form.cleaned_data["code"].strip()
    confirmed = perform(lambda: second_factor.confirm(by=actor(request), user=person, code=code))
    if confirmed is None:
        form.add_error("code", _WRONG)
    return confirmed


def _next(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "admin:index"


def _qr_code(address: str) -> SafeString:
    out = io.BytesIO()
    qrcode.make(address, image_factory=qrcode.image.svg.SvgPathImage).save(out)
    picture = out.getvalue().decode().partition("?>")[2]
    return mark_safe(picture)  # nosec B308 B703  # made by the library, of squares alone


def _form(
    request: HttpRequest, form: forms.Form, title: str, button: str, **more: object
) -> HttpResponse:
    return render(request, "console/second_factor.html", title, form=form, button=button, **more)
