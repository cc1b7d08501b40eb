"""Platform binds: the list, and the page of one organisation's own bind to the gateway."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.access.models import Access
from messaging.gateway import smpp_address
from orbit.accounts.models import AuditEvent
from orbit.console.cells import page_link, said, spare, two
from orbit.console.pages import PageAdmin, get_or_404, render
from orbit.console.templatetags.console import state
from reconciler.models import Placement

ROWS = 10  # of audit rows


@admin.register(Access)
class AccessAdmin(PageAdmin):
    list_display = ["whose", "sync", "sessions", "why"]
    list_display_links = None
    list_filter = ["enabled", "sync_state"]
    list_select_related = ["organization"]
    list_per_page = 50
    search_fields = ["organization__id", "organization__name", "organization__gateway_key"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Access]:
        # No page can show what is not loaded.
        return super().get_queryset(request).defer("password")

    @display(description="organisation, system_id", ordering="organization__name")
    def whose(self, access: Access) -> SafeString:
        link = page_link(access, access.organization.name)
        return two(link, spare(access.organization.gateway_key))

    @display(description="in Jasmin", ordering="sync_state")
    def sync(self, access: Access) -> SafeString:
        return two(state(access.sync_state), "" if access.enabled else "switched off")

    @display(description="sessions", ordering="bound_sessions")
    def sessions(self, access: Access) -> str:
        return f"{access.bound_sessions} of {access.max_bindings} bound"

    @display(description="why")
    def why(self, access: Access) -> SafeString:
        return said(access.sync_error)

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        """The page of one access; its buttons are in `views`."""
        access = find_access(key)
        events = AuditEvent.objects.filter(
            organization_id=access.pk, target=access.pk, action__startswith="access."
        )
        context = {**live_context(access), "events": events[:ROWS]}
        return render(request, "console/access.html", access.organization.name, access, **context)


def find_access(organization_id: str) -> Access:
    """The access with its organisation, without its password. Raises Http404."""
    return get_or_404(
        Access.objects.select_related("organization").defer("password"), organization_id
    )


def live_context(access: Access) -> dict[str, Any]:
    """Context of the fragment that refreshes itself."""
    placement = Placement.objects.select_related("gateway", "leaving").filter(pk=access.pk)
    return {
        "access": access,
        "address": smpp_address(access.pk),
        "placement": placement.first(),
    }
