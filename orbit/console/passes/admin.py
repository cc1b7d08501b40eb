"""Passes that left a row: the list, and the readable plan of each."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from orbit.accounts.models import Organization
from orbit.console.colours import RUN_COLOURS
from orbit.console.pages import PageAdmin, get_or_404, render
from orbit.console.passes.requests import with_owners
from reconciler.models import Run


@admin.register(Run)
class RunAdmin(PageAdmin):
    list_display = [
        "started_at", "gateway", "trigger", "outcome", "change_count", "drops", "times", "why",
    ]  # fmt: skip
    list_filter = ["state", "gateway", "trigger", "started_at"]
    list_select_related = ["gateway"]
    list_per_page = 50
    search_fields = ["id", "organization_id", "error"]

    @display(description="state", ordering="state", label=RUN_COLOURS)
    def outcome(self, run: Run) -> str:
        return run.state

    @display(description="changes")
    def change_count(self, run: Run) -> int:
        return run.change_count

    @display(description="binds dropped")
    def drops(self, run: Run) -> int:
        return run.drop_count

    @display(description="error", ordering="error")
    def why(self, run: Run) -> str:
        return run.error

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return super().get_queryset(request).defer("changes")

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        run = get_or_404(Run.objects.select_related("gateway"), key)
        organization = Organization.objects.filter(pk=run.organization_id).first()
        context = {"run": run, "changes": with_owners(run.changes), "organization": organization}
        title = f"Pass of {run.started_at:%Y-%m-%d %H:%M:%S} UTC"
        return render(request, "console/run.html", title, run, **context)
