"""The page of a password link (`password_links`), where a person sets their password.

Django's view moves the token from the address into the session before it shows the form.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetDoneView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy

from orbit.accounts.audit import services as audit
from orbit.accounts.authentication import actor_of_request
from orbit.accounts.members.selectors import audited_organizations
from orbit.accounts.sessions import login_limits
from orbit.accounts.users.changes import PASSWORD_SET
from orbit.api.errors import ApiError


class PasswordView(PasswordResetConfirmView):
    """Counts for the rate limit of logins of the address; the audit records who set a password."""

    form_class = SetPasswordForm
    template_name = "accounts/password.html"
    success_url = reverse_lazy("password_set")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if request.method == "POST":
                login_limits.count_address(request)
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
            for organization in audited_organizations(user.email, None):
                audit.record(
                    by=by, organization=organization, action=PASSWORD_SET, target=user.email
                )
        return answer


class PasswordSetView(PasswordResetDoneView):
    template_name = "accounts/password_set.html"
