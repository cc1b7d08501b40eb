"""Many rows at once, made inside PostgreSQL by INSERT … SELECT; `n` numbers them, from 1."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import JSONField, Model
from psycopg.types.json import Jsonb

DAYS = 29


def truncate(models: Iterable[type[Model]]) -> None:
    """Sooner than row by row, as the tests' database is emptied."""
    tables = ", ".join(f'"{model._meta.db_table}"' for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")


def insert(model: type[Model], rows: int, **columns: str) -> None:
    """`columns`: expressions over `n`, the number of the row; all others have their defaults."""
    names, values, parameters = [], [], []
    for field in model._meta.concrete_fields:
        if field.primary_key and field.attname not in columns:
            continue
        names.append(f'"{field.column}"')
        if field.attname in columns:
            values.append(columns[field.attname].replace("%", "%%"))
            continue
        default = field.get_default()
        values.append("%s")
        parameters.append(Jsonb(default) if isinstance(field, JSONField) else default)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({", ".join(names)}) '
            f"SELECT {', '.join(values)} FROM generate_series(1, {rows}) AS n",
            parameters,
        )


def moment_of(rows: int, now: datetime) -> str:
    """When row n of `rows` was made: the last twentieth within the hour before `now`, the others
    over the days before."""
    recent = rows - rows // 20
    hour, days = 3600 / (rows - recent), DAYS * 86400 / recent
    return (
        f"('{now.isoformat()}'::timestamptz - "
        f"CASE WHEN n > {recent} THEN ({rows} - n) * interval '{hour:f} s' "
        f"ELSE interval '1 h' + ({recent} - n) * interval '{days:f} s' END)"
    )


def identity(prefix: str, moment: str) -> str:
    """As `orbit.ids.new_id` makes it."""
    milliseconds = f"(extract(epoch FROM {moment}) * 1000)::bigint"
    return (
        f"'{prefix}_' || lpad(to_hex({milliseconds}), 12, '0') || '7' || "
        "substr(md5(n::text), 1, 3) || 'a' || substr(md5(n::text), 4, 15)"
    )


def one_of(values: list[str]) -> str:
    """The first one's are half of the rows."""
    listed = ", ".join(f"'{each}'" for each in values)
    return f"(ARRAY[{listed}])[CASE WHEN n % 2 = 0 THEN 1 ELSE 2 + (n / 2) % {len(values) - 1} END]"
