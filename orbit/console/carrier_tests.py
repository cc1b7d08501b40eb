"""Test sends: the list, and the page on which steps and PDUs fill in while one runs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from unfold.decorators import display

from messaging.carrier_tests import sweeping
from messaging.carriers.models import CarrierTest
from orbit.accounts.admin import ReadOnlyAdmin
from orbit.console.labels import TEST_COLOURS


@admin.register(CarrierTest)
class CarrierTestAdmin(ReadOnlyAdmin):
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

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            return super().change_view(request, object_id, form_url, extra_context)
        test = _one(object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Test of {test.carrier.name}",
            "opts": self.opts,
            "original": test,
            "test": test,
        }
        return TemplateResponse(request, "console/test.html", context)


@permission_required("messaging.view_carriertest", raise_exception=True)
def progress(request: HttpRequest, test_id: str) -> HttpResponse:
    """What the page refreshes itself with until the test has ended."""
    return TemplateResponse(request, "console/fragments/test.html", {"test": _one(test_id)})


def _one(test_id: str) -> CarrierTest:
    sweeping.end_overdue(CarrierTest.objects.filter(pk=test_id))
    rows = CarrierTest.objects.select_related("carrier__organization").defer("dlr_token")
    return get_object_or_404(rows, pk=test_id)
