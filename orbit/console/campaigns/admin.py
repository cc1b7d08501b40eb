"""Campaigns: the list, and the page of one with its progress."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from messaging.campaigns import warnings
from messaging.campaigns.models import FINISHED, Campaign, CampaignStatus
from messaging.campaigns.progress import COUNTED, NO_MESSAGE, opted_out, progress
from messaging.messages.models import UNFINISHED as UNFINISHED_MESSAGES
from orbit.accounts.models import AuditEvent
from orbit.console.cells import page_link, roomy, spare, two
from orbit.console.colours import CAMPAIGN_COLOURS, MESSAGE_COLOURS
from orbit.console.long_lists import CreatedFilter, LongListAdmin
from orbit.console.pages import get_or_404, render
from orbit.console.templatetags.console import state
from orbit.console.times import when

AUDITED = 10  # rows of the audit
# By state, the actions that are offered: (name of the view, label)
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
        "named", "state", "made", "began",
    ]  # fmt: skip
    list_display_links = None
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

    @display(description="campaign, organisation")
    def named(self, campaign: Campaign) -> SafeString:
        return two(page_link(campaign, campaign.name), spare(self.organisation(campaign)))

    @display(description="state, pace")
    def state(self, campaign: Campaign) -> SafeString:
        pace = f"{campaign.throughput} messages/s" if campaign.throughput else ""
        return two(state(campaign.status), pace)

    @display(description="messages made")
    def made(self, campaign: Campaign) -> SafeString:
        """Messages made, as a bar. The campaign stores their number: no message is counted."""
        parts = [
            _part(
                "made", campaign.fed, campaign.recipients_total, CAMPAIGN_COLOURS[campaign.status]
            )
        ]
        context = {"parts": parts, "made": campaign.fed, "total": campaign.recipients_total}
        return render_to_string("console/fragments/campaign_bar.html", context)

    @display(description="started, finished")
    def began(self, campaign: Campaign) -> SafeString:
        if campaign.started_at:
            return roomy(when(campaign.started_at), when(campaign.finished_at, none=""))
        if campaign.scheduled_at:
            return two("will start", when(campaign.scheduled_at))
        return roomy("not started")

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        campaign = find_campaign(key)
        events = AuditEvent.objects.filter(
            organization_id=campaign.organization_id, target=campaign.pk
        )
        context = {**live_context(campaign), "events": events[:AUDITED]}
        return render(request, "console/campaign.html", campaign.name, campaign, **context)


def find_campaign(campaign_id: str) -> Campaign:
    """The campaign with its organisation and pool. Raises Http404."""
    return get_or_404(Campaign.objects.select_related("organization", "sender_pool"), campaign_id)


def live_context(campaign: Campaign) -> dict[str, Any]:
    """Context of the fragment that refreshes itself: messages by state, each with the address of
    their list, and the number of recipients without a message."""
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
        "opted_out": opted_out([campaign])[campaign.pk] if counts["failed"] else 0,
        "forgotten": sum(campaign.forgotten.values()),
        "moves": campaign.status not in FINISHED or unfinished,
        "buttons": [
            (reverse(f"console:{name}_campaign", args=[campaign.pk]), name, label)
            for name, label in BUTTONS.get(campaign.status, ())
        ],
    }


def _part(name: str, count: int, total: int, colour: str) -> dict[str, Any]:
    """One state: its count, and `percent` of the bar's width."""
    percent = round(100 * count / total, 2) if total else 0
    return {"state": name.replace("_", " "), "count": count, "percent": percent, "colour": colour}
