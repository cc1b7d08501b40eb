"""Passes that did something, and the readable plan of each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from unfold.decorators import display

from orbit.accounts.admin import ReadOnlyAdmin
from orbit.accounts.models import Organization
from orbit.console.labels import RUN_COLOURS
from orbit.console.passes import named
from reconciler.models import Run


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = [
        "started_at", "gateway", "trigger", "outcome", "change_count", "drops", "times", "error",
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

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            return super().change_view(request, object_id, form_url, extra_context)
        run = get_object_or_404(Run.objects.select_related("gateway"), pk=object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Pass of {run.started_at:%Y-%m-%d %H:%M:%S} UTC",
            "opts": self.opts,
            "original": run,
            "run": run,
            "changes": named(run.changes),
            "organization": Organization.objects.filter(pk=run.organization_id).first(),
        }
        return TemplateResponse(request, "console/run.html", context)
