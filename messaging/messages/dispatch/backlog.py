"""How long messages have waited: the oldest of each organisation, and those since a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Q

from messaging.messages.models import Message

_SENDING = "sending"  # a status of campaigns, which build on this noun
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
"""  # nosec B608  # the table's name


def oldest(statuses: Iterable[str], *, most: int) -> dict[str, str]:
    """The id of the oldest message in one of these statuses, for the first `most` organisations.

    The index `message_by_status` begins with status and organisation. It is entered anew for each
    organisation, so the statement does not scan the messages.
    """
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for status in statuses:
            cursor.execute(_FIND, [status, status, most, status])
            for organization_id, message_id in cursor.fetchall():
                found[organization_id] = min(found.get(organization_id, message_id), message_id)
    return found


def waiting_since(moment: datetime) -> Q:
    """Messages that have been sendable since before `moment`; time in which their campaign was
    paused does not count."""
    running = Q(campaign__status=_SENDING, campaign__running_since__lt=moment)
    return Q(created_at__lt=moment) & (Q(campaign=None) | running)
