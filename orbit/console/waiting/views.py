"""The page of what waits for a person, and the button by which one has seen to it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from messaging.inbound.models import InboundMessage
from orbit.console.conversations.thread import ID
from orbit.console.pages import get_or_404, render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE
from orbit.console.waiting import lists, services


@permission_required("messaging.view_inboundmessage", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """Query: `before`, the id of a text whose answer could not be sent."""
    before = request.GET.get("before", "")
    before = before if ID.fullmatch(before) else ""
    return render(
        request,
        "console/waiting.html",
        "Waits for a person",
        unanswered=lists.page(lists.UNANSWERED, before=before),
        unregistered=lists.unregistered(),
        before=before,
        looked_at=lists.LOOKED_AT,
    )


@require_POST
def see_to(request: HttpRequest, message_id: str) -> HttpResponse:
    texts = InboundMessage.objects.select_related("organization").only("organization")
    text = get_or_404(texts, message_id)
    require_permission(
        request,
        OPERATE,
        action=services.SEEN_TO,
        organization=text.organization,
        target=text.pk,
    )
    by = actor(request)
    if perform(lambda: services.see_to(by=by, user=request.user, text=text)):
        messages.success(request, "It is off the list.")
    else:
        messages.info(request, "Somebody has seen to it already.")
    return redirect("console:waiting")
