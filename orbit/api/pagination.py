"""Cursor pagination, newest first; no row comes twice or is left out while others come and go."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core import signing
from django.db.models import Model, QuerySet
from rest_framework.response import Response

from orbit.api import envelope
from orbit.api.errors import ApiError
from orbit.api.totals import Total, total

Render = Callable[[Model], Any]

_PREFIX = "cur_"
_SALT = "orbit.api.pages"  # cursors that were given out are signed with it


def paginate(
    view: Any,
    queryset: QuerySet,
    render: Render,
    filters: Mapping[str, Any] | None = None,
    *,
    order: str = "-pk",
) -> Response:
    """Answer one page of the queryset, by id descending (ids are ordered by time).

    `view`: an `ApiView` with a `ListQuery` for this method. `filters`: what the cursor is bound to
    besides the path and the caller's organisation (default: every query parameter but `limit` and
    `cursor`). `order`: another column that orders rows as their ids do, and has an index where ids
    have none. The cursor holds the id of the last row shown, and still works when that row is gone.
    Raises 400 INVALID_CURSOR.
    """
    return _paginate(view, [(queryset, render)], filters, order)


def paginate_merged(view: Any, lists: Sequence[tuple[QuerySet, Render]]) -> Response:
    """As `paginate`, for several querysets as one list: their ids have one prefix."""
    return _paginate(view, lists, None, "-pk")


def _paginate(
    view: Any,
    lists: Sequence[tuple[QuerySet, Render]],
    filters: Mapping[str, Any] | None,
    order: str,
) -> Response:
    request, params = view.request, view.params
    if filters is None:
        filters = {name: value for name, value in params.items() if name not in ("limit", "cursor")}
    binding = _binding(request, filters)
    limit, after = params["limit"], {}
    if "cursor" in params:
        after = {"pk__lt": _open(params["cursor"], binding)}
    found = [
        (row, render)
        for queryset, render in lists
        for row in queryset.filter(**after).order_by(order)[: limit + 1]
    ]
    if len(lists) > 1:
        found.sort(key=lambda pair: pair[0].pk, reverse=True)
    page, has_more = found[:limit], len(found) > limit
    if not after and not has_more:
        totals = [Total(len(page))]
    else:
        totals = [total(queryset, order=order) for queryset, _ in lists]
    pagination = {
        "cursor": _seal(page[-1][0].pk, binding) if has_more else None,
        "has_more": has_more,
        "total": sum(each.count for each in totals),
        "total_is_estimate": any(each.is_estimate for each in totals),
    }
    data = [render(row) for row, render in page]
    return Response(envelope.success(request, data, pagination=pagination))


def _binding(request: Any, filters: Mapping[str, Any]) -> str:
    organization = request.caller.organization
    parts = [
        request.path,
        organization.pk if organization else "",
        sorted((name, str(value)) for name, value in filters.items()),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _seal(last: str, binding: str) -> str:
    signed = signing.Signer(salt=_SALT).sign(json.dumps([last, binding]))
    return _PREFIX + base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def _open(cursor: str, binding: str) -> str:
    try:
        if not cursor.startswith(_PREFIX):
            raise ValueError("not one of our cursors")
        text = cursor.removeprefix(_PREFIX)
        signed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        last, bound = json.loads(signing.Signer(salt=_SALT).unsign(signed.decode()))
    except (ValueError, signing.BadSignature):
        raise ApiError("INVALID_CURSOR", "The cursor is damaged; start without one.") from None
    if bound != binding:
        raise ApiError(
            "INVALID_CURSOR", "The cursor was made with other filters or for another caller."
        )
    return last
