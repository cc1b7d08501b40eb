"""The console's login, throttled and audited as the API's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from unfold.forms import AuthenticationForm

from orbit.accounts.audit import services as audit
from orbit.accounts.authentication import actor_of_request
from orbit.accounts.models import User
from orbit.accounts.second_factor import services as second_factor
from orbit.accounts.sessions import login_limits
from orbit.api.client_ip import client_address
from orbit.api.errors import ApiError


class LoginForm(AuthenticationForm):
    """Shares the limits of the API's login."""

    def clean(self) -> dict[str, Any]:
        email = self.cleaned_data.get("username") or ""
        self._throttle(email)
        try:
            cleaned = super().clean()
        except ValidationError:
            _record(self.request, "session.login_failed", "", email, outcome="refused")
            raise
        person = self.get_user()
        if person is not None:
            _record(self.request, "session.login", str(person.pk), person.email)
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
        _record(request, "session.logout", str(user.pk), user.email)


def _record(
    request: HttpRequest, action: str, user_id: str, email: str, *, outcome: audit.Outcome = "ok"
) -> None:
    by = actor_of_request(request, type="operator", id=user_id, name=email)
    with transaction.atomic():
        audit.record(
            by=by,
            organization=None,
            action=action,
            target=email,
            outcome=outcome,
            detail="console",
        )
