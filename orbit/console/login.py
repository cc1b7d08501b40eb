"""The console's login, throttled and audited as the API's."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from unfold.forms import AuthenticationForm

from orbit.accounts.audit import services as audit
from orbit.accounts.authentication import actor_of_request
from orbit.accounts.models import User
from orbit.api import throttling
from orbit.api.client_ip import client_address
from orbit.api.errors import ApiError


class LoginForm(AuthenticationForm):
    """Shares the rate limits of the API's login: by address, and by account."""

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
        return cleaned

    def _throttle(self, email: str) -> None:
        rate = throttling.Rate.parse(settings.LOGIN_RATE_LIMIT)
        identities = (f"address:{client_address(self.request)}", f"account:{email.lower()}")
        try:
            for identity in identities:
                throttling.take("login", identity, rate).check()
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
