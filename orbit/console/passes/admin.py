"""Passes that did something, and the readable plan of each."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from orbit.accounts.models import Organization
from orbit.console.colours import RUN_COLOURS
from orbit.console.pages import PageAdmin, find, render
from orbit.console.passes.requests import named
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
        return len(run.changes)

    @display(description="binds dropped")
    def drops(self, run: Run) -> int:
        return sum(change["drops_bind"] for change in run.changes)

    @display(description="error", ordering="error")
    def why(self, run: Run) -> str:
        # Older passes say it of their changes alone.
        return run.error or next(filter(None, (each.get("error") for each in run.changes)), "")

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        run = find(Run.objects.select_related("gateway"), key)
        organization = Organization.objects.filter(pk=run.organization_id).first()
        context = {"run": run, "changes": named(run.changes), "organization": organization}
        title = f"Pass of {run.started_at:%Y-%m-%d %H:%M:%S} UTC"
        return render(request, "console/run.html", title, run, **context)
