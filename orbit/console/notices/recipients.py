"""The page of recipients, with their tests, and of silences."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from messaging.notices import services
from messaging.notices.models import NoticeRecipient, NoticeSilence
from orbit.accounts.actors import Actor
from orbit.console.notices.forms import RecipientForm, SilenceForm
from orbit.console.pages import get_or_404, render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE

# By the word in the address: its name in the audit, what it does, what is said of it.
_ORDERS: dict[str, tuple[str, Callable[[NoticeRecipient, Actor], None], str]] = {
    "test": (
        services.TESTED,
        lambda row, by: services.test(by=by, recipient=row),
        "gets a test; what came of it is shown here in a moment.",
    ),
    "remove": (
        services.REMOVED,
        lambda row, by: services.remove(by=by, recipient=row),
        "gets no more notices.",
    ),
}


@permission_required("messaging.view_noticerecipient", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    return _page(request, RecipientForm(), SilenceForm())


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    require_permission(request, OPERATE, action=services.ADDED, organization=None, target="new")
    form = RecipientForm(request.POST)
    if not form.is_valid():
        return _page(request, form, SilenceForm())
    row = perform(lambda: services.add(by=actor(request), **form.cleaned_data))
    messages.success(request, f"{row} gets notices from now on.")
    return redirect("console:recipients_of_notices")


@require_POST
def plan(request: HttpRequest) -> HttpResponse:
    require_permission(request, OPERATE, action=services.SILENCED, organization=None, target="new")
    form = SilenceForm(request.POST)
    if not form.is_valid():
        return _page(request, RecipientForm(), form)
    row = perform(lambda: services.silence(by=actor(request), **form.cleaned_data))
    messages.success(request, f"No notices are sent: {row}.")
    return redirect("console:recipients_of_notices")


@require_POST
def end(request: HttpRequest, silence_id: str) -> HttpResponse:
    row = get_or_404(NoticeSilence.objects.select_related("organization"), silence_id)
    about = {"organization": row.organization, "target": row.kind or "everything"}
    require_permission(request, OPERATE, action=services.ENDED, **about)
    perform(lambda: services.end(by=actor(request), row=row))
    messages.success(request, "The silence has ended: notices are sent again.")
    return redirect("console:recipients_of_notices")


@require_POST
def order(request: HttpRequest, recipient_id: str, name: str) -> HttpResponse:
    if name not in _ORDERS:
        raise Http404
    action, effect, said = _ORDERS[name]
    rows = NoticeRecipient.objects.select_related("organization").defer("url")
    row = get_or_404(rows, recipient_id)
    about = {"organization": row.organization, "target": row.pk}
    require_permission(request, OPERATE, action=action, **about)
    shown = str(row)
    perform(lambda: effect(row, actor(request)))
    messages.success(request, f"{shown} {said}")
    return redirect("console:recipients_of_notices")


def _page(request: HttpRequest, form: RecipientForm, silence: SilenceForm) -> HttpResponse:
    silences = NoticeSilence.objects.filter(end__gt=timezone.now()).select_related("organization")
    return render(
        request,
        "console/notice_recipients.html",
        "Who is told",
        recipients=NoticeRecipient.objects.select_related("organization").defer("url"),
        silences=silences,
        form=form,
        silence=silence,
    )
