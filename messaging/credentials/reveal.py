"""Showing a password, once: to be set at the carrier, or to be moved somewhere else.

The mark "revealed", the audit row and the answer stand or fall together: without an audit row
nobody gets a password.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from messaging.credentials.models import Credential
from orbit.accounts import audit
from orbit.accounts.actors import Actor
from orbit.api.errors import ApiError

ACTION = "credential.revealed"


@dataclass(frozen=True)
class Revealed:
    """A password that was shown. `staged`: the bind does not use it yet."""

    password: str = field(repr=False)
    revealed_at: datetime
    staged: bool


def reveal(*, by: Actor, credential: Credential) -> Revealed:
    """Give out the staged password if it was not shown yet, else the current one, each once.

    `credential` comes from `selectors.lock`. Raises SECRET_ALREADY_REVEALED, with an audit row
    that outlives the error.
    """
    revealed = _take(credential, prefix="staged_") or _take(credential, prefix="password_")
    audit.record(
        by=by,
        organization=credential.organization,
        action=ACTION,
        target=credential.id,
        outcome="ok" if revealed else "refused",
        detail=_detail(revealed),
    )
    if revealed is None:
        raise ApiError(
            "SECRET_ALREADY_REVEALED",
            "This password has been shown and is not shown again. A rotation makes a new one, "
            "which can be revealed once.",
            commits=True,
        )
    return revealed


def _take(credential: Credential, *, prefix: str) -> Revealed | None:
    """Mark one of the two passwords as revealed if it is there and nobody did before."""
    mark = f"{prefix}revealed_at"
    staged = prefix == "staged_"
    if staged and credential.staged_at is None:
        return None
    now = timezone.now()
    unseen = Credential.objects.filter(pk=credential.pk, version=credential.version, **{mark: None})
    if not unseen.update(**{mark: now}):
        return None
    password = credential.staged_password if staged else credential.password
    return Revealed(password=password, revealed_at=now, staged=staged)


def _detail(revealed: Revealed | None) -> str:
    if revealed is None:
        return "revealed before"
    return "staged password" if revealed.staged else "current password"
