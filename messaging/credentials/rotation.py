"""Changing a password without losing the bind.

Only the carrier can change its side, so a password that it does not know yet must not reach the
bind. A rotation has two halves, because the trial bind may take 10 s and no transaction may:

1. `prepare`, outside any transaction: what is asked, for which version of the row, and what the
   carrier says. A refused password ends here.
2. `apply`, inside one: only if nobody wrote the row since, compare-and-set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from messaging.credentials import passwords
from messaging.credentials.models import Credential
from messaging.credentials.sync import compare_and_set, tell_gateway
from messaging.credentials.verification import SKIPPED, Verification, smpp_status, verify
from messaging.optimistic_locking import changed_meanwhile
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.api.errors import ApiError

ACTION = "credential.rotated"


@dataclass(frozen=True)
class Order:
    """What is asked: switch to `password`, stage a generated one, activate or discard that.

    `verify` and `force` (a trial bind beside the only one that the carrier allows) concern
    switch and activate.
    """

    kind: Literal["switch", "stage", "activate", "discard"]
    password: str = field(default="", repr=False)
    verify: bool = True
    force: bool = False


@dataclass(frozen=True)
class Prepared:
    """An order that may be carried out on `version` of the row, and on no other."""

    order: Order
    version: int
    verification: Verification | None  # None: nothing reaches the bind, nothing to verify


def order(values: dict) -> Order:
    """The order in a body that RotateSerializer has passed."""
    options = {name: values[name] for name in ("verify", "force") if name in values}
    if "password" in values:
        return Order("switch", password=values["password"], **options)
    if values.get("activate"):
        return Order("activate", **options)
    return Order("discard" if values.get("discard") else "stage")


def prepare(*, by: Actor, credential: Credential, order: Order) -> Prepared:
    """Ask the carrier where the order wants it. Never call it inside a transaction: up to 10 s.

    `credential` comes from `selectors.find` with its secrets.
    Raises INVALID_STATE (nothing is staged), BIND_VERIFICATION_FAILED (audited).
    """
    if order.kind in ("activate", "discard") and credential.staged_at is None:
        raise ApiError(
            "INVALID_STATE",
            f"There is no staged password to {order.kind}. A rotation with an empty body makes "
            "and stages one.",
        )
    if order.kind in ("stage", "discard"):
        return Prepared(order, credential.version, None)
    if not order.verify:
        return Prepared(order, credential.version, SKIPPED)
    candidate = order.password if order.kind == "switch" else credential.staged_password
    verification = verify(credential, candidate, force=order.force)
    if verification.result == "refused":
        with transaction.atomic():
            _record(by, credential, outcome="failed", detail=f"refused: {verification.reason}")
        raise _refused(verification)
    return Prepared(order, credential.version, verification)


def apply(*, by: Actor, credential: Credential, prepared: Prepared) -> None:
    """Carry out the order on `credential` (from `selectors.lock`), if nobody wrote it since.

    Raises INVALID_STATE.
    """
    if credential.version != prepared.version:
        raise changed_meanwhile(credential)
    fields = _fields(credential, prepared.order)
    if fields:
        compare_and_set(credential, **fields)
    _record(by, credential, changes=_changes(fields), detail=_detail(prepared))
    if "password" in fields:
        tell_gateway(credential)


def _fields(credential: Credential, order: Order) -> dict:
    """What an order writes. The password that is in use already changes nothing, so that it
    does not arm the reveal again."""
    now = timezone.now()
    nothing_staged: dict = {}
    if credential.staged_at is not None:
        nothing_staged = {"staged_password": None, "staged_at": None, "staged_revealed_at": None}
    if order.kind == "discard":
        return nothing_staged
    if order.kind == "stage":
        return {
            "staged_password": passwords.generate(),
            "staged_at": now,
            "staged_revealed_at": None,
        }
    if order.kind == "activate":
        return nothing_staged | {
            "password": credential.staged_password,
            "password_set_at": now,
            "password_revealed_at": credential.staged_revealed_at,  # once per password
        }
    if passwords.same(order.password, credential.password):
        return {}
    # What was staged is void: the carrier has this one now.
    return nothing_staged | {
        "password": order.password,
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


def _detail(prepared: Prepared) -> str:
    kind, verification = prepared.order.kind, prepared.verification
    return kind if verification is None else f"{kind}, verification: {verification.result}"
