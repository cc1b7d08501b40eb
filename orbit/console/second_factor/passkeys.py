"""Passkeys of a person who is signed in: add one, prove the second factor with one, remove one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from orbit.accounts.second_factor import passkeys
from orbit.accounts.second_factor.challenges import Challenge
from orbit.accounts.second_factor.passkeys import PasskeyRefused
from orbit.accounts.sessions import login_limits
from orbit.api.errors import ApiError
from orbit.console.form_fields import secret
from orbit.console.pages import render
from orbit.console.permissions import actor, perform
from orbit.console.second_factor import ceremonies
from orbit.console.second_factor.own import PasskeyForm
from orbit.console.second_factor.own_password import refusal_of_own_password
from orbit.console.second_factor.proof import proved
from orbit.console.second_factor.return_address import next_page


class RemoveForm(forms.Form):
    own_password = secret("Your own password", required=True)


@require_POST
def options_to_add(request: HttpRequest) -> HttpResponse:
    """The own password is asked for here: before the authenticator keeps anything."""
    form = PasskeyForm(request.POST)
    if not form.is_valid():
        return ceremonies.refused(_first_error(form))
    password = form.cleaned_data["own_password"]
    why = ceremonies.unusable(request.user) or refusal_of_own_password(request, password)
    if why:
        return ceremonies.refused(why)
    challenge = Challenge.new("add", request.user.pk)
    try:
        options = passkeys.options_to_add(request.user, challenge)
    except PasskeyRefused as refusal:
        return ceremonies.refused(str(refusal))
    return ceremonies.asked(challenge, options)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add the passkey. Its challenge proves that the password was checked."""
    name = PasskeyForm(request.POST)
    name.fields.pop("own_password")
    try:
        if not name.is_valid():
            raise PasskeyRefused(_first_error(name))
        challenge, answer = ceremonies.answered(request, "add", request.user.pk)
        passkey, codes = perform(
            lambda: passkeys.add(
                by=actor(request),
                user=request.user,
                name=name.cleaned_data["name"],
                challenge=challenge,
                answer=answer,
            )
        )
    except PasskeyRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("console:set_up_second_factor")
    if not request.user.is_verified():
        proved(request, passkey)
    messages.success(request, f"The passkey {passkey.name} is in use.")
    if not codes:
        return ceremonies.over(redirect("console:set_up_second_factor"))
    return ceremonies.over(
        render(request, "console/recovery_codes.html", "Recovery codes", codes=codes)
    )


@require_POST
def options_to_prove(request: HttpRequest) -> HttpResponse:
    challenge = Challenge.new("prove", request.user.pk)
    return ceremonies.asked(challenge, passkeys.options_to_prove(request.user, challenge))


@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """Check the answer; a right one proves the session's second factor."""
    try:
        login_limits.count_code(request)
        challenge, answer = ceremonies.answered(request, "prove", request.user.pk)
        taken = perform(
            lambda: passkeys.check(
                by=actor(request), user=request.user, challenge=challenge, answer=answer
            )
        )
        why = taken.why
    except ApiError as refusal:
        why = refusal.message
    except PasskeyRefused as refusal:
        why = str(refusal)
    if why:
        messages.error(request, why)
        again = urlencode({"next": request.POST.get("next", "")})
        return ceremonies.over(redirect(f"{reverse('console:second_factor')}?{again}"))
    proved(request, taken.passkey)
    return ceremonies.over(redirect(next_page(request)))


def remove(request: HttpRequest, passkey_id: int) -> HttpResponse:
    passkey = get_object_or_404(passkeys.of(request.user), pk=passkey_id)
    form = RemoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        why = refusal_of_own_password(request, form.cleaned_data["own_password"])
        if not why:
            perform(lambda: passkeys.remove(by=actor(request), passkey=passkey))
            messages.success(request, f"The passkey {passkey.name} is removed.")
            return redirect("console:set_up_second_factor")
        form.add_error("own_password", why)
    shown = {"form": form, "button": "Remove", "back": "console:set_up_second_factor"}
    return render(request, "console/second_factor.html", f"Remove {passkey.name}", **shown)


def _first_error(form: forms.Form) -> str:
    name, errors = next(iter(form.errors.items()))
    return f"{form.fields[name].label}: {errors[0]}"
