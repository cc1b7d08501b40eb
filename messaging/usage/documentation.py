"""The OpenAPI description of usage."""

from __future__ import annotations

from messaging.usage.serializers import UsageSerializer
from orbit.api.schema import documented

_COST = [{"amount": "12.4785", "currency": "EUR"}]
_EXAMPLE = {
    "from": "2026-03-01T00:00:00Z",
    "to": "2026-03-09T00:00:00Z",
    "group_by": ["day", "country", "status"],
    "rows": [
        {
            "day": "2026-03-08",
            "country": "FR",
            "status": "delivered",
            "messages": 2710,
            "segments": 2773,
            "cost": _COST,
        }
    ],
    "total": {"messages": 2710, "segments": 2773, "cost": _COST},
}
usage = documented(
    summary="Get what was sent, and what it cost",
    description="Messages, segments and cost by currency, of whole hours (UTC). A message counts "
    "once: in the hour in which its carrier took it (or, where none did, in which it ended), as "
    "`sent` until it ends, then by its last status. What no carrier took costs nothing. With "
    "`Accept: text/csv` the rows are CSV, one for each group and currency. Hours are kept 90 days, "
    "also those of messages that are deleted.",
    answer=UsageSerializer,
    example=_EXAMPLE,
    tag="usage",
    operation_id="usage",
)
