"""Passkeys (WebAuthn): add, prove, remove. In the caller's transaction.

Yubico's fido2 checks what an authenticator signed: challenge, origin, RP ID, presence, signature.
The rest is checked here: a challenge is used once, and a counter only goes up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Passkey, RecoveryCode, User
from orbit.accounts.second_factor import relying_party
from orbit.accounts.second_factor.challenges import Challenge, lifetime
from orbit.accounts.second_factor.services import ASKED, is_set_up
from orbit.accounts.sessions import services as sessions

T = TypeVar("T")
ADDED, REMOVED = "user.passkey_added", "user.passkey_removed"

_SITE = "Orbit"  # browsers no longer show it
_ID = re.compile(r"[A-Za-z0-9_-]{1,1366}", re.ASCII)
_WRONG = "The answer of the passkey is wrong, or too late."
_UNKNOWN = "This passkey is not known here. It may have been removed."
_COPIED = "Its counter went back: there may be a copy of this passkey. Remove it."
_VERIFIED, _PREFERRED = UserVerificationRequirement.REQUIRED, UserVerificationRequirement.PREFERRED


class PasskeyRefused(Exception):
    """The text says why, for the person."""


@dataclass(frozen=True)
class Answer:
    """The answer to a challenge. Without a passkey it is refused, and `why` tells the person."""

    passkey: Passkey | None
    why: str = ""


def of(user: User) -> QuerySet[Passkey]:
    return Passkey.objects.filter(user=user).order_by("pk")


def options_to_add(user: User, challenge: Challenge) -> dict[str, Any]:
    """Options for `navigator.credentials.create`, as JSON. Raises PasskeyRefused."""
    mine = list(of(user))
    _require_room(len(mine))
    entity = PublicKeyCredentialUserEntity(
        id=_handle(user), name=user.email, display_name=user.email
    )
    options, _ = _server().register_begin(
        entity,
        [_credential(passkey) for passkey in mine],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=_PREFERRED,
        challenge=challenge.value,
    )
    return dict(options.public_key)


def add(
    *, by: Actor, user: User, name: str, challenge: Challenge, answer: Mapping[str, Any]
) -> tuple[Passkey, list[str]]:
    """Keep a new passkey; with recovery codes for who has none. Raises PasskeyRefused.

    If it is the person's first second factor, the API's sessions that were begun without end.
    """
    User.objects.select_for_update().get(pk=user.pk)  # or two at once would both find room
    _require_room(of(user).count())
    state = _state(challenge, _PREFERRED)
    data = _checked(lambda: _server().register_complete(state, answer))
    credential = data.credential_data
    if credential is None or credential.public_key.ALGORITHM not in CoseKey.supported_algorithms():
        raise PasskeyRefused("This authenticator signs in a way that is not supported here.")
    if not is_set_up(user):
        sessions.end_all(user)
    try:
        with transaction.atomic():
            passkey = Passkey.objects.create(
                user=user,
                name=name,
                credential_id=websafe_encode(credential.credential_id),
                credential=bytes(credential),
                sign_count=data.counter,
                last_challenge_at=challenge.made_at,
            )
    except IntegrityError:
        raise PasskeyRefused("This passkey is here already.") from None
    audit.record(by=by, organization=None, action=ADDED, target=user.email, detail=name)
    some_left = RecoveryCode.left(user).exists()
    return passkey, [] if some_left else RecoveryCode.renew(user, settings.RECOVERY_CODES)


def options_to_prove(user: User | None, challenge: Challenge) -> dict[str, Any]:
    """Options for `navigator.credentials.get`, as JSON. Without a person any passkey of this site
    may answer, if it has asked for a PIN or a finger."""
    known = [_credential(each) for each in of(user).filter(copied_at=None)] if user else None
    options, _ = _server().authenticate_begin(
        known,
        user_verification=_PREFERRED if user else _VERIFIED,
        challenge=challenge.value,
    )
    return dict(options.public_key)


def check(*, by: Actor, user: User, challenge: Challenge, answer: Mapping[str, Any]) -> Answer:
    """Check the answer of one of the person's passkeys; a refusal is audited as well."""
    taken = _take(challenge, answer, user)
    audit.record(
        by=by,
        organization=None,
        action=ASKED,
        target=user.email,
        outcome="ok" if taken.passkey else "refused",
        detail=f"passkey {taken.passkey.name}" if taken.passkey else taken.why,
    )
    return taken


