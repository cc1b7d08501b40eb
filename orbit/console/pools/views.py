"""Fragments of a pool's page: the preview for a destination, and a blank row for a member."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from messaging.routing.previews import preview
from messaging.routing.representation import previewed
from orbit.console.pools.admin import find_pool
from orbit.console.pools.forms import TryForm, blank_row
from orbit.console.roles import OPERATE


@permission_required("messaging.view_senderpool", raise_exception=True)
def preview_fragment(request: HttpRequest, pool_id: str) -> HttpResponse:
    """The fragment with carrier and senders of the next messages to a destination."""
    pool = find_pool(pool_id)
    form = TryForm(pool, request.GET)
    context = {"pool": pool, "trying": form}
    if form.is_valid():
        asked = form.values
        found = preview(
            pool,
            asked["destination"],
            carrier_id=asked.get("carrier_id"),
            count=asked["count"],
        )
        context["found"] = previewed(found)
    return TemplateResponse(request, "console/fragments/pool_preview.html", context)


@permission_required(OPERATE, raise_exception=True)
def member_row(request: HttpRequest) -> HttpResponse:
    """A blank row for one more member."""
    return TemplateResponse(request, "console/fragments/pool_member.html", {"row": blank_row()})
