"""Checks a password at login."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from orbit.accounts.models import User


def user_with_password(email: str, password: str) -> User | None:
    """Return the active user with this password; takes as long when there is no such user."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        make_password(password)
        return None
    right = user.check_password(password)
    return user if right and user.is_active else None
