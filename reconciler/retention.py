"""Deletes old passes and changes of binds."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from orbit.api.filters import made_between
from orbit.operations.retention import delete_in_chunks
from reconciler.models import BindChange, Run
from reconciler.models.runs import ID_PREFIX


def prune_runs() -> int:
    """Delete passes older than RETENTION_RUNS_DAYS; return how many."""
    old = made_between(ID_PREFIX, before=_oldest(), column="started_at")
    return delete_in_chunks(Run.objects.filter(old))


def prune_bind_changes() -> int:
    """Delete changes older than RETENTION_RUNS_DAYS, but keep the last of each credential, which is
    the present state of its bind; return how many were deleted."""
    later = BindChange.objects.filter(credential=OuterRef("credential"), pk__gt=OuterRef("pk"))
    return delete_in_chunks(BindChange.objects.filter(Exists(later), at__lt=_oldest()))


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=settings.RETENTION_RUNS_DAYS)
