"""Rows of a span of time, found by their ids, which are ordered by it: no other index is read."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from orbit.ids import surely_after, surely_before


def made(
    prefix: str,
    *,
    since: datetime | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
    column: str = "created_at",
) -> Q:
    """What was made at `since` or later, later than `after`, earlier than `before`, as `column`
    says. `prefix`: of the ids."""
    found = Q()
    if since is not None:
        found &= Q(pk__gte=surely_before(prefix, since), **{f"{column}__gte": since})
    if after is not None:
        found &= Q(pk__gte=surely_before(prefix, after), **{f"{column}__gt": after})
    if before is not None:
        found &= Q(pk__lt=surely_after(prefix, before), **{f"{column}__lt": before})
    return found
