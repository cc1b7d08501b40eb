"""Change a credential's password without losing its bind.

Only the carrier can change its side, so a password that it does not know yet must not reach the
bind. The trial bind may take 10 s, and no transaction may, so a rotation has two steps:

1. `prepare`, outside any transaction: read the row's version and ask the carrier by a trial bind.
   A refused password ends here.
2. `apply`, in a transaction: write, if the row still has that version (compare-and-set).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from messaging.credentials import bind_limits, gateway_binds, passwords
from messaging.credentials.models import Credential
from messaging.credentials.services import compare_and_set
from messaging.credentials.sync import mark_pending
from messaging.credentials.verification import SKIPPED, Verification, smpp_status, verify
from messaging.optimistic_locking import changed_meanwhile
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.api import waiting
from orbit.api.errors import ApiError

ACTION = "credential.rotated"


@dataclass(frozen=True)
class RotationRequest:
    """Switch to `password`, stage a generated one, activate the staged one, or discard it.

    For switch and activate: `verify` (trial bind first) and `force` (also where the carrier allows
    one bind and it is in use).
    """

    kind: Literal["switch", "stage", "activate", "discard"]
    password: str = field(default="", repr=False)
    verify: bool = True
    force: bool = False


@dataclass(frozen=True)
class PreparedRotation:
    """A request that may be applied only to this `version` of the row. `attempt_id`: of the counted
    attempt, if the carrier has not accepted the password."""

    request: RotationRequest
    version: int
    verification: Verification | None  # None: nothing reaches the bind, nothing to verify
    attempt_id: int | None = None


def rotation_request(values: dict) -> RotationRequest:
    """The request in `values` validated by RotateSerializer."""
    options = {name: values[name] for name in ("verify", "force") if name in values}
    if "password" in values:
        return RotationRequest("switch", password=values["password"], **options)
    if values.get("activate"):
        return RotationRequest("activate", **options)
    return RotationRequest("discard" if values.get("discard") else "stage")


def prepare(*, by: Actor, credential: Credential, request: RotationRequest) -> PreparedRotation:
    """Try the password at the carrier, if the request needs it. Never call it inside a transaction:
    it takes up to 10 s.

    `credential` comes from `selectors.find` with its secrets.
    Raises INVALID_STATE (nothing is staged), BIND_VERIFICATION_FAILED and RATE_LIMIT_EXCEEDED (both
    audited).
    """
    if request.kind in ("activate", "discard") and credential.staged_at is None:
        raise ApiError(
            "INVALID_STATE",
            f"There is no staged password to {request.kind}. A rotation with an empty body makes "
            "and stages one.",
        )
    if request.kind in ("stage", "discard"):
        return PreparedRotation(request, credential.version, None)
    verification, attempt_id = _verify(by, credential, request)
    if verification.result == "refused":
        with transaction.atomic():
            _record(by, credential, outcome="failed", detail=f"refused: {verification.reason}")
        raise _refused(verification)
    return PreparedRotation(request, credential.version, verification, attempt_id)


def _verify(
    by: Actor, credential: Credential, request: RotationRequest
) -> tuple[Verification, int | None]:
    """Ask the carrier, if the request wants it and the limits allow it; return its answer and the
    attempt.

    An attempt is counted unless the carrier accepts the password. A switch without a trial bind is
    counted too, since the gateway's bind is then the trial. Raises RATE_LIMIT_EXCEEDED (audited).
    """
    candidate = request.password if request.kind == "switch" else credential.staged_password
    caller = bind_limits.caller_of(by)
    try:
        with bind_limits.attempt(caller=caller, credential=credential) as attempt:
            verification = SKIPPED
            if request.verify:
                with waiting.for_others(credential.organization_id):
                    verification = verify(
                        credential, candidate, attempt=attempt, force=request.force
                    )
            attempt.counts = verification.result != "bound"
    except bind_limits.TooManyRefused as refusal:
        with transaction.atomic():
            _record(by, credential, outcome="refused", detail=str(refusal))
        raise refusal.as_api_error() from None
    return verification, attempt.row_id


def apply(*, by: Actor, credential: Credential, prepared: PreparedRotation) -> None:
    """Write what was prepared to `credential` (from `selectors.lock`).

    Raises INVALID_STATE if the row was written since.
    """
    if credential.version != prepared.version:
        raise changed_meanwhile(credential)
    fields = _fields(credential, prepared.request)
    if fields:
        caller = {"bind_caller": bind_limits.caller_of(by)} if "password" in fields else {}
        compare_and_set(credential, **fields, **caller)
    _record(by, credential, changes=_changes(fields), detail=_detail(prepared))
    verification = prepared.verification
    is_proven = verification is not None and verification.result == "bound"
    if "password" in fields:
        mark_pending(credential, changed=("password",), is_proven=is_proven)
        gateway_binds.given(credential, attempt_id=prepared.attempt_id)
    elif is_proven:  # the password in use
        gateway_binds.taken([credential])


def _fields(credential: Credential, request: RotationRequest) -> dict:
    """The columns to write. Switching to the password in use writes none, so that it can't be
    revealed a second time."""
    now = timezone.now()
    nothing_staged: dict = {}
    if credential.staged_at is not None:
        nothing_staged = {"staged_password": None, "staged_at": None, "staged_revealed_at": None}
    if request.kind == "discard":
        return nothing_staged
    if request.kind == "stage":
        return {
            "staged_password": passwords.generate(),
            "staged_at": now,
            "staged_revealed_at": None,
        }
    if request.kind == "activate":
        return nothing_staged | {
            "password": credential.staged_password,
            "password_set_at": now,
            "password_revealed_at": credential.staged_revealed_at,  # once per password
        }
    if passwords.same(request.password, credential.password):
        return {}
    # The staged password is void: the carrier has this one now.
    return nothing_staged | {
        "password": request.password,
        "password_set_at": now,
        "password_revealed_at": None,
    }


def _refused(verification: Verification) -> ApiError:
    status = verification.status
    return ApiError(
        "BIND_VERIFICATION_FAILED",
        f"The carrier refused the trial bind: {verification.reason}. Nothing was changed. "
        f"{status.hint}",
        details={"smpp_status": smpp_status(status)},
    )


def _record(by: Actor, credential: Credential, **outcome: Any) -> None:
    audit.record(
        by=by,
        organization=credential.organization,
        action=ACTION,
        target=credential.id,
        **outcome,
    )


def _changes(fields: dict) -> tuple[str, ...]:
    return tuple(name for name in ("password", "staged_password") if name in fields)


def _detail(prepared: PreparedRotation) -> str:
    kind, verification = prepared.request.kind, prepared.verification
    return kind if verification is None else f"{kind}, verification: {verification.result}"
