"""The button that shows what a text of a phone says, and its octets."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from messaging.inbound.models import InboundMessage, InboundPdu
from orbit.accounts.audit import services as audit
from orbit.console.inbound.admin import PARTS
from orbit.console.messages.views import TEXT_READ
from orbit.console.pages import get_or_404
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER


@require_POST
def read_text(request: HttpRequest, message_id: str) -> HttpResponse:
    """The fragment with the text, for operators who may read it. Audited."""
    text = _read(request, message_id)
    pdus = InboundPdu.objects.filter(message=text.pk).order_by("part", "id")
    context = {"text": text, "pdus": pdus.only("part", "octets", "tlvs")[:PARTS]}
    return TemplateResponse(request, "console/fragments/inbound_text.html", context)


@require_POST
def read_row(request: HttpRequest, message_id: str) -> HttpResponse:
    """The same as a row of a table, without octets."""
    context = {"text": _read(request, message_id)}
    return TemplateResponse(request, "console/fragments/inbound_text_row.html", context)


def _read(request: HttpRequest, message_id: str) -> InboundMessage:
    text = get_or_404(InboundMessage.objects.select_related("organization"), message_id)
    about = {"action": TEXT_READ, "organization": text.organization, "target": text.pk}
    require_permission(request, ADMINISTER, **about)
    perform(lambda: audit.record(by=actor(request), **about))
    return text
