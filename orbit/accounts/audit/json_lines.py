"""Audit rows as JSON lines, for the places where operators keep theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from orbit.accounts.audit.models import AuditEvent

CHUNK = 1000
_FIELDS = (
    "id", "chain", "seq", "organization_id", "actor_type", "actor_id", "actor_name", "address",
    "user_agent", "request_id", "action", "target", "changes", "outcome", "detail", "mac",
)  # fmt: skip


def line(event: AuditEvent) -> str:
    """The row with its place in its chain and its MAC, without a line break; ASCII alone."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps({"at": at} | {name: getattr(event, name) for name in _FIELDS})


def rows(
    *, after: datetime | None = None, before: datetime | None = None, chain: str = ""
) -> Iterator[AuditEvent]:
    """Rows of all chains or of one, from `after` until before `before`, the oldest first.

    In chunks by id, which grows with time: no cursor is kept on the server.
    """
    found, last = AuditEvent.objects.order_by("id"), ""
    if after:
        found = found.filter(at__gte=after)
    if before:
        found = found.filter(at__lt=before)
    if chain:
        found = found.filter(chain=chain)
    while chunk := list(found.filter(id__gt=last)[:CHUNK]):
        yield from chunk
        last = chunk[-1].id
