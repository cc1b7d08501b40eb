"""The search of messages: by an id or a phone number, and a description of what was searched."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from messaging.carriers.models import Carrier
from messaging.messages import number_search
from orbit.console.long_lists import CreatedFilter
from orbit.console.roles import OPERATE

ID = re.compile(r"msg_[0-9a-f]{32}")
_ID = re.compile(r"(msg|cmp)_[0-9a-f]{32}")
_SEPARATORS = re.compile(r"[\s().\-/]")


def names_an_id(request: HttpRequest) -> bool:
    return bool(_ID.fullmatch(request.GET.get(SEARCH_VAR, "").strip()))


def wanted(request: HttpRequest, term: str) -> Q | None:
    """The condition on rows for this term; None for an empty term."""
    term = term.strip()
    if not term:
        return None
    if _ID.fullmatch(term):
        return Q(campaign=term) if term.startswith("cmp_") else Q(pk=term)
    try:
        return Q(to__in=numbers(request, term))  # whole ones: found encrypted, too
    except ValueError:
        return Q(pk__in=[])


def described(
    request: HttpRequest,
    changelist: ChangeList,
    read: Callable[[HttpRequest, str], list[str]],
) -> dict[str, Any]:
    """`numbers` that were searched for, or the `fault` of the term; `span`: the searched time in
    words, "" for any time; `any_time`: the query string that searches any time. `read`: what a term
    that is no id can mean, as `numbers` does."""
    found: dict[str, Any] = {"numbers": [], "fault": ""}
    if (term := changelist.query.strip()) and not _ID.fullmatch(term):
        try:
            found["numbers"] = read(request, term)
        except ValueError as error:
            found["fault"] = str(error)
    spans = [each.span for each in changelist.filter_specs if isinstance(each, CreatedFilter)]
    any_time = {CreatedFilter.parameter_name: CreatedFilter.ANY}
    others = ["p", CreatedFilter.FROM, CreatedFilter.TO]
    return found | {"span": spans[0], "any_time": changelist.get_query_string(any_time, others)}


def numbers(request: HttpRequest, term: str) -> list[str]:
    """The numbers, in E.164, that a term can mean. Its + may be missing, and separators may stand
    between the digits. Raises ValueError."""
    if not request.user.has_perm(OPERATE):
        raise ValueError("Your role sees numbers in part, and finds messages by their id alone.")
    text = _SEPARATORS.sub("", term)
    if not re.fullmatch(r"\+?[0-9]+", text):
        raise ValueError("This is neither an id nor a number.")
    if not text.startswith(("+", "0")):
        text = f"+{text}"
    return number_search.matching_numbers(text, _carriers(request))


def _carriers(request: HttpRequest) -> QuerySet[Carrier]:
    """The carriers of the organisation that the list is filtered by, else all."""
    organization = request.GET.get("organization__id__exact")
    return Carrier.objects.filter(**({"organization": organization} if organization else {}))
