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
from orbit.console.colours import RUN_COLOURS
from orbit.console.links import link
from orbit.console.long_lists import CreatedFilter, LongListAdmin
from orbit.console.pages import get_or_404, render
from orbit.console.passes.requests import with_owners
from orbit.console.times import both
from reconciler.models import Run
from reconciler.models.runs import ID_PREFIX
from reconciler.push import MOVES

RECENT = 10_000  # passes; their errors are searched
TRIGGERS = ("beat", "push", MOVES, "command", "api", "admin")


class StartedFilter(CreatedFilter):
    title, prefix, column = "started", ID_PREFIX, "started_at"

    def usual(self, request: HttpRequest) -> str:
        return self.ANY


class TriggerFilter(admin.SimpleListFilter):
    """By what started it. Django's own filter would read all rows to find the values."""

    title = "started by"
    parameter_name = "trigger__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(each, each) for each in TRIGGERS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(trigger=self.value()) if self.value() else queryset


@admin.register(Run)
class RunAdmin(LongListAdmin):
    list_display = [
        "started_at", "on_gateway", "trigger", "outcome", "change_count", "drops", "times", "why",
    ]  # fmt: skip
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

    @display(description="gateway")
    def on_gateway(self, run: Run) -> SafeString:
        return link(run.gateway)

    @display(description="state", label=RUN_COLOURS)
    def outcome(self, run: Run) -> str:
        return run.state

    @display(description="changes")
    def change_count(self, run: Run) -> int:
        return run.change_count

    @display(description="binds dropped")
    def drops(self, run: Run) -> int:
        return run.drop_count

    @display(description="error")
    def why(self, run: Run) -> str:
        return run.error

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return super().get_queryset(request).defer("changes")

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        run = get_or_404(Run.objects.select_related("gateway"), key)
        organization = Organization.objects.filter(pk=run.organization_id).first()
        context = {"run": run, "changes": with_owners(run.changes), "organization": organization}
        title = f"Pass of {both(run.started_at)}"
        return render(request, "console/run.html", title, run, **context)
