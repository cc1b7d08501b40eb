"""Triggers of a table as two operations of a migration: statements by database vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Operation = Callable[[Any, Any], None]


def operation(statements: Mapping[str, Sequence[str]]) -> Operation:
    """For `RunPython`: runs the statements of the database that is migrated."""

    def run(apps: Any, schema_editor: Any) -> None:
        for statement in statements.get(schema_editor.connection.vendor, ()):
            schema_editor.execute(statement, params=None)

    return run
