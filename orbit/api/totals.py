"""How many rows a list has, in a time that does not grow with them."""

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
    """Exact up to `EXACT`; beyond it what PostgreSQL's statistics say, and `EXACT` + 1 at least.

    `order` is the list's, so that counting reads the index that its pages read, and as far as that
    many rows; "" if there is none. `like`: about as many rows, by a condition whose columns do not
    depend on each other, since statistics know each column alone. SQLite keeps no statistics that
    it tells, and counts all rows.
    """
    ordered = rows.order_by(*filter(None, [order]))
    counted = ordered[: EXACT + 1].count()
    if counted <= EXACT:
        return Total(counted)
    if connections[rows.db].vendor != "postgresql":
        return Total(rows.order_by().count())
    return Total(max(counted, _expected(rows if like is None else like)), is_estimate=True)


def _expected(rows: QuerySet) -> int:
    (found,) = json.loads(rows.order_by().explain(format="json"))
    return int(found["Plan"]["Plan Rows"])
