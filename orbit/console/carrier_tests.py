"""Test sends: the list, and the page of one, which shows steps and PDUs while it runs."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.decorators import display

from messaging.carrier_tests import recovery
from messaging.carrier_tests.models import CarrierTest
from messaging.redaction import masked, masked_in
from orbit.console.colours import TEST_COLOURS
from orbit.console.long_lists import shown_to
from orbit.console.pages import PageAdmin, get_or_404, render
from orbit.console.roles import OPERATE
from orbit.db.sealing import is_on


@admin.register(CarrierTest)
class CarrierTestAdmin(PageAdmin):
    list_display = ["created_at", "carrier_name", "outcome", "via", "to", "sender", "why"]
    list_filter = ["status", "via", "created_at"]
    list_select_related = ["carrier"]
    list_per_page = 50
    search_fields = ["id", "carrier__name", "carrier__id"]  # and by number: get_search_results
    in_part = {"to": "to_in_part", "why": "why_in_part"}

    @property
    def search_help_text(self) -> str:
        part = "whole number (numbers are encrypted: no part finds one)" if is_on() else "number"
        return f"An id, a carrier, or the {part} that it went to"

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return shown_to(request.user, self.list_display, self.in_part)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By number only for operators who see them whole; what is encrypted is found as a whole
        alone."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        term = search_term.strip()
        if term and request.user.has_perm(OPERATE):
            numbers = Q(to=f"+{term.lstrip('+')}")
            if not is_on():
                numbers |= Q(to__contains=term)
            found |= queryset.filter(numbers)
        return found, doubled

    @display(description="to")
    def to_in_part(self, test: CarrierTest) -> str:
        return masked(test.to)

    @display(description="why")
    def why_in_part(self, test: CarrierTest) -> str:
        return masked_in(test.error)

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
