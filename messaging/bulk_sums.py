"""Add to sums that are stored as rows, one for each combination of the other columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models


def add(
    model: type[models.Model],
    key: Sequence[str],
    sums: Sequence[str],
    rows: Mapping[tuple, Sequence[Any]],
) -> None:
    """Add values to the row with each key, or insert it.

    `key`: the columns of a unique constraint; `sums`: the columns to add to. Rows are written in
    the order of their keys: any other order can deadlock with another worker.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    fields = [model._meta.get_field(name) for name in (*key, *sums)]
    table = quote(model._meta.db_table)
    columns = ", ".join(quote(field.column) for field in fields)
    unique = ", ".join(quote(field.column) for field in fields[: len(key)])
    added = ", ".join(
        f"{name} = {table}.{name} + excluded.{name}"
        for name in (quote(field.column) for field in fields[len(key) :])
    )
    places = ", ".join(["%s"] * len(fields))
    statement = (
        f"INSERT INTO {table} ({columns}) VALUES ({places}) "  # nosec B608  # names of columns
        f"ON CONFLICT ({unique}) DO UPDATE SET {added}"
    )
    values = [
        [
            field.get_db_prep_save(value, connection)
            for field, value in zip(fields, (*found, *rows[found]), strict=True)
        ]
        for found in sorted(rows)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)
