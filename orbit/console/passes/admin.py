"""Passes that left a row: the list, and the readable plan of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import display

from orbit.accounts.models import Organization
from orbit.console.cells import counted, page_link, roomy, said, two
from orbit.console.links import link
from orbit.console.long_lists import CreatedFilter, LongListAdmin
from orbit.console.pages import get_or_404, render
from orbit.console.passes.requests import with_owners
from orbit.console.templatetags.console import state
from orbit.console.times import both, when
from orbit.console.words import STARTED_BY
from reconciler.models import Run
from reconciler.models.runs import ID_PREFIX

RECENT = 10_000  # passes; their errors are searched


class StartedFilter(CreatedFilter):
    title, prefix, column = "started", ID_PREFIX, "started_at"

    def usual(self, request: HttpRequest) -> str:
        return self.ANY


class TriggerFilter(admin.SimpleListFilter):
    """By what started it. Django's own filter would read all rows to find the values."""

    title = "started by"
    parameter_name = "trigger__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return STARTED_BY.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(trigger=self.value()) if self.value() else queryset


@admin.register(Run)
class RunAdmin(LongListAdmin):
    list_display = [
        "began", "outcome", "did", "why", "by",
    ]  # fmt: skip
    list_display_links = None
    list_filter = [StartedFilter, "state", "gateway", TriggerFilter]
    list_filter_submit = True
    list_select_related = ["gateway"]
    parameters = frozenset({
        "created", "state__exact", "gateway__id__exact", "trigger__exact",
    })  # fmt: skip
    search_fields = ["id", "organization_id", "error"]  # how: get_search_results
    search_help_text = (
        f"The id of a pass or of an organisation; a part of the error, of the {RECENT:,} newest "
        "passes"
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By ids; by error, which has no index, among recent passes only."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.startswith(f"{ID_PREFIX}_"):
            return queryset.filter(pk=term), False
        if term.startswith("org_"):
            return queryset.filter(organization_id=term), False
        newest = Run.objects.order_by("-pk").values_list("pk", flat=True)
        oldest = newest[RECENT : RECENT + 1].first() or ""
        return queryset.filter(error__icontains=term, pk__gt=oldest), False

    @display(description="started, gateway")
    def began(self, run: Run) -> SafeString:
        return two(page_link(run, when(run.started_at)), link(run.gateway))

    @display(description="state")
    def outcome(self, run: Run) -> SafeString:
        return state(run.state)

    @display(description="changes, binds dropped")
    def did(self, run: Run) -> SafeString:
        dropped = f"{counted(run.drop_count, 'bind')} dropped" if run.drop_count else ""
        return two(counted(run.change_count, "change"), dropped)

    @display(description="error")
    def why(self, run: Run) -> SafeString:
        again = f"{run.times:,} passes in a row failed so" if run.times > 1 else ""
        return two(said(run.error), again)

    @display(description="started by")
    def by(self, run: Run) -> SafeString:
        return roomy(STARTED_BY.get(run.trigger, run.trigger))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return super().get_queryset(request).defer("changes")

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        run = get_or_404(Run.objects.select_related("gateway"), key)
        organization = Organization.objects.filter(pk=run.organization_id).first()
        context = {"run": run, "changes": with_owners(run.changes), "organization": organization}
        title = f"Pass of {both(run.started_at)}"
        return render(request, "console/run.html", title, run, **context)
