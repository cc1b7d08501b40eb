"""Test sends: the list, and the page of one, which shows steps and PDUs while it runs."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.decorators import display

from messaging.carrier_tests import recovery
from messaging.carrier_tests.models import CarrierTest
from orbit.console.colours import TEST_COLOURS
from orbit.console.pages import PageAdmin, get_or_404, render


@admin.register(CarrierTest)
class CarrierTestAdmin(PageAdmin):
    list_display = ["created_at", "carrier_name", "outcome", "via", "to", "sender", "why"]
    list_filter = ["status", "via", "created_at"]
    list_select_related = ["carrier"]
    list_per_page = 50
    search_fields = ["id", "carrier__name", "carrier__id", "to"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CarrierTest]:
        return super().get_queryset(request).defer("pdus", "steps", "dlr_token")

    @display(description="carrier", ordering="carrier__name")
    def carrier_name(self, test: CarrierTest) -> str:
        return test.carrier.name

    @display(description="status", ordering="status", label=TEST_COLOURS)
    def outcome(self, test: CarrierTest) -> str:
        return test.status

    @display(description="why")
    def why(self, test: CarrierTest) -> str:
        return test.error

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        test = _find_test(key)
        title = f"Test of {test.carrier.name}"
        return render(request, "console/carrier_test.html", title, test, test=test)


@permission_required("messaging.view_carriertest", raise_exception=True)
def status(request: HttpRequest, test_id: str) -> HttpResponse:
    """The fragment with which the page refreshes itself until the test has ended."""
    return TemplateResponse(
        request, "console/fragments/carrier_test.html", {"test": _find_test(test_id)}
    )


def _find_test(test_id: str) -> CarrierTest:
    rows = CarrierTest.objects.select_related("carrier__organization").defer("dlr_token")
    test = get_or_404(rows, test_id)
    if test.finished_at is None:
        recovery.end_overdue(rows.filter(pk=test_id))
        test.refresh_from_db()
    return test
