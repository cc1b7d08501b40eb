"""The console's login, throttled and audited as the API's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest
from unfold.forms import AuthenticationForm

from orbit.accounts.models import User
from orbit.accounts.second_factor import services as second_factor
from orbit.accounts.sessions import login_limits
from orbit.api.client_ip import client_address
from orbit.api.errors import ApiError
from orbit.console import sign_in_audit
from orbit.console.sign_in_audit import FAILED, LOGIN, LOGOUT


class LoginForm(AuthenticationForm):
    """Shares the limits of the API's login."""

    def clean(self) -> dict[str, Any]:
        email = self.cleaned_data.get("username") or ""
        self._throttle(email)
        try:
            cleaned = super().clean()
        except ValidationError:
            sign_in_audit.record(self.request, FAILED, None, email=email)
            raise
        person = self.get_user()
        if person is not None:
            sign_in_audit.record(self.request, LOGIN, person)
            if not second_factor.is_set_up(person):
                login_limits.remember(person, client_address(self.request))
        return cleaned

    def _throttle(self, email: str) -> None:
        try:
            login_limits.count(self.request, email=email, user=User.objects.find(email))
        except ApiError as refusal:
            raise ValidationError(refusal.message, code="throttled") from None


@receiver(user_logged_out)
def record_logout(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        sign_in_audit.record(request, LOGOUT, user)
