"""Who may press which button, and how an effect is carried out: rights, audit, one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.authentication import actor_of_request
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError

T = TypeVar("T")


def actor(request: HttpRequest) -> Actor:
    """The operator behind a request of the console."""
    return actor_of_request(
        request, type="operator", id=str(request.user.pk), name=request.user.email
    )


def require(
    request: HttpRequest,
    right: str,
    *,
    action: str,
    organization: Organization | None,
    target: str,
) -> None:
    """Let those pass who have the right; others get 403, and a row in the audit."""
    if request.user.has_perm(right):
        return
    with transaction.atomic():
        audit.record(
            by=actor(request),
            organization=organization,
            action=action,
            target=target,
            outcome="refused",
            detail=f"no right {right}",
        )
    raise PermissionDenied


def perform(effect: Callable[[], T]) -> T:
    """Run a service in a transaction of its own.

    What it raises is raised here too; an error that says so (`commits`) keeps what was written.
    """
    with transaction.atomic():
        try:
            return effect()
        except ApiError as error:
            if not error.commits:
                raise
            refusal = error
    raise refusal
