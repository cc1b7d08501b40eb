"""Queries that are asked at every request, with their SQL made once.

Django makes the SQL of a query anew each time, which takes longer than the database does to answer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

from django.db import connection
from django.db.models import QuerySet


class Prepared:
    """`build` gets one text for each parameter and returns a `values_list` query that filters by
    them: `Prepared(lambda name: Pool.objects.filter(name=name).values_list("id"))`.

    The texts that it gets stand for those of `rows`: it must compare them as they are, with columns
    of text, and do nothing else that depends on them.
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
        with connection.cursor() as cursor:
            cursor.execute(sql, [given.get(each, each) for each in parameters])
            found = cursor.fetchall()
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
