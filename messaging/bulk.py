"""Insert or update many rows in one statement, writing only the named columns.

Rows travel as one JSON parameter: adapting each value as a parameter of its own costs more than the
statement. JSON has no bytes, so a binary column is a TypeError.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.utils import timezone

from orbit.db import quick_statements

_PLAIN = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.BooleanField,
    models.DateTimeField,
    models.DecimalField,
    models.JSONField,
    models.ForeignKey,
)

Rows = Mapping[Any, Mapping[str, Any]]
"""Values by column, by primary key."""


def update(
    model: type[models.Model],
    rows: Rows,
    columns: Sequence[str],
    *,
    same: Mapping[str, Any] | None = None,
    append: Mapping[str, Mapping[Any, list[Any]]] | None = None,
    where: Mapping[str, Any] | None = None,
) -> list[Any]:
    """Write `columns` (attribute names, as `carrier_id`) of each row; return the primary keys
    written.

    - A row without one of `columns` is a KeyError; defaults and `auto_now` are not applied.
    - `same`: values by column that all rows get.
    - `append`: by JSON column and primary key, items to append to the stored list.
    - `where`: values that a stored row must have (None: null) to be written. Such rows are locked
      by primary key; without `where` the caller has locked them.
    """
    if not rows:
        return []
    appended = append or {}
    fields = [model._meta.get_field(name) for name in (*columns, *appended)]
    values = [
        (pk, *(row[name] for name in columns), *(new.get(pk) for new in appended.values()))
        for pk, row in rows.items()
    ]
    source, parameters = _source([model._meta.pk, *fields], values)
    setting = [
        _appended(model, field) if field.attname in appended else f"{_q(field.column)} = {_of(n)}"
        for n, field in enumerate(fields, start=1)
    ]
    constants = [(model._meta.get_field(name), value) for name, value in (same or {}).items()]
    text = ", ".join([*_numbered(setting), *(f"{_q(field.column)} = %s" for field, _ in constants)])
    values = [field.get_db_prep_save(value, connection) for field, value in constants]
    return _write(model, source, parameters, (text, values), where)


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    same: Mapping[str, Any] | None = None,
    ignore_conflicts: bool = False,
) -> int:
    """Insert rows of values in the order of `columns`; return how many were inserted.

    - Other columns get the model's default, computed once for all rows. Primary keys, and fields
      with an `of_row` (which gets the row by column), are computed for each row.
    - `same`: values by column that all rows get.
    - `ignore_conflicts`: leave out rows that a unique constraint refuses.
    """
    rows = list(rows)
    if not rows:
        return 0
    constants = same or {}
    plan = _insertion(model, tuple(columns), tuple(constants), connection.vendor)
    if plan.own:
        rows = [(*row, *(_own(field, columns, row) for field in plan.own)) for row in rows]
    values = [*constants.values(), *map(_default, plan.made)]
    prepared = [
        field.get_db_prep_save(value, connection)
        for field, value in zip((*plan.same, *plan.made), values, strict=True)
    ]
    # SQLite takes ON after FROM for a join's unless a WHERE stands between.
    ignored = " WHERE true ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    parameters = [*prepared, *plan.defaults, _json(plan.fields, rows)]
    return quick_statements.execute(plan.statement + ignored, parameters).count


@dataclass(frozen=True)
class _Insertion:
    """A prepared INSERT. Its parameters, in order: values of the fields `same` (the caller's) and
    `made` (defaults computed for each statement); `defaults`, ready for the database; the rows as
    JSON: `fields` of each, of which the last are `own`, computed for each row."""

    statement: str
    fields: tuple[models.Field, ...]
    own: tuple[models.Field, ...]
    same: tuple[models.Field, ...]
    made: tuple[models.Field, ...]
    defaults: tuple[Any, ...]


@functools.cache  # building it takes longer than inserting a row
def _insertion(
    model: type[models.Model], columns: tuple[str, ...], same: tuple[str, ...], vendor: str
) -> _Insertion:
    named = [model._meta.get_field(name) for name in columns]
    given = [model._meta.get_field(name) for name in same]
    others = [
        field
        for field in model._meta.concrete_fields
        if field not in (*named, *given) and not isinstance(field, models.AutoField)
    ]
    own = [each for each in others if each.primary_key or hasattr(each, "of_row")]
    made = [each for each in others if each not in own and _is_made(each)]
    fixed = [each for each in others if each not in (*own, *made)]
    fields, constants = [*named, *own], [*given, *made, *fixed]
    names = ", ".join(_q(field.column) for field in (*fields, *constants))
    values = ", ".join([*map(_of, range(len(fields))), *["%s"] * len(constants)])
    rows = _rows_of(fields)
    into = f"{_table(model)} ({names})"
    statement = f"INSERT INTO {into} SELECT {values} FROM {rows}"  # nosec B608  # names of columns
    defaults = (each.get_db_prep_save(_default(each), connection) for each in fixed)
    return _Insertion(
        statement, tuple(fields), tuple(own), tuple(given), tuple(made), tuple(defaults)
    )


def _own(field: models.Field, columns: Sequence[str], row: Sequence[Any]) -> Any:
    if field.primary_key:
        return field.get_default()
    return field.of_row(dict(zip(columns, row, strict=True)))


def _write(
    model: type[models.Model],
    source: str,
    parameters: list[Any],
    setting: tuple[str, list[Any]],
    where: Mapping[str, Any] | None,
) -> list[Any]:
    """Run the update. `setting`: what stands behind SET, and its parameters."""
    text, same = setting
    table, pk = _table(model), _q(model._meta.pk.column)
    condition, wanted = _condition(model, where or {})
    matching = f"{table}.{pk} = {_of(0)}"
    if where and connection.vendor == "postgresql":
        statement = (
            f"WITH new AS MATERIALIZED (SELECT * FROM {source}), "  # nosec B608  # names of columns
            "mine AS MATERIALIZED ("
            f"SELECT {table}.{pk} FROM {table} WHERE {table}.{pk} IN (SELECT {_of(0)} FROM new)"
            f"{condition} ORDER BY {table}.{pk} FOR NO KEY UPDATE) "
            f"UPDATE {table} SET {text} FROM new JOIN mine ON mine.{pk} = {_of(0)} "
            f"WHERE {matching} RETURNING {table}.{pk}"
        )
        parameters = [*parameters, *wanted, *same]
    else:
        statement = (
            f"UPDATE {table} SET {text} FROM {source} "  # nosec B608  # names of columns
            f"WHERE {matching}{condition} "
            f"RETURNING {table}.{pk}"
        )
        parameters = [*same, *parameters, *wanted]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [pk for (pk,) in cursor.fetchall()]


def _source(
    fields: Sequence[models.Field], rows: Collection[Sequence[Any]]
) -> tuple[str, list[Any]]:
    """A table `new` with columns c0, c1, … of these rows, and its parameters."""
    return _rows_of(fields), [_json(fields, rows)]


def _rows_of(fields: Sequence[models.Field]) -> str:
    """SQL of the table `new`, whose rows are one JSON parameter."""
    _check(fields)
    if connection.vendor == "postgresql":
        types = ", ".join(f"c{n} {field.db_type(connection)}" for n, field in enumerate(fields))
        return f"json_to_recordset(%s::json) AS new({types})"
    pieces = ", ".join(f"json_extract(value, '$[{n}]') AS c{n}" for n in range(len(fields)))
    return f"(SELECT {pieces} FROM json_each(%s)) AS new"  # nosec B608  # numbers of columns


def _json(fields: Sequence[models.Field], rows: Collection[Sequence[Any]]) -> str:
    """The rows as that JSON parameter."""
    if connection.vendor == "postgresql":
        names = [f"c{n}" for n in range(len(fields))]
        return json.dumps(
            [dict(zip(names, row, strict=True)) for row in _to_store(fields, rows)],
            default=_text,
            separators=(",", ":"),
        )
    prepared = [
        [
            None if value is None else field.get_db_prep_save(value, connection)
            for field, value in zip(fields, row, strict=True)
        ]
        for row in rows
    ]
    return json.dumps(prepared, default=str)


def _to_store(
    fields: Sequence[models.Field], rows: Collection[Sequence[Any]]
) -> Collection[Sequence[Any]]:
    """The rows with texts and numbers sealed, where the fields say so."""
    fillers = [(n, field.to_store) for n, field in enumerate(fields) if hasattr(field, "to_store")]
    if not fillers:
        return rows
    stored = [list(row) for row in rows]
    for row in stored:
        for place, to_store in fillers:
            if row[place] is not None:
                row[place] = to_store(row[place])
    return stored


def _check(fields: Sequence[models.Field]) -> None:
    for field in fields:
        if field.get_internal_type() == "BinaryField" or not isinstance(field, _PLAIN):
            raise TypeError(f"{field} has no form in JSON")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _default(field: models.Field) -> Any:
    return timezone.now() if _is_stamped(field) else field.get_default()


def _is_made(field: models.Field) -> bool:
    """Whether the default is made anew for each insert."""
    return _is_stamped(field) or (field.has_default() and callable(field.default))


def _is_stamped(field: models.Field) -> bool:
    return getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)


def _appended(model: type[models.Model], field: models.Field) -> str:
    old, new = f"{_table(model)}.{_q(field.column)}", "{0}"
    if connection.vendor == "postgresql":
        return f"{_q(field.column)} = CASE WHEN {new} IS NULL THEN {old} ELSE {old} || {new} END"
    return (
        f"{_q(field.column)} = CASE WHEN {new} IS NULL OR json_array_length({new}) = 0 THEN {old} "
        f"WHEN json_array_length({old}) = 0 THEN {new} "
        f"ELSE substr({old}, 1, length({old}) - 1) || ', ' || substr({new}, 2) END"
    )


def _numbered(setting: Sequence[str]) -> list[str]:
    return [each.replace("{0}", _of(n)) for n, each in enumerate(setting, start=1)]


def _condition(model: type[models.Model], where: Mapping[str, Any]) -> tuple[str, list[Any]]:
    text, parameters = "", []
    for name, value in where.items():
        field = model._meta.get_field(name)
        text += f" AND {_table(model)}.{_q(field.column)}"
        if value is None:
            text += " IS NULL"
        else:
            text += " = %s"
            parameters.append(field.get_db_prep_value(value, connection))
    return text, parameters


def _of(number: int) -> str:
    return f"new.c{number}"


def _table(model: type[models.Model]) -> str:
    return _q(model._meta.db_table)


def _q(name: str) -> str:
    return connection.ops.quote_name(name)
