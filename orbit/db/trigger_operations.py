"""Migration operations that run a trigger's statements, by database vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Operation = Callable[[Any, Any], None]


def operation(statements: Mapping[str, Sequence[str]]) -> Operation:
    """A function for `RunPython` that runs the statements of the migrated database's vendor."""

    def run(apps: Any, schema_editor: Any) -> None:
        for statement in statements.get(schema_editor.connection.vendor, ()):
            schema_editor.execute(statement, params=None)

    return run
