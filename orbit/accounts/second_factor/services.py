"""The second factor of operators: set up, asked for, taken away. In the caller's transaction."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Authenticator, RecoveryCode, User
from orbit.accounts.sessions import services as sessions

SET_UP, REMOVED, ASKED = (
    "user.second_factor_set",
    "user.second_factor_removed",
    "session.second_factor",
)
_ISSUER = "Orbit"


def authenticator_of(user: User, *, lock: bool = False) -> Authenticator | None:
    """The one that is in use; None: the password alone signs the person in."""
    rows = Authenticator.objects.filter(user=user, confirmed=True)
    return (rows.select_for_update() if lock else rows).first()


def pending(user: User, *, renew: bool) -> Authenticator:
    """The one that is being set up; it is asked for nowhere until a code of it was right.

    `renew`: with another secret, since somebody may have seen the one that was shown before.
    """
    if renew:
        Authenticator.objects.filter(user=user, confirmed=False).delete()
    row, _ = Authenticator.objects.get_or_create(
        user=user,
        confirmed=False,
        defaults={"name": "app", "secret": Authenticator.new_secret()},
    )
    return row


def address(authenticator: Authenticator) -> str:
    """The otpauth:// address that apps read. It is a secret."""
    label = quote(f"{_ISSUER}:{authenticator.user.email}")
    return f"otpauth://totp/{label}?secret={authenticator.secret}&issuer={_ISSUER}"


def confirm(*, by: Actor, user: User, code: str) -> tuple[Authenticator, list[str]] | None:
    """Put the pending one in use, in the place of an older one; None if the code is wrong.

    The sessions of the API that were begun without it end. The recovery codes are shown once.
    """
    rows = Authenticator.objects.select_for_update().filter(user=user, confirmed=False)
    authenticator = rows.first()
    if authenticator is None or not authenticator.verify_token(code):
        return None
    Authenticator.objects.filter(user=user, confirmed=True).delete()
    authenticator.confirmed = True
    authenticator.save(update_fields=["confirmed"])
    sessions.end_all(user)
    audit.record(by=by, organization=None, action=SET_UP, target=user.email)
    return authenticator, RecoveryCode.renew(authenticator, settings.RECOVERY_CODES)


def check(*, by: Actor, user: User, code: str) -> Authenticator | None:
    """The authenticator if the code is right; a wrong one is a row of the audit."""
    authenticator = authenticator_of(user, lock=True)
    right = authenticator is not None and authenticator.verify_token(code)
    audit.record(
        by=by,
        organization=None,
        action=ASKED,
        target=user.email,
        outcome="ok" if right else "refused",
    )
    return authenticator if right else None


def remove(*, by: Actor, user: User) -> bool:
    """Take it away; False if there was none."""
    rows = Authenticator.objects.filter(user=user)
    if not rows:
        return False
    rows.delete()
    audit.record(by=by, organization=None, action=REMOVED, target=user.email)
    return True
