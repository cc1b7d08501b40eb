"""Campaigns: the list, and the page of one with its live progress and its buttons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from messaging.campaigns import actions, warnings
from messaging.campaigns.models import FINISHED, Campaign, CampaignStatus
from messaging.campaigns.progress import COUNTED, NO_MESSAGE, progress
from messaging.campaigns.selectors import lock
from messaging.messages.models import UNFINISHED as UNFINISHED_MESSAGES
from orbit.accounts.models import AuditEvent
from orbit.api.errors import ApiError
from orbit.console.colours import CAMPAIGN_COLOURS, MESSAGE_COLOURS
from orbit.console.long_lists import CreatedFilter, LongListAdmin
from orbit.console.pages import find, render
from orbit.console.permissions import actor, perform, require
from orbit.console.roles import OPERATE

AUDITED = 10  # rows of the audit
# What may be done in which state: (button, label)
BUTTONS = {
    CampaignStatus.DRAFT: [("start", "Start")],
    CampaignStatus.SCHEDULED: [("pause", "Pause"), ("cancel", "Cancel…")],
    CampaignStatus.SENDING: [("pause", "Pause"), ("cancel", "Cancel…")],
    CampaignStatus.PAUSED: [("resume", "Resume"), ("cancel", "Cancel…")],
}


class CampaignCreatedFilter(CreatedFilter):
    prefix = "cmp"

    def usual(self, request: HttpRequest) -> str:
        return self.ANY


@admin.register(Campaign)
class CampaignAdmin(LongListAdmin):
    list_display = [
        "name", "state", "made", "pace", "organisation", "scheduled_at",
        "started_at", "finished_at",
    ]  # fmt: skip
    list_filter = [
        CampaignCreatedFilter,
        "status",
        ("organization", AutocompleteSelectFilter),
    ]
    list_filter_submit = True
    list_select_related = ["organization"]
    parameters = frozenset({"created", "status__exact", "organization__id__exact"})
    search_fields = ["id", "name", "organization__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        return super().get_queryset(request).defer("body", "common_variables", "forgotten")

    @display(description="state", label=CAMPAIGN_COLOURS)
    def state(self, campaign: Campaign) -> str:
        return campaign.status

    @display(description="messages made")
    def made(self, campaign: Campaign) -> SafeString:
        """Of its recipients: the row knows it, so no message is counted for the list."""
        parts = [
            _part(
                "made", campaign.fed, campaign.recipients_total, CAMPAIGN_COLOURS[campaign.status]
            )
        ]
        context = {"parts": parts, "made": campaign.fed, "total": campaign.recipients_total}
        return render_to_string("console/fragments/bar.html", context)

    @display(description="throughput")
    def pace(self, campaign: Campaign) -> str:
        return f"{campaign.throughput}/s" if campaign.throughput else "–"

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        campaign = one(key)
        events = AuditEvent.objects.filter(
            organization_id=campaign.organization_id, target=campaign.pk
        )
        context = {**_live(campaign), "events": events[:AUDITED]}
        return render(request, "console/campaign.html", campaign.name, campaign, **context)


@permission_required("messaging.view_campaign", raise_exception=True)
def live(request: HttpRequest, campaign_id: str) -> HttpResponse:
    """The part of the page that refreshes itself."""
    context = _live(one(campaign_id))
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
    """Say what it would do; with a POST, do it."""
    if request.method == "POST":
        return _act(request, campaign_id, actions.cancel, actions.CANCELLED)
    campaign = _allowed(request, campaign_id, actions.CANCELLED)
    left = campaign.recipients_total - campaign.fed
    context = {
        "form": forms.Form(),
        "button": "Cancel the campaign",
        "back": _address(campaign),
        "warning": f"It ends for good: {left:,} of {campaign.recipients_total:,} recipients have "
        "no message yet and get none, and what waits with us is not sent. What a gateway has by "
        "now still leaves.",
    }
    title = f"Cancel: {campaign.name}"
    return render(request, "console/form.html", title, campaign, **context)


def one(campaign_id: str) -> Campaign:
    """The campaign with its organisation and pool; 404 else."""
    return find(Campaign.objects.select_related("organization", "sender_pool"), campaign_id)


def _act(request: HttpRequest, campaign_id: str, action: actions.Action, name: str) -> HttpResponse:
    campaign = _allowed(request, campaign_id, name)

    def effect() -> Campaign:
        row = lock(organization=campaign.organization, campaign_id=campaign.pk)
        action(by=actor(request), campaign=row)
        return row

    try:
        moved = perform(effect)
        messages.success(request, f"{campaign.name} is {moved.status}.")
    except ApiError as error:
        messages.error(request, error.message)
    return redirect(_address(campaign))


def _allowed(request: HttpRequest, campaign_id: str, action: str) -> Campaign:
    campaign = one(campaign_id)
    about = {"organization": campaign.organization, "target": campaign.pk}
    require(request, OPERATE, action=action, **about)
    return campaign


def _address(campaign: Campaign) -> str:
    return reverse("admin:messaging_campaign_change", args=[quote(campaign.pk)])


def _live(campaign: Campaign) -> dict[str, Any]:
    """Messages by state, each with the list of them, and who has none yet."""
    counts = progress(campaign)
    messageless = campaign.recipients_total - campaign.fed
    over = campaign.status == CampaignStatus.CANCELLED
    counts[NO_MESSAGE if over else "queued"] -= messageless
    listed = f"{reverse('admin:messaging_message_changelist')}?campaign__id__exact={campaign.pk}"
    total = campaign.recipients_total
    parts = [
        _part(status, counts[name], total, MESSAGE_COLOURS[status])
        | {"url": f"{listed}&status__exact={status}"}
        for status, name in COUNTED.items()
    ]
    unfinished = sum(counts[COUNTED[status]] for status in UNFINISHED_MESSAGES)
    return {
        "campaign": campaign,
        "parts": [part for part in parts if part["count"]],
        "messageless": messageless,
        "warnings": warnings.of(campaign),
        "over": over,
        "made": campaign.fed,
        "total": total,
        "listed": listed,
        "forgotten": sum(campaign.forgotten.values()),
        "moves": campaign.status not in FINISHED or unfinished,
        "buttons": [
            (reverse(f"console:{name}_campaign", args=[campaign.pk]), name, label)
            for name, label in BUTTONS.get(campaign.status, ())
        ],
    }


def _part(name: str, count: int, total: int, colour: str) -> dict[str, Any]:
    """A number, and a piece of the bar: `percent` of its width."""
    percent = round(100 * count / total, 2) if total else 0
    return {"state": name.replace("_", " "), "count": count, "percent": percent, "colour": colour}
