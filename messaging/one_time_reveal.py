"""Reveal a secret once.

The mark "revealed", the audit row and the answer belong to the caller's one transaction: without an
audit row no secret is returned.
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
    """A revealed password. `staged`: the bind does not use it yet."""

    password: str = field(repr=False)
    revealed_at: datetime
    staged: bool = False


def take(row: Model, secret: str, *, mark: str, staged: bool = False) -> Revealed | None:
    """Return the row's field `secret` and set its field `mark` to now.

    None if `mark` was set, or if the row was written (its `version`) since it was read.
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
    """Audit the result of `take`. Raises SECRET_ALREADY_REVEALED for None; its audit row stays."""
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
    """The revealed password as the API answers it, with `NO_STORE`."""
    return {"password": revealed.password, "revealed_at": timestamp(revealed.revealed_at)}
