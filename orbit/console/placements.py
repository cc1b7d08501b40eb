"""Organisations on gateways: the list, and the page that moves one."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.decorators import display

from messaging.credentials.models import Credential
from messaging.gateway import push_on_commit
from orbit.accounts.audit import services as audit
from orbit.api.errors import ApiError
from orbit.console.cells import page_link, two
from orbit.console.four_eyes.services import require_second
from orbit.console.links import link
from orbit.console.pages import PageAdmin, get_or_404, render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER
from reconciler import placements
from reconciler.models import Gateway, Placement

MOVED, REGION = "organization.moved", "organization.region"
LONGEST_REGION = Placement._meta.get_field("region").max_length


@admin.register(Placement)
class PlacementAdmin(PageAdmin):
    list_display = ["whose", "lives_on", "where"]
    list_display_links = None
    list_select_related = ["organization", "gateway", "leaving"]
    list_filter = ["gateway", ("leaving", admin.EmptyFieldListFilter)]
    list_per_page = 50
    search_fields = ["organization__name", "organization__id"]

    @display(description="organisation", ordering="organization__name")
    def whose(self, placement: Placement) -> SafeString:
        return two(page_link(placement, placement.organization.name))

    @display(description="gateway", ordering="gateway__name")
    def lives_on(self, placement: Placement) -> SafeString:
        old = placement.leaving
        return two(link(placement.gateway), link(old, f"moving from {old}") if old else "")

    @display(description="region", ordering="region")
    def where(self, placement: Placement) -> str:
        return placement.region or "any region"

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        placement = _find_placement(key)
        gateways = Gateway.objects.defer("jcli_password", "amqp_url")
        context = {
            "placement": placement,
            "credentials": Credential.objects.live().filter(organization=placement.pk).count(),
            "gateways": [
                {"gateway": gateway, "unfit": placements.unfit(gateway)}
                for gateway in gateways.annotate(here=Count("placements"))
            ],
        }
        title = placement.organization.name
        return render(request, "console/placement.html", title, placement, **context)


@require_POST
def move(request: HttpRequest, organization_id: str) -> HttpResponse:
    """Move an organisation: onto the new gateway first, off the old one once the new is in sync."""
    placement = _find_placement(organization_id)
    organization = placement.organization
    about = {"organization": organization, "target": organization.pk}
    require_permission(request, ADMINISTER, action=MOVED, **about)
    gateway = get_or_404(Gateway.objects.all(), request.POST.get("gateway", ""))
    old = placement.gateway

    def effect() -> None:
        require_second(
            by=actor(request), user=request.user, action=MOVED, detail=f"to {gateway}", **about
        )
        placements.move(organization, gateway)
        detail = f"from {old} to {gateway}"
        audit.record(by=actor(request), action=MOVED, detail=detail, **about)
        push_on_commit(organization.pk)

    try:
        perform(effect)
    except placements.Unfit as unfit:
        messages.error(request, f"Not moved: {unfit}.")
    except ApiError as refusal:
        messages.error(request, f"Not moved. {refusal.message}")
    else:
        messages.success(request, f"{organization} moves to {gateway}, and leaves {old} after it.")
    return redirect("admin:reconciler_placement_change", quote(placement.pk))


@require_POST
def set_region(request: HttpRequest, organization_id: str) -> HttpResponse:
    """Say on which gateways the organisation may be placed; it is moved there by a balance."""
    placement = _find_placement(organization_id)
    organization = placement.organization
    about = {"organization": organization, "target": organization.pk}
    require_permission(request, ADMINISTER, action=REGION, **about)
    region = request.POST.get("region", "").strip()
    if "\0" in region or len(region) > LONGEST_REGION:
        messages.error(request, f"A region has up to {LONGEST_REGION} characters.")
    else:

        def effect() -> None:
            Placement.objects.filter(pk=placement.pk).update(region=region)
            audit.record(by=actor(request), action=REGION, detail=region or "any", **about)

        perform(effect)
        messages.success(request, "Saved. The page Fleet moves it there, if it is elsewhere.")
    return redirect("admin:reconciler_placement_change", quote(placement.pk))


def _find_placement(organization_id: str) -> Placement:
    rows = Placement.objects.select_related("organization", "gateway", "leaving")
    return get_or_404(rows, organization_id)
