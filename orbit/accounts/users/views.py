"""The page behind a link of `orbit.accounts.users.password_links`: a person sets their password.

Django's view takes the token out of the address before it shows the form, into the session.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetDoneView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy

from orbit.accounts.audit import services as audit
from orbit.accounts.authentication import actor_of_request
from orbit.accounts.members import selectors as logins
from orbit.api import throttles
from orbit.api.client_ip import client_address
from orbit.api.errors import ApiError

PASSWORD_SET = "user.password_set"  # noqa: S105 - an action of the audit


class PasswordView(PasswordResetConfirmView):
    """Throttled with the logins of an address; who set a password is in the audit."""

    form_class = SetPasswordForm
    template_name = "accounts/password.html"
    success_url = reverse_lazy("password_set")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rate = throttles.Rate.parse(settings.LOGIN_RATE_LIMIT)
        try:
            if request.method == "POST":
                throttles.take("login", f"address:{client_address(request)}", rate).check()
        except ApiError as refusal:
            return HttpResponse(
                refusal.message, status=429, headers=refusal.headers, content_type="text/plain"
            )
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
            user = self.user
            by = actor_of_request(self.request, type="user", id=str(user.pk), name=user.email)
            for organization in logins.concerned(user.email, None):
                audit.record(
                    by=by, organization=organization, action=PASSWORD_SET, target=user.email
                )
        return answer


class PasswordSetView(PasswordResetDoneView):
    template_name = "accounts/password_set.html"
