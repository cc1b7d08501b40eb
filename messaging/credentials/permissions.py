"""Permission to change where a stored password is sent.

A caller who may change `host`, `port`, `backups`, `tls` or the trusted certificates could point the
credential at a listener of their own and read the password there. So these changes need the scope
credentials:reveal, or the current password as proof that the caller knows it already.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from messaging.credentials import passwords
from messaging.credentials.models import Credential, TlsVerify
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import AuditEvent
from orbit.api.errors import ApiError

PASSWORD_DESTINATION = ("host", "port", "backups", "tls", "tls_ca", "tls_server_name")
MAX_WRONG = 5
WINDOW = timedelta(minutes=15)

_WRONG = "wrong current_password"
_PROVE_IT = "Use a key with that scope, or send the stored password as `current_password`."
_STAGED_TOO = (
    "A staged password would move along: activate or discard it first, or use a key with that "
    "scope."
)


@dataclass(frozen=True)
class PasswordProof:
    """The caller's scope credentials:reveal, or the current password that the request gives."""

    may_reveal: bool
    current_password: str | None = field(default=None, repr=False)


def check_password_move(
    *,
    by: Actor,
    credential: Credential,
    action: str,
    changed: Mapping[str, Any],
    proof: PasswordProof,
) -> None:
    """Raise INSUFFICIENT_PERMISSIONS, naming the field, unless the caller may make this change.

    `changed`: new values by field. Call it in a transaction that holds the row's lock, so that
    guesses are counted one by one. Refusals are audited, and their audit rows outlive the error.
    After `MAX_WRONG` wrong passwords in `WINDOW` no password is compared for the rest of it
    (RATE_LIMIT_EXCEEDED): guessing must not find the password.
    """
    changed_destination = [name for name in PASSWORD_DESTINATION if name in changed]
    if changed.get("tls_verify") == TlsVerify.NONE:
        changed_destination.append("tls_verify")
    if not changed_destination or proof.may_reveal:
        return

    def refuse(detail: str, error: ApiError) -> None:
        audit.record(
            by=by,
            organization=credential.organization,
            action=action,
            target=credential.id,
            changes=changed_destination,
            outcome="refused",
            detail=detail,
        )
        raise error

    if credential.staged_at is not None:
        # The current password proves nothing about the staged one, which would be sent later.
        refuse("a password is staged", _forbidden(changed_destination[0], _STAGED_TOO))
    if proof.current_password is None:
        refuse("no right to reveal", _forbidden(changed_destination[0], _PROVE_IT))
    wait = _seconds_to_wait(credential)
    if wait:
        refuse("too many wrong passwords", _too_many(wait))
    if not passwords.same(proof.current_password, credential.password):
        refuse(_WRONG, _wrong(changed_destination[0]))


def _seconds_to_wait(credential: Credential) -> int:
    """Seconds until the next guess is compared; 0 if now."""
    now = timezone.now()
    wrong = AuditEvent.objects.filter(
        organization_id=credential.organization_id,
        target=credential.id,
        outcome=AuditEvent.Outcome.REFUSED,
        detail=_WRONG,
        at__gt=now - WINDOW,
    )
    times = list(wrong.order_by("-seq").values_list("at", flat=True)[:MAX_WRONG])
    if len(times) < MAX_WRONG:
        return 0
    return max(1, math.ceil((times[-1] + WINDOW - now).total_seconds()))


def _forbidden(field_name: str, way: str) -> ApiError:
    return ApiError(
        "INSUFFICIENT_PERMISSIONS",
        f"Changing `{field_name}` sends the stored password somewhere else, which needs the "
        f"scope credentials:reveal. {way}",
        field=field_name,
        details={"required": "credentials:reveal"},
        commits=True,
    )


def _wrong(field_name: str) -> ApiError:
    message = "`current_password` is not the password that is stored. Nothing was changed."
    refused = "Not changed: it needs the scope credentials:reveal or the right `current_password`."
    return ApiError(
        "INSUFFICIENT_PERMISSIONS",
        message,
        details={
            "field": field_name,
            "errors": [
                {"field": field_name, "message": refused},
                {"field": "current_password", "message": message},
            ],
            "required": "credentials:reveal",
        },
        commits=True,
    )


def _too_many(wait: int) -> ApiError:
    window = int(WINDOW.total_seconds())
    return ApiError(
        "RATE_LIMIT_EXCEEDED",
        f"`current_password` was wrong {MAX_WRONG} times in {window // 60} minutes and is not "
        "compared for now. Use a key with the scope credentials:reveal, or wait.",
        details={"retry_after": wait, "limit": MAX_WRONG, "window": f"{window}s"},
        headers={"Retry-After": str(wait)},
        commits=True,
    )
