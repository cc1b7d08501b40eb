"""Permissions of operators, audited refusals, and the transaction in which a button acts."""

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
    """The operator who sent a request, for the audit."""
    return actor_of_request(
        request, type="operator", id=str(request.user.pk), name=request.user.email
    )


def require_permission(
    request: HttpRequest,
    permission: str,
    *,
    action: str,
    organization: Organization | None,
    target: str,
) -> None:
    """Raises PermissionDenied, and audits it, unless the operator has the permission."""
    if request.user.has_perm(permission):
        return
    with transaction.atomic():
        audit.record(
            by=actor(request),
            organization=organization,
            action=action,
            target=target,
            outcome="refused",
            detail=f"no right {permission}",
        )
    raise PermissionDenied


def perform(effect: Callable[[], T]) -> T:
    """Run a service in a transaction of its own.

    Its errors roll back and pass through, but for an ApiError with `commits`: what was written
    before it stays.
    """
    with transaction.atomic():
        try:
            return effect()
        except ApiError as error:
            if not error.commits:
                raise
            refusal = error
    raise refusal
