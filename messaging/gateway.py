"""The one port through which `messaging` knows the gateway; `reconciler` implements it."""

from __future__ import annotations

from typing import Protocol

from django.db import transaction


class Gateway(Protocol):
    def push(self, organization_id: str) -> None:
        """Make what the organisation wants true soon (about a second), not at the next beat.

        Must not raise and must not wait: what can't be queued now is found by the next pass.
        """


_implementation: Gateway | None = None


def implement(implementation: Gateway) -> None:
    """Register the implementation, once, when the apps are ready."""
    global _implementation  # noqa: PLW0603 - one process, one gateway port
    _implementation = implementation


def push_on_commit(organization_id: str) -> None:
    """Ask for a push once the current transaction has committed; nothing if it rolls back."""
    if _implementation is not None:
        push = _implementation.push
        transaction.on_commit(lambda: push(organization_id))
