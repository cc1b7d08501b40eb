"""Passes of a time that left a row, as many as home reads: it refreshes itself often."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from orbit.api.filters import made_between
from reconciler.models import Run
from reconciler.models.runs import ID_PREFIX

MOST = 20_000


def since(start: datetime) -> tuple[QuerySet[Run], int]:
    """The newest `MOST` that began since then; `MOST` if there were more, else 0."""
    rows = Run.objects.filter(made_between(ID_PREFIX, since=start, column="started_at"))
    newest = Run.objects.order_by("-pk").values_list("pk", flat=True)
    oldest = newest[MOST : MOST + 1].first()
    if oldest is None or not rows.filter(pk=oldest).exists():
        return rows, 0
    return rows.filter(pk__gt=oldest), MOST
