"""The accesses as operators may look at them: read-only, without passwords."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from messaging.access.models import Access
from orbit.accounts.admin import ReadOnlyAdmin


@admin.register(Access)
class AccessAdmin(ReadOnlyAdmin):
    list_display = ("organization", "enabled", "max_bindings", "sync_state", "bound_sessions")
    list_filter = ("enabled", "sync_state")
    list_select_related = ("organization",)
    search_fields = ("organization__id", "organization__name", "organization__gateway_key")
    fields = (
        "organization",
        "enabled",
        "max_bindings",
        "throughput",
        "password_set_at",
        "password_revealed_at",
        "sync_state",
        "sync_error",
        "synced_at",
        "bound_sessions",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Access]:
        # What is not loaded can't be shown.
        return super().get_queryset(request).defer("password")
