"""Queries of every request, compiled to SQL once.

Django compiles a query each time it runs, which takes longer than the database takes to answer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

from django.db import connection
from django.db.models import QuerySet

from orbit.db import quick_statements


class Prepared:
    """`build` gets one text for each parameter and returns a `values_list` query that filters by
    them: `Prepared(lambda name: Pool.objects.filter(name=name).values_list("id"))`.

    It gets placeholders instead of values, once: it may only compare them, unchanged, with columns
    of text.
    """

    def __init__(self, build: Callable[..., QuerySet], *, parameters: int = 1) -> None:
        self._build = build
        self._places = tuple(
            f"parameter {place} of a prepared query" for place in range(parameters)
        )

    def rows(self, *values: str) -> Iterator[tuple]:
        """The rows, as `values_list` gives them."""
        sql, parameters, converters = self._compiled(connection.vendor)
        given = dict(zip(self._places, values, strict=True))
        found = quick_statements.execute(sql, [given.get(each, each) for each in parameters]).rows
        if not converters:
            return iter(found)
        return map(tuple, _converted(found, converters))

    def first(self, *values: str) -> tuple | None:
        return next(iter(self.rows(*values)), None)

    @functools.cache  # noqa: B019 - lives as long as the process
    def _compiled(self, vendor: str) -> tuple[str, tuple, dict]:
        compiler = self._build(*self._places).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = [column for column, _, _ in compiler.select]
        return sql, parameters, compiler.get_converters(columns)


def _converted(rows: list[tuple], converters: dict) -> Iterator[list]:
    for row in map(list, rows):
        for place, (functions, expression) in converters.items():
            for function in functions:
                row[place] = function(row[place], expression, connection)
        yield row
