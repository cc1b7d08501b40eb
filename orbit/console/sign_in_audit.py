"""The audit's rows of signing in to the console, and out of it."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from orbit.accounts.audit import services as audit
from orbit.accounts.authentication import actor_of_request
from orbit.accounts.models import User

LOGIN, FAILED, LOGOUT = "session.login", "session.login_failed", "session.logout"


def record(
    request: HttpRequest, action: str, user: User | None, *, email: str = "", way: str = "console"
) -> None:
    """`user`: who it is by now; without one, who they said they were (`email`). `way`: how."""
    email = user.email if user else email
    by = actor_of_request(request, type="operator", id=str(user.pk) if user else "", name=email)
    with transaction.atomic():
        audit.record(
            by=by,
            organization=None,
            action=action,
            target=email,
            outcome="refused" if action == FAILED else "ok",
            detail=way,
        )