def check_sign_in(*, challenge: Challenge, answer: Mapping[str, Any]) -> Answer:
    """Check a sign-in by passkey, of whichever person it belongs to. The caller audits it.

    A person without a password is refused: they sign in at the single sign-on provider, which
    decides whether they may.
    """
    taken = _take(challenge, answer, None)
    user = taken.passkey.user if taken.passkey else None
    if user and not (user.is_active and user.is_staff and user.has_usable_password()):
        return Answer(None, "This account does not sign in here.")
    return taken


def remove(*, by: Actor, passkey: Passkey) -> None:
    """Remove a passkey; with the last second factor its recovery codes go too."""
    user = passkey.user
    passkey.delete()
    if not is_set_up(user):
        RecoveryCode.left(user).delete()
    audit.record(by=by, organization=None, action=REMOVED, target=user.email, detail=passkey.name)


def _take(challenge: Challenge, answer: Mapping[str, Any], user: User | None) -> Answer:
    passkey = _asked(answer.get("rawId"))
    if passkey is None or (user is not None and passkey.user_id != user.pk):
        return Answer(None, _UNKNOWN)
    try:
        count = _signed(passkey, challenge, answer, _PREFERRED if user else _VERIFIED)
    except PasskeyRefused as refusal:
        return Answer(None, str(refusal))
    if passkey.copied_at:
        return Answer(None, _COPIED)
    if challenge.made_at <= passkey.last_challenge_at:
        return Answer(None, _WRONG)
    now = timezone.now()
    passkey.last_challenge_at = challenge.made_at
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        passkey.copied_at, passkey.confirmed = now, False  # sessions proved with it, too
        passkey.save(update_fields=["last_challenge_at", "copied_at", "confirmed"])
        return Answer(None, _COPIED)
    passkey.sign_count, passkey.last_used_at = count, now
    passkey.save(update_fields=["last_challenge_at", "sign_count", "last_used_at"])
    return Answer(passkey)


def _asked(credential_id: Any) -> Passkey | None:
    if not isinstance(credential_id, str) or not _ID.fullmatch(credential_id):
        return None
    rows = Passkey.objects.select_for_update(of=("self",)).select_related("user")
    return rows.filter(credential_id=credential_id).first()


def _signed(
    passkey: Passkey,
    challenge: Challenge,
    answer: Mapping[str, Any],
    verification: UserVerificationRequirement,
) -> int:
    """The counter that the passkey has signed with the challenge. Raises PasskeyRefused."""

    def check_it() -> int:
        response = AuthenticationResponse.from_dict(answer)
        state, known = _state(challenge, verification), [_credential(passkey)]
        _server().authenticate_complete(state, known, response)
        if response.response.user_handle not in (None, _handle(passkey.user)):
            raise ValueError("another person's")
        return response.response.authenticator_data.counter

    return _checked(check_it)


def _checked(check: Callable[[], T]) -> T:
    try:
        return check()
    except Exception:  # whatever the parsers of CBOR and keys raise for a stranger's input
        raise PasskeyRefused(_WRONG) from None


def _require_room(number: int) -> None:
    if number >= settings.PASSKEYS_PER_PERSON:
        raise PasskeyRefused(f"You have {number} passkeys, and no more are allowed: remove one.")


def _server() -> Fido2Server:
    rp = PublicKeyCredentialRpEntity(id=relying_party.name(), name=_SITE)
    server = Fido2Server(rp, verify_origin=lambda origin: origin == relying_party.origin())
    server.timeout = int(lifetime().total_seconds() * 1000)
    return server


def _state(challenge: Challenge, verification: UserVerificationRequirement) -> dict[str, Any]:
    """The state as the library's own first step would have made it."""
    return {"challenge": websafe_encode(challenge.value), "user_verification": verification}


def _credential(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(passkey.credential))


def _handle(user: User) -> bytes:
    """A name for the person that only their authenticators can relate to them."""
    return str(user.pk).encode()
