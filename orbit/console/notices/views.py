"""The button of an incident that silences its kind for some hours."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from messaging.notices import services
from messaging.notices.models import Notice
from orbit.console.pages import get_or_404
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE

HOURS = (1, 8, 24)  # of a silence


@require_POST
def silence(request: HttpRequest, notice_id: str, hours: int) -> HttpResponse:
    if hours not in HOURS:
        raise Http404
    notice = get_or_404(Notice.objects.all(), notice_id)
    organization = services.organization_of(notice)
    require_permission(
        request, OPERATE, action=services.SILENCED, organization=organization, target=notice.kind
    )
    now = timezone.now()
    perform(
        lambda: services.silence(
            by=actor(request),
            start=now,
            end=now + timedelta(hours=hours),
            kind=notice.kind,
            organization=organization,
            why=notice.what,
        )
    )
    messages.success(request, f"No notices of this kind are sent for {hours} h.")
    return redirect("admin:messaging_notice_change", quote(notice.pk))
