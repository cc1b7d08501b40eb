"""Rows of which one of several columns, each with an index, is equal to a value."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet


def any_equal(rows: QuerySet, columns: Iterable[str], value: str) -> Q:
    """Only of those columns that have the value in any of the rows, mostly one: then its index is
    read in the order of the list, where an OR of several makes the planner guess and walk it."""
    found = Q(pk__in=[])
    for column in columns:
        wanted = Q(**{column: value})
        if rows.order_by().filter(wanted).exists():
            found |= wanted
    return found
