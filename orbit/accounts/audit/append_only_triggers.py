"""Triggers by which the database itself refuses to change or delete audit rows.

Named by a migration: to change them, write new ones and a new migration. (On SQLite a migration
that alters the table drops its triggers; run `arm` again in such a one.)
"""

from __future__ import annotations

from orbit.db.trigger_operations import operation

_TABLE = "accounts_auditevent"
_REASON = "audit rows are never changed or deleted"

_SQLITE = tuple(
    f"CREATE TRIGGER {_TABLE}_no_{verb} BEFORE {verb} ON {_TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{_REASON}'); END"
    for verb in ("update", "delete")
)
_SQLITE_OFF = tuple(f"DROP TRIGGER {_TABLE}_no_{verb}" for verb in ("update", "delete"))

# TRUNCATE is left to the owner of the table: the test suite empties tables with it.
_POSTGRESQL = (
    f"CREATE FUNCTION {_TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REASON}'; END $$",
    f"CREATE TRIGGER {_TABLE}_append_only BEFORE UPDATE OR DELETE ON {_TABLE} "
    f"FOR EACH ROW EXECUTE FUNCTION {_TABLE}_refuse()",
)
_POSTGRESQL_OFF = (
    f"DROP TRIGGER {_TABLE}_append_only ON {_TABLE}",
    f"DROP FUNCTION {_TABLE}_refuse()",
)

ARM = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
DISARM = {"sqlite": _SQLITE_OFF, "postgresql": _POSTGRESQL_OFF}
arm, disarm = operation(ARM), operation(DISARM)
