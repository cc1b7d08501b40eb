"""The number of rows of a list, exact or estimated, in a time that does not grow with it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import connections
from django.db.models import QuerySet

EXACT = 10_000  # rows: so many are counted one by one


@dataclass(frozen=True)
class Total:
    count: int
    is_estimate: bool = False


def total(rows: QuerySet, *, order: str = "-pk", like: QuerySet | None = None) -> Total:
    """Count exactly up to `EXACT`; beyond it, estimate by PostgreSQL's statistics (at least
    `EXACT` + 1).

    `order`: the list's, so that counting reads the same index as its pages, and no further than
    `EXACT` rows; "" if there is none. `like`: a queryset of about as many rows, with a condition on
    columns that do not depend on each other: statistics know each column alone. SQLite gives no
    statistics, and counts all rows.
    """
    ordered = rows.order_by(*filter(None, [order]))
    counted = ordered[: EXACT + 1].count()
    if counted <= EXACT:
        return Total(counted)
    if connections[rows.db].vendor != "postgresql":
        return Total(rows.order_by().count())
    return Total(max(counted, _planned(rows if like is None else like)), is_estimate=True)


def _planned(rows: QuerySet) -> int:
    (found,) = json.loads(rows.order_by().explain(format="json"))
    return int(found["Plan"]["Plan Rows"])
