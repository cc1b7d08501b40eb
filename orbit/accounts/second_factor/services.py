"""The second factor of operators: set up, asked for, taken away. In the caller's transaction."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.db.models import Exists, OuterRef
from django_otp.models import Device

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Authenticator, Passkey, RecoveryCode, User
from orbit.accounts.sessions import services as sessions

SET_UP, REMOVED, RENEWED, ASKED = (
    "user.second_factor_set",
    "user.second_factor_removed",
    "user.recovery_codes_renewed",
    "session.second_factor",
)
_ISSUER = "Orbit"


def is_set_up(user: User) -> bool:
    """Whether the password alone no longer signs the person in.

    A passkey that may have been copied counts: a copy must not take the second factor away.
    """
    app = Authenticator.objects.filter(user=OuterRef("pk"), confirmed=True)
    passkey = Passkey.objects.filter(user=OuterRef("pk"))
    # One query: each request of the console asks.
    return User.objects.filter(Exists(app) | Exists(passkey), pk=user.pk).exists()


def authenticator_of(user: User, *, lock: bool = False) -> Authenticator | None:
    """The authenticator app in use, or None."""
    rows = Authenticator.objects.filter(user=user, confirmed=True)
    return (rows.select_for_update() if lock else rows).first()


def pending(user: User, *, renew: bool) -> Authenticator:
    """The authenticator app being set up. It counts only after a first right code.

    `renew`: give it another secret, since the one shown before may have been seen.
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
    """Put the pending app in use, replacing an older one; None if the code is wrong.

    Sessions of the API that began without it end. The recovery codes are shown once.
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
    return authenticator, RecoveryCode.renew(user, settings.RECOVERY_CODES)


def check(*, by: Actor, user: User, code: str) -> Device | None:
    """What the right code came from: the app or a recovery code. A wrong code is audited."""
    device: Device | None = RecoveryCode.take(user, code)
    if device is None:
        app = authenticator_of(user, lock=True)
        device = app if app is not None and app.verify_token(code) else None
    audit.record(
        by=by,
        organization=None,
        action=ASKED,
        target=user.email,
        outcome="refused" if device is None else "ok",
        detail="" if device is None else device.name,
    )
    return device


def not_sent(*, by: Actor, user: User) -> None:
    """Audit a sign-in with the right password and without a code: it may be a thief's."""
    audit.record(
        by=by,
        organization=None,
        action=ASKED,
        target=user.email,
        outcome="refused",
        detail="no code was sent",
    )


def renew_codes(*, by: Actor, user: User) -> list[str]:
    """Replace the recovery codes that are left; the new ones are shown once."""
    codes = RecoveryCode.renew(user, settings.RECOVERY_CODES)
    audit.record(by=by, organization=None, action=RENEWED, target=user.email)
    return codes


def remove(*, by: Actor, user: User) -> bool:
    """Remove the person's second factors; False if there were none."""
    kinds = (Authenticator, Passkey, RecoveryCode)
    if not sum(kind.objects.filter(user=user).delete()[0] for kind in kinds):
        return False
    audit.record(by=by, organization=None, action=REMOVED, target=user.email)
    return True
