"""Triggers by which the database counts the messages of campaigns by status (`CampaignCount`).

On PostgreSQL once a statement, however many rows it has; on SQLite, where only one connection
writes, once a row into the one row of its status.

Named by a migration: to change them, write new ones and a new migration. (On SQLite a migration
that alters the messages' table drops its triggers; run `arm` again in such a one.)
"""

from __future__ import annotations

from orbit.db.trigger_operations import operation

MESSAGES, COUNTS = "messaging_message", "messaging_campaigncount"
NAME = "messaging_message_counted"

_ADDED = f"{NAME}_insert"
_MOVED = f"{NAME}_update"


def _one_more(row: str, by: int) -> str:
    """SQLite: count the row's status up or down."""
    mine = f"campaign_id = {row}.campaign_id AND status = {row}.status"
    return (
        f"INSERT INTO {COUNTS} (campaign_id, status, count, is_sum) "  # nosec B608  # our names
        f"SELECT {row}.campaign_id, {row}.status, 0, false "
        f"WHERE NOT EXISTS (SELECT 1 FROM {COUNTS} WHERE {mine}); "
        f"UPDATE {COUNTS} SET count = count + {by} "
        f"WHERE id = (SELECT min(id) FROM {COUNTS} WHERE {mine});"
    )


_SQLITE = (
    f"CREATE TRIGGER {_ADDED} AFTER INSERT ON {MESSAGES} WHEN NEW.campaign_id IS NOT NULL "
    f"BEGIN {_one_more('NEW', 1)} END",
    f"CREATE TRIGGER {_MOVED} AFTER UPDATE OF status ON {MESSAGES} "
    f"WHEN NEW.campaign_id IS NOT NULL AND NEW.status <> OLD.status "
    f"BEGIN {_one_more('OLD', -1)} {_one_more('NEW', 1)} END",
)
_SQLITE_OFF = (f"DROP TRIGGER {_ADDED}", f"DROP TRIGGER {_MOVED}")

_POSTGRESQL = (
    f"CREATE FUNCTION {_ADDED}() RETURNS trigger "  # nosec B608  # our names
    "LANGUAGE plpgsql AS $$ BEGIN "
    f"INSERT INTO {COUNTS} (campaign_id, status, count, is_sum) "
    "SELECT campaign_id, status, count(*), false FROM fresh WHERE campaign_id IS NOT NULL "
    "GROUP BY campaign_id, status; RETURN NULL; END $$",
    f"CREATE FUNCTION {_MOVED}() RETURNS trigger "  # nosec B608  # our names
    "LANGUAGE plpgsql AS $$ BEGIN "
    f"INSERT INTO {COUNTS} (campaign_id, status, count, is_sum) "
    "SELECT campaign_id, status, sum(one), false FROM ("
    "SELECT campaign_id, status, 1 AS one FROM fresh WHERE campaign_id IS NOT NULL UNION ALL "
    "SELECT campaign_id, status, -1 FROM stale WHERE campaign_id IS NOT NULL) AS moved "
    "GROUP BY campaign_id, status HAVING sum(one) <> 0; RETURN NULL; END $$",
    f"CREATE TRIGGER {_ADDED} AFTER INSERT ON {MESSAGES} REFERENCING NEW TABLE AS fresh "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {_ADDED}()",
    f"CREATE TRIGGER {_MOVED} AFTER UPDATE ON {MESSAGES} REFERENCING OLD TABLE AS stale "
    f"NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION {_MOVED}()",
)
_POSTGRESQL_OFF = (
    f"DROP TRIGGER {_ADDED} ON {MESSAGES}",
    f"DROP TRIGGER {_MOVED} ON {MESSAGES}",
    f"DROP FUNCTION {_ADDED}()",
    f"DROP FUNCTION {_MOVED}()",
)

arm = operation({"sqlite": _SQLITE, "postgresql": _POSTGRESQL})
disarm = operation({"sqlite": _SQLITE_OFF, "postgresql": _POSTGRESQL_OFF})
