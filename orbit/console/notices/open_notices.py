"""Incidents that are open: of all for home, of one organisation for its page."""

from __future__ import annotations

from typing import Any

from messaging.notices.models import Notice, NoticeState

SHOWN = 8
LOOKED_AT = 500  # of all that are open; those of one organisation are looked for among them
_SHOWN_COLUMNS = ("kind", "what", "why", "since")


def of_all() -> dict[str, Any]:
    """`open_notices`: the newest; `more_open`: how many more are open, up to `LOOKED_AT`."""
    rows = Notice.objects.filter(state=NoticeState.OPEN).order_by("-pk")
    shown = list(rows.only(*_SHOWN_COLUMNS)[:SHOWN])
    more = rows[SHOWN:LOOKED_AT].count() if len(shown) == SHOWN else 0
    return {"open_notices": shown, "more_open": more}


def of_organization(key: str) -> dict[str, Any]:
    """The same of those that touch this organisation."""
    rows = Notice.objects.filter(state=NoticeState.OPEN).order_by("-pk")
    looked_at = rows.only(*_SHOWN_COLUMNS, "touches")[:LOOKED_AT]
    found = [row for row in looked_at if key in row.organization_ids]
    return {"open_notices": found[:SHOWN], "more_open": max(0, len(found) - SHOWN)}
