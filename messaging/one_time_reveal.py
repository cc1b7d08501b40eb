"""Showing a secret, once.

The mark "revealed", the audit row and the answer stand or fall together: without an audit row
nobody gets a secret. All of it runs in the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.api.envelope import timestamp
from orbit.api.errors import ApiError

NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class Revealed:
    """A password that was shown. `staged`: the bind does not use it yet."""

    password: str = field(repr=False)
    revealed_at: datetime
    staged: bool = False


def take(row: Model, secret: str, *, mark: str, staged: bool = False) -> Revealed | None:
    """Take the field `secret` of a row and set its field `mark` to now; None if that was set.

    None, too, if somebody wrote the row (its `version`) since it was read.
    """
    now = timezone.now()
    unseen = type(row)._default_manager.filter(pk=row.pk, version=row.version, **{mark: None})
    if not unseen.update(**{mark: now}):
        return None
    return Revealed(password=getattr(row, secret), revealed_at=now, staged=staged)


def conclude(
    revealed: Revealed | None,
    *,
    by: Actor,
    organization: Organization,
    action: str,
    target: str,
    detail: str = "",
) -> Revealed:
    """Audit what `take` came to; raises SECRET_ALREADY_REVEALED for None (the row outlives it)."""
    audit.record(
        by=by,
        organization=organization,
        action=action,
        target=target,
        outcome="ok" if revealed else "refused",
        detail=detail if revealed else "revealed before",
    )
    if revealed is None:
        raise ApiError(
            "SECRET_ALREADY_REVEALED",
            "This password has been shown and is not shown again. A rotation makes a new one, "
            "which can be revealed once.",
            commits=True,
        )
    return revealed


def represent(revealed: Revealed) -> dict[str, Any]:
    """As the API answers it, with `NO_STORE`."""
    return {"password": revealed.password, "revealed_at": timestamp(revealed.revealed_at)}
