"""Reading the opt-outs of an organisation."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet

from messaging.opt_outs import gate
from messaging.opt_outs.gate import Send
from messaging.opt_outs.models import ID_PREFIX, OptOut
from orbit.accounts.models import Organization
from orbit.api.errors import not_found
from orbit.api.filters import made_between

_ID = re.compile(rf"{ID_PREFIX}_[0-9a-f]{{32}}")


def visible(organization: Organization) -> QuerySet[OptOut]:
    """The organisation's list."""
    return OptOut.objects.filter(organization=organization)


def find(*, organization: Organization, opt_out_id: str) -> OptOut:
    """One entry. Raises NOT_FOUND for an unknown id and for another organisation's alike."""
    # PostgreSQL fails on a NUL in a text: only look up what has the form of an id.
    known = _ID.fullmatch(opt_out_id)
    row = visible(organization).filter(pk=opt_out_id).first() if known else None
    if row is None:
        raise not_found()
    return row


def matching(rows: QuerySet[OptOut], params: dict[str, Any]) -> QuerySet[OptOut]:
    """Entries that match the filters of the list (OptOutQuery)."""
    wanted = {name: params[name] for name in ("number", "scope", "source") if name in params}
    span = {"after": params.get("created_after"), "before": params.get("created_before")}
    return rows.filter(made_between(ID_PREFIX, **span), **wanted)


def in_the_way(organization: Organization, send: Send) -> OptOut | None:
    """The opt-out that forbids such a message; None if it may go out."""
    refusal = gate.refusal(organization, send)
    return visible(organization).filter(pk=refusal.opt_out_id).first() if refusal else None
