"""Who changes a second factor types their own password: a browser left open is not enough."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from orbit.accounts.audit import services as audit
from orbit.accounts.models import User
from orbit.accounts.second_factor.services import SET_UP
from orbit.accounts.sessions import login_limits
from orbit.api.errors import ApiError
from orbit.console.permissions import actor


def refusal_of_own_password(request: HttpRequest, password: str) -> str:
    """Why it is not taken, for the person; "" if it is theirs. Each try counts."""
    try:
        login_limits.count_own(request.user)
    except ApiError as refusal:
        return refusal.message
    person = User.objects.get(pk=request.user.pk)
    if person.check_password(password):
        return ""
    with transaction.atomic():
        audit.record(
            by=actor(request),
            organization=None,
            action=SET_UP,
            target=person.email,
            outcome="refused",
            detail="wrong own password",
        )
    return "This is not your password."
