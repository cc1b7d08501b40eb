"""Conditions by which long lists are filtered without walking them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from orbit.ids import surely_after, surely_before


def made_between(
    prefix: str,
    *,
    since: datetime | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
    column: str = "created_at",
) -> Q:
    """Rows whose `column` is at `since` or later, later than `after`, earlier than `before`.

    Ids are ordered by time, so the primary key gives the range and no other index is read.
    `prefix`: of the ids.
    """
    found = Q()
    if since is not None:
        found &= Q(pk__gte=surely_before(prefix, since), **{f"{column}__gte": since})
    if after is not None:
        found &= Q(pk__gte=surely_before(prefix, after), **{f"{column}__gt": after})
    if before is not None:
        found &= Q(pk__lt=surely_after(prefix, before), **{f"{column}__lt": before})
    return found


def newest(rows: QuerySet, count: int) -> QuerySet:
    """The newest so many by primary key, as a condition, so that they can be grouped."""
    oldest = rows.order_by("-pk").values_list("pk", flat=True)[count - 1 : count].first()
    return rows if oldest is None else rows.filter(pk__gte=oldest)


def any_equal(rows: QuerySet, columns: Iterable[str], value: str) -> Q:
    """Rows of which one of several columns, each with an index, is equal to the value.

    The condition names only those columns that have the value in any of the rows, mostly one: then
    its index is read in the order of the list. PostgreSQL's planner answers an OR of several by
    walking the list.
    """
    found = Q(pk__in=[])
    for column in columns:
        wanted = Q(**{column: value})
        if rows.order_by().filter(wanted).exists():
            found |= wanted
    return found
