"""The buttons of a campaign's page, and the part of it that refreshes itself."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from messaging.campaigns import actions
from messaging.campaigns.models import Campaign
from messaging.campaigns.selectors import lock
from orbit.api.errors import ApiError
from orbit.console.campaigns.admin import find_campaign, live_context
from orbit.console.pages import render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE


@permission_required("messaging.view_campaign", raise_exception=True)
def status(request: HttpRequest, campaign_id: str) -> HttpResponse:
    """The fragment that refreshes itself."""
    context = live_context(find_campaign(campaign_id))
    return TemplateResponse(request, "console/fragments/campaign.html", context)


@require_POST
def start(request: HttpRequest, campaign_id: str) -> HttpResponse:
    return _act(request, campaign_id, actions.start, actions.STARTED)


@require_POST
def pause(request: HttpRequest, campaign_id: str) -> HttpResponse:
    return _act(request, campaign_id, actions.pause, actions.PAUSED)


@require_POST
def resume(request: HttpRequest, campaign_id: str) -> HttpResponse:
    return _act(request, campaign_id, actions.resume, actions.RESUMED)


def cancel(request: HttpRequest, campaign_id: str) -> HttpResponse:
    """GET: say what it would do. POST: do it."""
    if request.method == "POST":
        return _act(request, campaign_id, actions.cancel, actions.CANCELLED)
    campaign = _find_permitted(request, campaign_id, actions.CANCELLED)
    left = campaign.recipients_total - campaign.fed
    context = {
        "form": forms.Form(),
        "button": "Cancel the campaign",
        "back": _page_of(campaign),
        "warning": f"It ends for good: {left:,} of {campaign.recipients_total:,} recipients have "
        "no message yet and get none, and what waits with us is not sent. What a gateway has by "
        "now still leaves.",
    }
    title = f"Cancel: {campaign.name}"
    return render(request, "console/form.html", title, campaign, **context)


def _act(request: HttpRequest, campaign_id: str, action: actions.Action, name: str) -> HttpResponse:
    campaign = _find_permitted(request, campaign_id, name)

    def effect() -> Campaign:
        row = lock(organization=campaign.organization, campaign_id=campaign.pk)
        action(by=actor(request), campaign=row)
        return row

    try:
        moved = perform(effect)
        messages.success(request, f"{campaign.name} is {moved.status}.")
    except ApiError as error:
        messages.error(request, error.message)
    return redirect(_page_of(campaign))


def _find_permitted(request: HttpRequest, campaign_id: str, action: str) -> Campaign:
    campaign = find_campaign(campaign_id)
    about = {"organization": campaign.organization, "target": campaign.pk}
    require_permission(request, OPERATE, action=action, **about)
    return campaign


def _page_of(campaign: Campaign) -> str:
    return reverse("admin:messaging_campaign_change", args=[quote(campaign.pk)])
