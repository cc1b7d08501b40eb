"""The list of conversations, the page of one, and the button that shows its texts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.console.conversations import latest, thread
from orbit.console.inbound import search
from orbit.console.pages import render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER
from orbit.console.templatetags.console import number_for

TEXTS_READ = "conversation.texts_read"
_MAY_LOOK = permission_required(
    ("messaging.view_message", "messaging.view_inboundmessage"), raise_exception=True
)


@_MAY_LOOK
def listing(request: HttpRequest) -> HttpResponse:
    """Query: `organization`, `q` (a number), `before` (the id of a text)."""
    term = request.GET.get("q", "").strip()
    senders, fault = None, ""
    if term:
        try:
            senders = search.senders(request, term)
        except ValueError as error:
            senders, fault = [], str(error)
    organization = _organization(request.GET.get("organization", ""))
    page = latest.read(
        organization_id=organization.pk if organization else "",
        senders=senders,
        before=_id_or_none(request.GET.get("before", "")),
    )
    return render(
        request,
        "console/conversations.html",
        "Conversations",
        page=page,
        organization=organization,
        term=term,
        fault=fault,
        before=request.GET.get("before", ""),
        looked_at=latest.LOOKED_AT,
    )


@_MAY_LOOK
def page(request: HttpRequest, message_id: str) -> HttpResponse:
    """Query: `before`, the id of a message. htmx gets the fragment that refreshes itself."""
    conversation = thread.find(message_id)
    context = _context(conversation, request.GET.get("before", ""), with_texts=False)
    if "HX-Request" in request.headers:
        return TemplateResponse(request, "console/fragments/conversation.html", context)
    title = f"Conversation with {number_for(conversation.number, request.user)}"
    return render(request, "console/conversation.html", title, **context)


@require_POST
@_MAY_LOOK
def read_texts(request: HttpRequest, message_id: str) -> HttpResponse:
    """The fragment with the texts of the page that is shown, for operators who may read them.
    Audited, with the ids of the first and the last of them."""
    conversation = thread.find(message_id)
    about = {
        "action": TEXTS_READ,
        "organization": conversation.organization,
        "target": conversation.anchor,
    }
    require_permission(request, ADMINISTER, **about)
    context = _context(conversation, request.POST.get("before", ""), with_texts=True)
    said = context["page"].said
    detail = f"{len(said)} texts, {said[0].id} to {said[-1].id}" if said else "no texts"
    perform(lambda: audit.record(by=actor(request), detail=detail, **about))
    return TemplateResponse(request, "console/fragments/conversation.html", context)


def _context(conversation: thread.Conversation, before: str, *, with_texts: bool) -> dict[str, Any]:
    before = _id_or_none(before)
    return {
        "conversation": conversation,
        "opt_outs": thread.opt_outs(conversation),
        "page": thread.page(conversation, before=before, with_texts=with_texts),
        "before": before,
        "with_texts": with_texts,
    }


def _id_or_none(text: str) -> str:
    return text if thread.ID.fullmatch(text) else ""


def _organization(key: str) -> Organization | None:
    return Organization.objects.filter(pk=key).first() if key and "\0" not in key else None
