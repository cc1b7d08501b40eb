"""Results of passes that people ask for, kept for the page that waits.

A web request opens a ticket and queues a pass, the worker stores the result on the ticket, and the
page polls until it is there. Kept in the cache for an hour: a result holds no secret
(`plan.as_data`), and after a loss people ask again.
"""

from __future__ import annotations

import dataclasses
import re
import secrets
from typing import Any

from django.core.cache import cache

from reconciler.result import Result

LIFETIME = 3600  # seconds
_TICKET = re.compile("[0-9a-f]{32}")


def open_ticket(**facts: Any) -> str:
    """Return the id of a new ticket; `facts`: what was asked for, to show on the page."""
    ticket = secrets.token_hex(16)
    cache.set(_key(ticket), {"order": facts, "report": None}, LIFETIME)
    return ticket


def store(ticket: str, result: Result) -> None:
    """Put the result on the ticket, if that is still there."""
    found = read(ticket)
    if found is not None:
        cache.set(_key(ticket), found | {"report": dataclasses.asdict(result)}, LIFETIME)


def read(ticket: str) -> dict[str, Any] | None:
    """Return `{"order": facts, "report": fields of Result, or None before it is there}`.

    None for a ticket that is unknown or too old. `ticket` is text from a browser.
    """
    return cache.get(_key(ticket)) if _TICKET.fullmatch(ticket) else None


def _key(ticket: str) -> str:
    return f"ticket:{ticket}"
