"""The page of what waits for a person, and the buttons that handle it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from messaging.inbound.models import InboundMessage
from messaging.opt_out_texts import services as near_misses
from messaging.opt_out_texts.models import Decision, NearMiss
from messaging.opt_out_texts.selectors import lock
from messaging.opt_outs.models import Source
from orbit.api.errors import ApiError
from orbit.console.conversations.thread import ID
from orbit.console.pages import get_or_404, render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE
from orbit.console.waiting import lists, services

_SAID = {
    Decision.OPT_OUT: "The sender is on the list of opt-outs, and gets nothing more.",
    Decision.DISMISS: "It is off the list; the sender gets messages as before.",
}


@permission_required("messaging.view_inboundmessage", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """Query: `before` and `near_before`, ids of texts: of those whose answer could not be sent, and
    of near misses."""
    before, near_before = (_id_of(request, name) for name in ("before", "near_before"))
    return render(
        request,
        "console/waiting.html",
        "Waits for a person",
        near=lists.near_misses(before=near_before),
        near_before=near_before,
        unanswered=lists.unanswered(before=before),
        unregistered=lists.unregistered(),
        before=before,
        looked_at=lists.LOOKED_AT,
    )


@require_POST
def decide(request: HttpRequest, message_id: str, decision: str) -> HttpResponse:
    """Record an operator's decision on a near miss."""
    if decision not in Decision.values:
        raise Http404
    row = get_or_404(NearMiss.objects.select_related("organization"), message_id)
    organization = row.organization
    require_permission(
        request, OPERATE, action=near_misses.DECIDED, organization=organization, target=row.pk
    )
    by = actor(request)
    try:
        perform(
            lambda: near_misses.decide(
                by=by,
                organization=organization,
                row=lock(organization=organization, message_id=row.pk),
                decision=Decision(decision),
                source=Source.CONSOLE,
            )
        )
    except ApiError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _SAID[Decision(decision)])
    return redirect("console:waiting")


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


def _id_of(request: HttpRequest, name: str) -> str:
    text = request.GET.get(name, "")
    return text if ID.fullmatch(text) else ""
