"""What is deleted for its age, once a day; the audit is not.

Apps add theirs with `register`; `manage.py prune` and the beat run them all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from orbit.accounts.models import Session
from orbit.api.models import IdempotentRequest

logger = logging.getLogger(__name__)
_CHUNK = 1000

Pruner = Callable[[], int]
_pruners: dict[str, Pruner] = {}


class PruneFailed(Exception):
    """Some of the pruners failed; the others have done their work."""


def register(name: str, function: Pruner) -> None:
    """Add a function that deletes what is too old and returns how many rows that was."""
    _pruners[name] = function


def prune() -> dict[str, int]:
    """Run every pruner; returns rows deleted by name. Raises PruneFailed after the last one."""
    counts, failed = {}, []
    for name, function in _pruners.items():
        try:
            counts[name] = function()
        except Exception:
            logger.exception("pruning %s failed", name)
            failed.append(name)
    if failed:
        raise PruneFailed("pruning failed: " + ", ".join(failed))
    return counts


def delete_in_chunks(rows: QuerySet) -> int:
    """Delete the rows, a thousand at a time, so that nobody waits long for a lock."""
    deleted = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:_CHUNK]):
        rows.model._base_manager.filter(pk__in=keys).delete()
        deleted += len(keys)
    return deleted


def _idempotent_requests() -> int:
    now = timezone.now()
    old = now - timedelta(hours=settings.RETENTION_IDEMPOTENCY_HOURS)
    over = Q(answered_at__isnull=False) | Q(leased_until__lt=now)
    return delete_in_chunks(IdempotentRequest.objects.filter(over, created_at__lt=old))


def _sessions() -> int:
    """Refresh tokens go with their session: a used one must be known as used until then."""
    return delete_in_chunks(Session.objects.filter(expires_at__lt=timezone.now()))


register("idempotent_requests", _idempotent_requests)
register("sessions", _sessions)
