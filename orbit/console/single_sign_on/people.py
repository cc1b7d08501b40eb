"""Find the person whom a provider's claims name, and give the roles that the claims say. The
provider decides both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from orbit.accounts.actors import Actor
from orbit.accounts.models import User
from orbit.accounts.users import changes
from orbit.console.roles import PERMISSIONS
from orbit.console.single_sign_on.provider import SignInFailed

SUPERUSER = "Superuser"


def person_of(claims: Mapping[str, Any], by: Actor) -> User:
    """The operator, created if needed, with exactly the rights that the claims give now. Raises
    SignInFailed.

    Rights that the claims no longer give are removed, even if none is left; changes are audited.
    """
    email = _address(claims)
    roles = _roles(claims)
    user = User.objects.find(email)
    if user is not None and not user.is_active:
        raise SignInFailed("The account is switched off.")
    if roles or (user is not None and user.is_staff):  # strangers and customers get no account
        with changes.audited(by, user.pk if user else None):
            user = user or User.objects.create_user(email, None)
            _give(user, roles)
    if not roles:
        raise SignInFailed("The provider gives you no role in this console.")
    return user


def _give(user: User, roles: set[str]) -> None:
    """Give exactly these roles: otherwise a password or an open session would keep lost ones."""
    user.is_staff, user.is_superuser = bool(roles), SUPERUSER in roles
    user.save(update_fields=["is_staff", "is_superuser"])
    others = user.groups.exclude(name__in=PERMISSIONS)
    user.groups.set([*others, *Group.objects.filter(name__in=roles & PERMISSIONS.keys())])


def _address(claims: Mapping[str, Any]) -> str:
    email = claims.get("email")
    try:
        validate_email(email)
    except ValidationError:
        raise SignInFailed("The provider names no e-mail address.") from None
    if claims.get("email_verified") is not True:
        raise SignInFailed("The provider has not verified your e-mail address.")
    return email


def _roles(claims: Mapping[str, Any]) -> set[str]:
    """Of the console: what OIDC_ROLES makes of the values of the claim OIDC_ROLES_CLAIM."""
    said = claims.get(settings.OIDC_ROLES_CLAIM)
    values = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    known = {SUPERUSER, *PERMISSIONS}
    given = {settings.OIDC_ROLES.get(value) for value in values if isinstance(value, str)}
    return {role for role in given if role in known}
