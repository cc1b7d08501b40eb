"""Checks a password at login."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from orbit.accounts.models import User


def is_right(user: User | None, password: str) -> bool:
    """Whether an active user has this password; takes as long when there is no user."""
    if user is None:
        make_password(password)
        return False
    return user.check_password(password) and user.is_active
