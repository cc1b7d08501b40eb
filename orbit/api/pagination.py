"""Cursor pages: newest first, steady while rows come and go."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core import signing
from django.db.models import Model, QuerySet
from rest_framework.response import Response

from orbit.api import envelope
from orbit.api.errors import ApiError
from orbit.api.totals import Total, total

_PREFIX = "cur_"
_SALT = "orbit.api.pages"  # cursors that were given out are signed with it


def paginate(
    view: Any,
    queryset: QuerySet,
    render: Callable[[Model], Any],
    filters: Mapping[str, Any] | None = None,
    *,
    order: str = "-pk",
) -> Response:
    """Answer one page of the queryset, by id descending (ids are ordered by time).

    `view` is an `ApiView` whose `query` for this method is a `ListQuery`. `filters` is what the
    cursor is bound to beside the path and the caller's organisation (default: every query parameter
    but `limit` and `cursor`). The cursor holds the id of the last row shown, so it works on when
    that row is gone. `order`: another column that orders rows as their ids do, and has an index
    where those have none. Raises 400 INVALID_CURSOR.
    """
    request, params = view.request, view.params
    if filters is None:
        filters = {name: value for name, value in params.items() if name not in ("limit", "cursor")}
    binding = _binding(request, filters)
    rows = queryset.order_by(order)
    if "cursor" in params:
        rows = rows.filter(pk__lt=_open(params["cursor"], binding))
    limit = params["limit"]
    page = list(rows[: limit + 1])
    has_more = len(page) > limit
    page = page[:limit]
    is_all = "cursor" not in params and not has_more
    found = Total(len(page)) if is_all else total(queryset, order=order)
    pagination = {
        "cursor": _seal(page[-1].pk, binding) if has_more else None,
        "has_more": has_more,
        "total": found.count,
        "total_is_estimate": found.is_estimate,
    }
    return Response(envelope.success(request, [render(row) for row in page], pagination=pagination))


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
            raise ValueError("no cursor of ours")
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
