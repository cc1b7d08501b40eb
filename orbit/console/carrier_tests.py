"""Test sends: the list, and the page of one, which shows steps and PDUs while it runs."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.carrier_tests import recovery
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.redaction import masked, masked_in
from orbit.console.cells import page_link, said, two, whole
from orbit.console.links import link
from orbit.console.long_lists import CreatedFilter, LongListAdmin
from orbit.console.pages import get_or_404, render
from orbit.console.roles import OPERATE
from orbit.console.templatetags.console import state
from orbit.console.times import when
from orbit.db.sealing import is_on

ID_PREFIX = "ctst"
RECENT = 10_000  # tests; their numbers are searched
MOST_NAMED = 100  # carriers that a search may name


class TestedFilter(CreatedFilter):
    prefix = ID_PREFIX

    def usual(self, request: HttpRequest) -> str:
        return self.ANY


@admin.register(CarrierTest)
class CarrierTestAdmin(LongListAdmin):
    list_display = ["sent", "outcome", "why", "to_whom", "through_carrier"]
    list_display_links = None
    list_filter = [TestedFilter, "status", "via"]
    list_filter_submit = True
    parameters = frozenset({"created", "status__exact", "via__exact"})
    list_select_related = ["carrier"]
    search_fields = ["id", "carrier__name", "to"]  # how: get_search_results
    in_part = {"to_whom": "to_whom_in_part", "why": "why_in_part"}

    @property
    def search_help_text(self) -> str:
        part = "whole number (numbers are encrypted: no part finds one)" if is_on() else "number"
        return f"An id, a carrier, or the {part} that one of the {RECENT:,} newest went to"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By id, or by carrier; if it names none, by number among recent tests: only for operators
        who see numbers whole, and what is encrypted is found as a whole alone."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.startswith(f"{ID_PREFIX}_"):
            return queryset.filter(pk=term), False
        named = Carrier.objects.filter(Q(name__icontains=term) | Q(pk=term))
        if ids := list(named.values_list("pk", flat=True)[:MOST_NAMED]):
            return queryset.filter(carrier__in=ids), False
        if not request.user.has_perm(OPERATE):
            return queryset.none(), False
        numbers = Q(to=f"+{term.lstrip('+')}")
        if not is_on():
            numbers |= Q(to__contains=term)
        newest = CarrierTest.objects.order_by("-pk").values_list("pk", flat=True)
        oldest = newest[RECENT : RECENT + 1].first() or ""
        return queryset.filter(numbers, pk__gt=oldest), False

    @display(description="to, from")
    def to_whom_in_part(self, test: CarrierTest) -> SafeString:
        return two(whole(masked(test.to)), f"from {test.sender}")

    @display(description="why")
    def why_in_part(self, test: CarrierTest) -> SafeString:
        return said(masked_in(test.error))

    def get_queryset(self, request: HttpRequest) -> QuerySet[CarrierTest]:
        return super().get_queryset(request).defer("pdus", "steps", "dlr_token")

    @display(description="carrier")
    def carrier_name(self, test: CarrierTest) -> SafeString:
        return link(test.carrier)

    @display(description="sent")
    def sent(self, test: CarrierTest) -> SafeString:
        return two(page_link(test, when(test.created_at)))

    @display(description="status")
    def outcome(self, test: CarrierTest) -> SafeString:
        return state(test.status)

    @display(description="why")
    def why(self, test: CarrierTest) -> SafeString:
        return said(test.error)

    @display(description="to, from")
    def to_whom(self, test: CarrierTest) -> SafeString:
        return two(whole(test.to), f"from {test.sender}")

    @display(description="carrier, how")
    def through_carrier(self, test: CarrierTest) -> SafeString:
        how = "through the gateway" if test.via == "gateway" else "by a bind of its own"
        return two(self.carrier_name(test), how)

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
