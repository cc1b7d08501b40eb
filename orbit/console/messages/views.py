"""The part of a message's page that refreshes itself, and the button that shows its text."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from messaging.messages.models import Message
from orbit.accounts.audit import services as audit
from orbit.console.messages.admin import live_context
from orbit.console.pages import get_or_404
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER

TEXT_READ = "message.text_read"


@permission_required("messaging.view_message", raise_exception=True)
def status(request: HttpRequest, message_id: str) -> HttpResponse:
    """The fragment with which the page refreshes itself until the message has ended."""
    return TemplateResponse(request, "console/fragments/message.html", live_context(message_id))


@require_POST
def read_text(request: HttpRequest, message_id: str) -> HttpResponse:
    """The fragment with text and metadata, for operators who may read them. Audited."""
    message = get_or_404(Message.objects.select_related("organization"), message_id)
    about = {"action": TEXT_READ, "organization": message.organization, "target": message.pk}
    require_permission(request, ADMINISTER, **about)
    perform(lambda: audit.record(by=actor(request), **about))
    return TemplateResponse(request, "console/fragments/message_text.html", {"message": message})
