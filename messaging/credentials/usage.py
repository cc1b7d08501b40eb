"""Who uses a credential. The carriers noun, which builds on this one, says so through here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from messaging.credentials.models import Credential

CarrierIds = dict[str, list[str]]
"""Ids of the carriers that use a credential, by its id; one that nobody uses may be missing."""


def _nobody(credential_ids: Sequence[str]) -> CarrierIds:
    return {}


_look_up: Callable[[Sequence[str]], CarrierIds] = _nobody


def implement(look_up: Callable[[Sequence[str]], CarrierIds]) -> None:
    """Register who knows the carriers, once, when the apps are ready.

    `look_up` answers for many credentials with one query.
    """
    global _look_up  # noqa: PLW0603 - one process, one answer
    _look_up = look_up


def carriers_of(credential_ids: Sequence[str]) -> CarrierIds:
    """The carriers of many credentials, in one query."""
    return _look_up(credential_ids)


def in_use_by(credential: Credential) -> list[str]:
    """Ids of the carriers that send through this credential; empty if none does."""
    return carriers_of([credential.id]).get(credential.id, [])
