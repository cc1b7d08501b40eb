"""Who changes a second factor types their own password: a browser left open is not enough."""

from __future__ import annotations

from django.http import HttpRequest

from orbit.accounts.models import User
from orbit.accounts.sessions import login_limits
from orbit.api.errors import ApiError


def refusal_of_own_password(request: HttpRequest, password: str) -> str:
    """Why it is not taken, for the person; "" if it is theirs. Each try counts."""
    try:
        login_limits.count_own(request.user)
    except ApiError as refusal:
        return refusal.message
    person = User.objects.get(pk=request.user.pk)
    return "" if person.check_password(password) else "This is not your password."
