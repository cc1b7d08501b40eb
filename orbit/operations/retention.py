"""Deletes old rows once a day; the audit stays.

Apps add pruners with `register`; `manage.py prune` and beat run them all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db.models import QuerySet

logger = logging.getLogger(__name__)
_CHUNK = 1000

Pruner = Callable[[], int]
_pruners: dict[str, Pruner] = {}


class PruneFailed(Exception):
    """Some pruners failed; the others have done their work."""


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
    """Delete the rows, a thousand at a time, so that each lock is short; return how many."""
    deleted = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:_CHUNK]):
        rows.model._base_manager.filter(pk__in=keys).delete()
        deleted += len(keys)
    return deleted
