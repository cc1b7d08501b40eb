"""Carriers: the list, and the page of one with its position by country and a test send."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.carrier_tests import services
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.carriers.representation import represent, sync_of
from messaging.carriers.selectors import lock
from messaging.credentials.selectors import SECRETS
from messaging.money import as_text
from messaging.pools.models import SenderPool
from messaging.quality import report
from orbit.api.errors import ApiError
from orbit.console.carriers.forms import CarrierTestForm
from orbit.console.cells import page_link, roomy, spare, two
from orbit.console.credentials.admin import status_of
from orbit.console.links import link
from orbit.console.long_lists import OrganisationFilter
from orbit.console.pages import PageAdmin, get_or_404, render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE
from orbit.console.templatetags.console import state
from orbit.console.words import BY_QUALITY

ROWS = 10


@admin.register(Carrier)
class CarrierAdmin(PageAdmin):
    list_display = [
        "named", "bind", "sync", "place", "serves", "credential_name",
    ]  # fmt: skip
    list_display_links = None
    list_filter = [
        "enabled", "credential__status__bind_state", "quality_mode", "currency",
        ("organization", OrganisationFilter),
    ]  # fmt: skip
    list_filter_submit = True
    list_per_page = 50
    search_fields = ["id", "name", "credential__id", "credential__name", "organization__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Carrier]:
        rows = super().get_queryset(request).select_related("organization", "credential__status")
        rows = rows.annotate(access_errors=F("organization__access__carrier_errors"))
        return rows.defer(*(f"credential__{name}" for name in SECRETS))

    @display(description="credential", ordering="credential__name")
    def credential_name(self, carrier: Carrier) -> SafeString:
        return roomy(link(carrier.credential))

    @display(description="carrier, organisation", ordering="name")
    def named(self, carrier: Carrier) -> SafeString:
        return two(page_link(carrier, carrier.name), spare(self.organisation(carrier)))

    @display(description="bind", ordering="credential__status__bind_state")
    def bind(self, carrier: Carrier) -> SafeString:
        label = state(status_of(carrier.credential, "bind_state"))
        return two(label, "" if carrier.enabled else "carrier switched off")

    @display(description="in Jasmin")
    def sync(self, carrier: Carrier) -> SafeString:
        return state(sync_of(carrier, (carrier.access_errors or {}).get(carrier.pk, ""))["state"])

    @display(description="place", ordering="fallback_order")
    def place(self, carrier: Carrier) -> SafeString:
        quality = f"quality {carrier.quality}, {BY_QUALITY[carrier.quality_mode]}"
        return roomy(f"order {carrier.fallback_order}", quality)

    @display(description="countries, rate", ordering="billing_rate")
    def serves(self, carrier: Carrier) -> SafeString:
        few = ", ".join(carrier.countries[:6])
        more = len(carrier.countries) - 6
        rate = f"{as_text(carrier.billing_rate)} {carrier.currency} a segment"
        countries = "every country" if carrier.countries == ["*"] else few
        return two(f"{few} and {more} more" if more > 0 else countries, spare(rate))

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        return show(request, find_carrier(key))


def show(request: HttpRequest, carrier: Carrier) -> HttpResponse:
    """The page. A POST starts a test and redirects to the test's page."""
    form = CarrierTestForm(request.POST or None)
    if request.method == "POST":
        require_permission(
            request,
            OPERATE,
            action=services.TESTED,
            organization=carrier.organization,
            target=carrier.pk,
        )
        if form.is_valid():
            try:
                test = perform(lambda: _start(request, carrier, form))
                return redirect("admin:messaging_carriertest_change", quote(test.pk))
            except ApiError as error:
                form.refuse((error.details or {}).get("field"), error.message)
    tests = carrier.tests.select_related("carrier").defer("pdus", "steps")[:ROWS]
    context = {
        "carrier": carrier,
        "facts": represent(carrier),
        "pools": SenderPool.objects.filter(attachments__carrier=carrier).order_by("name"),
        "form": form,
        "tests": tests,
        "quality": report.of_carrier(carrier, _window(request)),
        "windows": report.WINDOWS,
    }
    return render(request, "console/carrier.html", carrier.name, carrier, **context)


def _window(request: HttpRequest) -> str:
    asked = request.GET.get("window", "")
    return asked if asked in report.WINDOWS else report.QUARTER


def _start(request: HttpRequest, carrier: Carrier, form: CarrierTestForm) -> CarrierTest:
    row = lock(organization=carrier.organization, carrier_id=carrier.pk)
    return services.start(by=actor(request), carrier=row, fields=form.values)


def find_carrier(carrier_id: str) -> Carrier:
    rows = Carrier.objects.select_related("organization", "credential__status")
    return get_or_404(rows.defer(*(f"credential__{name}" for name in SECRETS)), carrier_id)
