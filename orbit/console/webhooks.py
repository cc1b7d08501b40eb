"""Webhooks: the list, and the page of one with its deliveries, each of which can be sent again.

Path and query of a URL often hold a secret: operators with the role Read only see the host alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.contrib.auth.decorators import permission_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.decorators import display

from messaging.messages.models import Message
from messaging.webhooks import services
from messaging.webhooks.models import ALL_EVENTS, Delivery, DeliveryStatus, Webhook
from messaging.webhooks.representation import represent_key
from messaging.webhooks.selectors import SECRETS, deliveries_of
from orbit.accounts.models import AuditEvent
from orbit.console.cells import counted, page_link, roomy, said, spare, two
from orbit.console.long_lists import LongListAdmin, OrganisationFilter
from orbit.console.pages import get_or_404, render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE
from orbit.console.templatetags.console import ago, host, state

ROWS = 25  # of deliveries
AUDITED = 10  # rows of the audit
_SOON = timedelta(seconds=10)  # at most between a message's transition and its event


@admin.register(Webhook)
class WebhookAdmin(LongListAdmin):
    list_display = [
        "address", "works", "why", "last_tried", "wants",
    ]  # fmt: skip
    list_display_links = None
    list_filter = [
        "active",
        ("last_failure_at", admin.EmptyFieldListFilter),
        ("organization", OrganisationFilter),
    ]
    list_filter_submit = True
    list_select_related = ["organization"]
    search_fields = ["id", "description", "organization__id", "organization__name"]
    parameters = frozenset({
        "active__exact", "last_failure_at__isempty", "organization__id__exact",
    })  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        # No page can show what is not loaded.
        return super().get_queryset(request).defer(*SECRETS)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Whole URLs can be searched only by operators who may see them."""
        return [*self.search_fields, *(["url"] if request.user.has_perm(OPERATE) else [])]

    @display(description="webhook, organisation")
    def address(self, webhook: Webhook) -> SafeString:
        return two(page_link(webhook, host(webhook.url)), spare(self.organisation(webhook)))

    @display(description="state")
    def works(self, webhook: Webhook) -> SafeString:
        if not webhook.active:
            return format_html('<span class="oc-label">{}</span>', "switched off")
        tried, worked = webhook.last_failure_at, webhook.last_success_at
        is_failing = tried is not None and (worked is None or worked < tried)
        return state("failed" if is_failing else "ok" if worked else "")

    @display(description="last failure")
    def why(self, webhook: Webhook) -> SafeString:
        if webhook.last_failure_at is None:
            return two("–")
        return two(said(webhook.last_failure), ago(webhook.last_failure_at))

    @display(description="last success")
    def last_tried(self, webhook: Webhook) -> SafeString:
        return roomy(ago(webhook.last_success_at))

    @display(description="events, description")
    def wants(self, webhook: Webhook) -> SafeString:
        is_all = ALL_EVENTS in webhook.events
        wanted = "all events" if is_all else counted(len(webhook.events), "kind")
        return roomy(wanted, webhook.description)

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        webhook = find_webhook(key)
        events = AuditEvent.objects.filter(
            organization_id=webhook.organization_id, target=webhook.pk
        )
        context = {
            **_deliveries_context(request, webhook),
            "signing": represent_key(webhook),
            "events": events[:AUDITED],
        }
        return render(
            request, "console/webhook.html", f"Webhook to {host(webhook.url)}", webhook, **context
        )


@permission_required("messaging.view_webhook", raise_exception=True)
def deliveries(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """The fragment with the deliveries, which refreshes itself."""
    context = _deliveries_context(request, find_webhook(webhook_id))
    return TemplateResponse(request, "console/fragments/webhook_deliveries.html", context)


@require_POST
def redeliver(request: HttpRequest, webhook_id: str, delivery_id: str) -> HttpResponse:
    webhook = find_webhook(webhook_id)
    require_permission(
        request,
        OPERATE,
        action=services.REDELIVERED,
        organization=webhook.organization,
        target=webhook.pk,
    )
    delivery = get_or_404(deliveries_of(webhook), delivery_id)
    again = perform(
        lambda: services.redeliver(by=actor(request), webhook=webhook, delivery=delivery)
    )
    messages.success(request, f"{delivery.event.type} is sent again as {again.pk}.")
    return redirect("admin:messaging_webhook_change", quote(webhook.pk))


def find_webhook(webhook_id: str) -> Webhook:
    """The webhook with its organisation, without secrets. Raises Http404."""
    return get_or_404(Webhook.objects.select_related("organization").defer(*SECRETS), webhook_id)


def deliveries_of_message(message: Message) -> list[Delivery]:
    """The deliveries of events about this message, oldest first."""
    moments = [each for each in (message.sent_at, message.finished_at) if each]
    return deliveries_about(message.organization_id, message.pk, moments)


def deliveries_about(
    organization_id: str, message_id: str, moments: Sequence[datetime]
) -> list[Delivery]:
    """The deliveries of events about a message of either direction, oldest first.

    An event has no key of its message. It is created together with the message's transition, so
    that only events close to the message's `moments` are searched.
    """
    if not moments:
        return []
    near = Q()
    for moment in moments:
        near |= Q(event__created_at__range=(moment - _SOON, moment + _SOON))
    about = Delivery.objects.filter(
        near,
        event__organization=organization_id,
        event__type__startswith="message.",
        event__body__contains=message_id,
    )
    return list(about.select_related("event", "webhook").defer(
        "response_body", *(f"webhook__{each}" for each in SECRETS)
    ).order_by("pk")[:ROWS])  # fmt: skip


def _deliveries_context(request: HttpRequest, webhook: Webhook) -> dict[str, Any]:
    """A page of deliveries, newest first. Query: `status`, and `before`, the id of a delivery."""
    rows = deliveries_of(webhook)
    status = request.GET.get("status", "")
    if status in DeliveryStatus.values:
        rows = rows.filter(status=status)
    before = request.GET.get("before", "")
    if before and "\0" not in before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: ROWS + 1])
    return {
        "webhook": webhook,
        "deliveries": found[:ROWS],
        "older": found[ROWS - 1].pk if len(found) > ROWS else "",
        "states": DeliveryStatus.values,
        "status": status,
        "before": before,
    }
