"""What became of a pass that a person asked for: the report, kept for whoever looks.

A web request opens a ticket and queues a pass; the worker settles it; pages ask for it until it
is. Kept in the cache for an hour: a report holds no secret (`plan.as_data`), and one that is lost
is asked for again.
"""

from __future__ import annotations

import dataclasses
import secrets
from typing import Any

from django.core.cache import cache

from reconciler.result import Report

LIFETIME = 3600  # seconds


def open_ticket(**facts: Any) -> str:
    """Return the id of a ticket whose `order` is what was asked, for the page that waits."""
    ticket = secrets.token_hex(16)
    cache.set(_key(ticket), {"order": facts, "report": None}, LIFETIME)
    return ticket


def settle(ticket: str, report: Report) -> None:
    """Put the report on the ticket, if it is still there."""
    found = read(ticket)
    if found is not None:
        cache.set(_key(ticket), found | {"report": dataclasses.asdict(report)}, LIFETIME)


def read(ticket: str) -> dict[str, Any] | None:
    """`{"order": facts, "report": fields of Report, or None while it is awaited}`."""
    return cache.get(_key(ticket))


def _key(ticket: str) -> str:
    return f"ticket:{ticket}"
