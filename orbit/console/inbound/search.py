"""The search of texts of phones: by an id, or by the sender."""

from __future__ import annotations

import re

from django.db.models import Q
from django.http import HttpRequest

from orbit.console.messages import search
from orbit.console.roles import OPERATE

# As they came: a short code, a name.
_NO_NUMBER = re.compile(r"[0-9]{3,8}|(?=.*[A-Za-z])[ -~]{1,20}")


def wanted(request: HttpRequest, term: str) -> Q | None:
    """The condition on rows for this term; None for an empty term."""
    term = term.strip()
    if not term:
        return None
    if search.ID.fullmatch(term):
        return Q(pk=term)
    try:
        return Q(sender__in=senders(request, term))
    except ValueError:
        return Q(pk__in=[])


def senders(request: HttpRequest, term: str) -> list[str]:
    """What a term can mean: numbers in E.164, or a sender as it came. Raises ValueError."""
    if request.user.has_perm(OPERATE) and _NO_NUMBER.fullmatch(term):
        return [term]
    return search.numbers(request, term)
