"""Which organisations have messages that wait, found without passing over the messages.

The index `message_by_status` begins with status and organisation: it is entered anew behind each
organisation that was found.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from messaging.messages.models import Message

_TABLE = Message._meta.db_table
_FIND = f"""
WITH RECURSIVE found (organization_id, place) AS (
    SELECT min(organization_id), 1 FROM {_TABLE} WHERE status = %s
    UNION ALL
    SELECT (SELECT min(rows.organization_id) FROM {_TABLE} AS rows
            WHERE rows.status = %s AND rows.organization_id > found.organization_id), place + 1
    FROM found WHERE organization_id IS NOT NULL AND place < %s
)
SELECT organization_id, (
    SELECT min(rows.id) FROM {_TABLE} AS rows
    WHERE rows.status = %s AND rows.organization_id = found.organization_id
)
FROM found WHERE organization_id IS NOT NULL
"""


def oldest(statuses: Iterable[str], *, most: int) -> dict[str, str]:
    """The id of the oldest message in one of these statuses, by organisation: of the first `most`
    organisations."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for status in statuses:
            cursor.execute(_FIND, [status, status, most, status])
            for organization_id, message_id in cursor.fetchall():
                found[organization_id] = min(found.get(organization_id, message_id), message_id)
    return found
