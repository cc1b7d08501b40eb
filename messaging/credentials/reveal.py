"""Reveal a credential's password, each password once."""

from __future__ import annotations

from messaging import one_time_reveal
from messaging.credentials.models import Credential
from messaging.one_time_reveal import Revealed
from orbit.accounts.actors import Actor

ACTION = "credential.revealed"


def reveal(*, by: Actor, credential: Credential) -> Revealed:
    """Return the staged password if it was not revealed yet, else the current one.

    `credential` comes from `selectors.lock`. Raises SECRET_ALREADY_REVEALED; its audit row outlives
    the error.
    """
    revealed = _staged(credential) or _current(credential)
    return one_time_reveal.conclude(
        revealed,
        by=by,
        organization=credential.organization,
        action=ACTION,
        target=credential.id,
        detail="staged password" if revealed and revealed.staged else "current password",
    )


def _staged(credential: Credential) -> Revealed | None:
    if credential.staged_at is None:
        return None
    return one_time_reveal.take(
        credential, "staged_password", mark="staged_revealed_at", staged=True
    )


def _current(credential: Credential) -> Revealed | None:
    return one_time_reveal.take(credential, "password", mark="password_revealed_at")
