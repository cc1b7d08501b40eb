"""Migration operations on large tables that block no writer.

On PostgreSQL they run outside a transaction, so the migration needs `atomic = False`; an
interrupted migration is run again from its beginning. On SQLite they are Django's own.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

_LIKE = """
    SELECT indexes.relname FROM pg_index
    JOIN pg_class indexes ON indexes.oid = pg_index.indexrelid
    JOIN pg_opclass ON pg_opclass.oid = ANY (pg_index.indclass)
    WHERE pg_index.indrelid = %s::regclass
      AND pg_opclass.opcname IN ('varchar_pattern_ops', 'text_pattern_ops')
"""


class AddIndex(migrations.AddIndex):
    def database_forwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        if editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, editor, before, after)
            return
        _drop(editor, self.index.name)  # an interrupted run leaves an invalid index
        model = after.apps.get_model(app_label, self.model_name)
        editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        if editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, editor, before, after)
        else:
            _drop(editor, self.index.name)


class RemoveIndex(migrations.RemoveIndex):
    def database_forwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        if editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, editor, before, after)
        else:
            _drop(editor, self.name)

    def database_backwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        if editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, editor, before, after)
            return
        _drop(editor, self.name)
        model = after.apps.get_model(app_label, self.model_name_lower)
        index = after.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        editor.add_index(model, index, concurrently=True)


class AddUnique(migrations.AddConstraint):
    """Add a unique constraint that is an index in the database: one with expressions or a
    condition."""

    def database_forwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        if editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, editor, before, after)
            return
        _drop(editor, self.constraint.name)
        model = after.apps.get_model(app_label, self.model_name)
        made = str(self.constraint.create_sql(model, editor))
        editor.execute(made.replace("INDEX", "INDEX CONCURRENTLY", 1), params=None)


class WidenOnPostgreSQL(migrations.AlterField):
    """Give a column of text more room, which rewrites nothing. SQLite knows no length: there the
    table would be made anew, and lose its triggers."""

    def database_forwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        if editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, editor, before, after)

    def database_backwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        self.database_forwards(app_label, editor, before, after)


def drop_like_indexes(*tables: str) -> migrations.RunPython:
    """Drop the second index (…_like) that Django makes on PostgreSQL for texts with an index.

    It serves LIKE 'prefix%' in other collations than C. No query of ids does that, and the index
    costs 80 MB for a million rows, and a write for each row. A later migration that changes such a
    column works without it.
    """

    def drop(apps: Any, editor: Any) -> None:
        if editor.connection.vendor != "postgresql":
            return
        for table in tables:
            with editor.connection.cursor() as cursor:
                cursor.execute(_LIKE, [table])
                names = [name for (name,) in cursor.fetchall()]
            for name in names:
                _drop(editor, name)

    return migrations.RunPython(drop, migrations.RunPython.noop)


def _drop(editor: Any, name: str) -> None:
    quoted = editor.quote_name(name)
    editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}", params=None)
