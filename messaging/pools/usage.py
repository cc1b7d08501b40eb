"""Who names a pool. Campaigns, which build on this noun, say so through here."""

from __future__ import annotations

from collections.abc import Callable

from messaging.pools.models import SenderPool

LookUp = Callable[[str], list[str]]
"""From the id of a pool to those of the campaigns that name it and are not finished."""


def _nobody(pool_id: str) -> list[str]:
    return []


_look_up: LookUp = _nobody


def implement(look_up: LookUp) -> None:
    """Register who knows the campaigns, once, when the apps are ready."""
    global _look_up  # noqa: PLW0603 - one process, one answer
    _look_up = look_up


def in_use_by(pool: SenderPool) -> list[str]:
    """Ids of the campaigns that send from this pool; empty if none does."""
    return _look_up(pool.id)
